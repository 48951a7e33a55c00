"""A running platform with an empty lake, files that are about to arrive in it, and a browser that looks at its UI.

What belongs here: starting and ending both. What doesn't: what is done in the UI.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.simulator import generate_lake
from sparkify_dagster_tests.ui.server import Server

if TYPE_CHECKING:
    from sparkify_dagster_tests.ui.browser import Ui

MONTHS = 4
EVENTS = 4_000
SONGS = 100
USERS = 60


@dataclass(frozen=True, slots=True)
class Platform:
    """A running `sparkify up`.

    Attributes:
        server: Its processes.
        lake: The lake's folder, empty at first.
        warehouse: DuckDB's file.
        arrivals: A whole lake, of files that are still to arrive.
        months: The log months of these files; the last is the current one.
    """

    server: Server
    lake: Path
    warehouse: Path
    arrivals: Path
    months: list[str]


@pytest.fixture(scope="session")
def executable() -> str:
    """The browser."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    from sparkify_dagster_tests.ui.browser import NAMES, find_chromium

    found = find_chromium()
    if found is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)} is on PATH")
    return found


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the UI are kept."""
    named = os.environ.get("SPARKIFY_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """`sparkify up`, in a folder of its own."""
    folder = tmp_path_factory.mktemp("platform")
    lake = folder / "lake"
    for part in ("log_data", "song_data"):
        (lake / part).mkdir(parents=True)
    months = _last_months(MONTHS)
    arrivals = folder / "arrivals"
    generate_lake(arrivals, events=EVENTS, months=MONTHS, songs=SONGS, users=USERS, first_month=months[0], seed=3)
    settings = {"SPARKIFY_LAKE": "lake", "SPARKIFY_FIRST_MONTH": months[0]}
    command = [sys.executable, "-m", "sparkify_dagster.cli", "up"]
    with Server(command, folder, settings, folder / "up.log") as server:
        server.wait_until_up()
        yield Platform(server, lake, folder / ".sparkify" / "warehouse.duckdb", arrivals, months)


@pytest.fixture(scope="module")
def ui(executable: str, platform: Platform, pictures: Path) -> Iterator[Ui]:
    """The platform's UI in a browser."""
    from sparkify_dagster_tests.ui.browser import Ui, chromium

    with chromium(executable) as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        yield Ui(page, platform.server.address, pictures)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test fails, a picture shows what the browser showed."""
    report = yield
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed and "ui" in arguments:
        arguments["ui"].picture(f"failed-{item.name}-{report.when}")
    return report


def _last_months(count: int) -> list[str]:
    """The current month, UTC, and those before it."""
    now = datetime.now(UTC)
    first = now.year * 12 + now.month - count
    return months_between(f"{first // 12:04}-{first % 12 + 1:02}", f"{now:%Y-%m}")
