"""Takes the README's pictures: ``python -m sparkify_dagster_tests.ui.pictures FOLDER``.

What belongs here: what they show. What doesn't: how the UI is worked with.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from sparkify_dagster_tests.ui.browser import Ui, chromium, find_chromium
from sparkify_dagster_tests.ui.server import Server, environment

MARGIN = 16
"""Pixels around the graph."""

_SPARKIFY = [sys.executable, "-m", "sparkify_dagster.cli"]


def main(pictures: Path) -> None:
    """Makes the demo, starts `sparkify up` on it, and takes the pictures."""
    executable = find_chromium()
    if executable is None:
        sys.exit("There is no browser on PATH.")
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sparkify-pictures-") as name:
        folder = Path(name)
        subprocess.run([*_SPARKIFY, "demo"], cwd=folder, env=environment(), stdout=subprocess.DEVNULL, check=True)
        with Server([*_SPARKIFY, "up"], folder, {}, folder / "up.log") as server, chromium(executable) as browser:
            server.wait_until_up()
            take_asset_graph(browser, server.address, pictures)
            take_ui(browser, server.address, pictures)


def take_asset_graph(browser: Browser, address: str, pictures: Path) -> None:
    """The graph of all assets without the rest of its page, which is so large that the graph shows what it can."""
    page = browser.new_page(viewport={"width": 1950, "height": 1400})
    ui = Ui(page, address, pictures)
    ui.open("/asset-groups")
    ui.button("Hide navigation").click()
    ui.open_graph()
    ui.sees("4 partitions")
    expect(page.get_by_text("Loading...")).to_have_count(0)
    boxes = [box for node in page.locator("svg foreignObject").all() if (box := node.bounding_box())]
    left, top = min(box["x"] for box in boxes) - MARGIN, min(box["y"] for box in boxes) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    ui.picture("asset-graph", {"x": left, "y": top, "width": right - left, "height": bottom - top})


def take_ui(browser: Browser, address: str, pictures: Path) -> None:
    """The page of the fact table."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    ui = Ui(page, address, pictures)
    ui.open("/assets/songplays")
    ui.sees("songplay_id")
    ui.picture("ui")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
