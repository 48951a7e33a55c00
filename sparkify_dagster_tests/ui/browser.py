"""Dagster's UI as a person works with it: pages, clicks, what is to be seen, pictures.

What belongs here: how to do one thing in the UI. What doesn't: what a test wants of it.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Locator, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000
"""Milliseconds to wait for what a click leads to."""


def find_chromium() -> str | None:
    """The browser on PATH, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(executable: str) -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


class Ui:
    """The UI in a page of a browser.

    Args:
        page: The page.
        address: Where the UI is.
        pictures: Folder for pictures.
    """

    def __init__(self, page: Page, address: str, pictures: Path) -> None:
        self.page = page
        self._address = address
        self._pictures = pictures
        page.set_default_timeout(PATIENCE)
        # Where the newsletter's dialog is on, it lies over the first page.
        page.add_locator_handler(
            page.get_by_text("Join the Dagster community"),
            lambda _: page.get_by_role("button", name="Skip").click(),
        )

    def open(self, path: str) -> None:
        """Opens a page by its path."""
        self.page.goto(f"{self._address}{path}")

    def picture(self, name: str, part: FloatRect | None = None) -> None:
        """Takes a picture of what is to be seen, or of a part of it."""
        self.page.screenshot(path=self._pictures / f"{name}.png", clip=part)

    def text(self, text: str | re.Pattern[str]) -> Locator:
        """What shows a text, exactly so."""
        return self.page.get_by_text(text, exact=True)

    def sees(self, text: str | re.Pattern[str], seconds: float = PATIENCE / 1000) -> None:
        """Waits until a text is to be seen somewhere."""
        expect(self.text(text).first).to_be_visible(timeout=seconds * 1000)

    def button(self, text: str | re.Pattern[str]) -> Locator:
        """The first button with a text."""
        return self.page.locator("button", has_text=text).first

    def is_drawn(self, canvas: Locator) -> bool:
        """Whether anything is drawn on a canvas, in more than one colour."""
        return canvas.evaluate(
            """canvas => new Set(new Uint32Array(
                canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 1"""
        )

    @contextmanager
    def taller(self, height: int = 2_000) -> Iterator[None]:
        """A window of that height, in pixels, for lists of which only what is to be seen is there."""
        former = self.page.viewport_size
        assert former is not None
        self.page.set_viewport_size({"width": former["width"], "height": height})
        yield
        self.page.set_viewport_size(former)

    def open_graph(self) -> None:
        """Opens the graph of all assets, with all groups unfolded."""
        self.open("/asset-groups")
        self.sees("lake")
        self.unfold()

    def unfold(self) -> None:
        """Unfolds all groups of the graph."""
        self.page.keyboard.press("Alt+KeyE")

    def choose_assets(self, selection: str) -> None:
        """Chooses assets in the graph, as its search field takes them."""
        self.open("/asset-groups")
        field = self.page.locator(".CodeMirror").first
        field.click()
        self.page.keyboard.type(selection)
        self.page.keyboard.press("Enter")
        expect(self.page).to_have_url(re.compile("asset-groups~"))

    def choose_partitions(self, selection: str) -> None:
        """Chooses partitions in the dialog, as its field takes them."""
        field = self.page.get_by_placeholder(re.compile("^ex: "))
        field.fill(selection)
        field.press("Enter")

    def launched(self) -> str:
        """The id, shortened, of the run or backfill that was just launched, as the UI tells it."""
        notice = self.page.get_by_text(re.compile(r"(Launched run|Created backfill) \w{8}")).first
        expect(notice).to_be_visible()
        told = re.search(r"(?:run|backfill) (\w{8})", notice.inner_text())
        assert told is not None
        return told[1]

    def open_launched(self) -> None:
        """Opens the page of the run that was just launched."""
        self.text("View").last.click()
        expect(self.page).to_have_url(re.compile(r"/runs/[\w-]{36}"))

    def groups(self) -> dict[str, str]:
        """The groups of the assets, by asset, as the catalogue shows them."""
        links = self.page.locator("a[href*='/asset-groups~group']")
        expect(links.first).to_be_visible()
        return {str(link.get_attribute("href")).rpartition("/")[2]: link.inner_text() for link in links.all()}

    def switch_sensor(self, name: str, on: bool) -> None:
        """Switches a sensor on or off on the page of the automations."""
        self.open("/automation")
        row = self.page.locator("[data-index]", has=self.page.locator(f'a[href$="/sensors/{name}"]'))
        # The first chooses the row; the second comes later.
        switch = row.locator("label").nth(1)
        expect(switch.locator("input")).to_be_checked(checked=not on)
        switch.click()
        expect(switch.locator("input")).to_be_checked(checked=on)
