"""Sphinx's settings for the site of the documentation: ``make docs``.

What belongs here: settings. What doesn't: what is done to pages (``making.site``).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

project = "Sparkify"
author = "The Sparkify authors"
project_copyright = "The Sparkify authors"

extensions = ["myst_parser", "sphinx_copybutton", "docs.making.site"]
exclude_patterns = ["making", "style"]
nitpicky = True

# The slugs of headings as Git hosts make them, so that a link works in both.
myst_heading_anchors = 4

html_theme = "furo"
html_title = "Sparkify"
html_copy_source = False
html_static_path = ["style"]
html_css_files = ["wide.css"]
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
# `$ ` and comments are not part of what is to be typed.
copybutton_prompt_text = "$ "

linkcheck_timeout = 20
linkcheck_retries = 2
linkcheck_ignore = [
    # What runs on the reader's own machine.
    r"https?://(localhost|127\.0\.0\.1)",
    r"https?://[^/]*example\.(com|org)",
]
