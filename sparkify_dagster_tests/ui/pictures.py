"""Takes the pictures of the documentation: ``python -m sparkify_dagster_tests.ui.pictures FOLDER``.

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

GRAPHS = {
    "asset-graph": 'group:"lake" or group:"staging" or group:"star"',
    "analytics-graph": 'group:"analytics"',
}
"""The graphs of assets, with what is chosen for each, as the UI's field takes it."""

NAMES = (*GRAPHS, "ui", "dashboard-light", "dashboard-phone")

_SPARKIFY = [sys.executable, "-m", "sparkify_dagster.cli"]


def main(pictures: Path) -> None:
    """Makes the demo and its dashboard, starts `sparkify up` on it, and takes the pictures."""
    executable = find_chromium()
    if executable is None:
        sys.exit("There is no browser on PATH.")
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sparkify-pictures-") as name, chromium(executable) as browser:
        folder = Path(name)
        _run(folder, "demo")
        _run(folder, "dashboard", "--output", "dashboard.html")
        take_dashboard(browser, folder / "dashboard.html", pictures)
        with Server([*_SPARKIFY, "up"], folder, {}, folder / "up.log") as server:
            server.wait_until_up()
            for graph, selection in GRAPHS.items():
                take_graph(browser, server.address, pictures, graph, selection)
            take_ui(browser, server.address, pictures)


def take_dashboard(browser: Browser, file: Path, pictures: Path) -> None:
    """The dashboard on a desk, light, and on a phone, dark."""
    desk = browser.new_page(viewport={"width": 1280, "height": 1240}, color_scheme="light")
    phone = browser.new_page(viewport={"width": 390, "height": 1240}, color_scheme="dark")
    for name, page in {"dashboard-light": desk, "dashboard-phone": phone}.items():
        page.goto(file.as_uri())
        expect(page.locator("svg, canvas").first).to_be_visible()
        # The charts are drawn one after the other.
        page.wait_for_timeout(1_000)
        page.screenshot(path=pictures / f"{name}.png")
        page.close()


def take_graph(browser: Browser, address: str, pictures: Path, name: str, selection: str) -> None:
    """A graph of assets without the rest of its page, which is so large that the graph shows what it can."""
    page = browser.new_page(viewport={"width": 2600, "height": 4000})
    ui = Ui(page, address, pictures)
    ui.open("/asset-groups")
    ui.button("Hide navigation").click()
    ui.choose_assets(selection)
    ui.unfold()
    expect(page.get_by_text("Loading...")).to_have_count(0)
    boxes = [box for node in page.locator("svg foreignObject").all() if (box := node.bounding_box())]
    left, top = min(box["x"] for box in boxes) - MARGIN, min(box["y"] for box in boxes) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    ui.picture(name, {"x": left, "y": top, "width": right - left, "height": bottom - top})
    page.close()


def take_ui(browser: Browser, address: str, pictures: Path) -> None:
    """The page of the fact table."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    ui = Ui(page, address, pictures)
    ui.open("/assets/songplays")
    ui.sees("songplay_id")
    ui.picture("ui")
    page.close()


def _run(folder: Path, *words: str) -> None:
    subprocess.run([*_SPARKIFY, *words], cwd=folder, env=environment(), stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
