"""What the documentation is made with: reference pages from the code, and a site from the pages.

What belongs here: turning descriptions that the code has anyway (DDL, commands, questions, checks) into Markdown and
pictures, and what Sphinx has to be told beyond its settings. What doesn't: texts, which are in the pages.
"""
