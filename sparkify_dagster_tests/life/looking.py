"""Somebody who looks at every page of Dagster's UI: what it is told by the server, and what it shows.

What belongs here: visiting pages, and listening in. What doesn't: what must not be there.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from playwright.sync_api import Error, Page, Request, Response, WebSocket

from sparkify_dagster_tests.ui.browser import chromium

_PATIENCE = 3.0
"""Seconds for a page to have what it asks for; some ask for ever."""

_SETTLED = 300
"""Milliseconds in which a page that has all of it asks for nothing more, and shows it."""

# As a click on a link does it, without loading the whole UI anew.
_GO = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }"

_TOLD = ("application/json", "text/plain", "text/html")


class Visitor:
    """A page of a browser, and all that its server told it.

    Args:
        page: The page, empty.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._asked = 0
        self._responses: list[Response] = []
        self._frames: list[str | bytes] = []
        page.on("request", self._asks)
        page.on("requestfinished", self._has_answer)
        page.on("requestfailed", self._has_answer)
        page.on("response", self._hears)
        page.on("websocket", self._connects)

    def look_at(self, path: str) -> Iterator[tuple[str, bytes]]:
        """Goes to a page; gives what it is told, over HTTP and over websockets, and what it shows."""
        self._page.evaluate(_GO, path)
        self._settle()
        yield f"the page {path}", self._page.content().encode()
        for response in self._responses:
            if response.headers.get("content-type", "").startswith(_TOLD):
                # Of an answer that nobody waited for there is no body.
                with suppress(Error):
                    yield f"an answer to the page {path}", response.body()
        for frame in self._frames:
            yield f"a message to the page {path}", frame.encode() if isinstance(frame, str) else frame
        self._responses.clear()
        self._frames.clear()

    def _settle(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        self._page.wait_for_timeout(_SETTLED)
        while self._asked > 0 and time.monotonic() < deadline:
            self._page.wait_for_timeout(_SETTLED)

    def _asks(self, request: Request) -> None:
        self._asked += 1

    def _has_answer(self, request: Request) -> None:
        self._asked -= 1

    def _hears(self, response: Response) -> None:
        self._responses.append(response)

    def _connects(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._reads)

    def _reads(self, frame: str | bytes) -> None:
        self._frames.append(frame)


def visited(executable: str, address: str, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Opens the UI, and its pages one after the other; gives all that they are told, and what they show."""
    with chromium(executable) as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        visitor = Visitor(page)
        page.goto(address)
        for path in paths:
            yield from visitor.look_at(path)
