"""The page as people see it, in a real browser: what it shows is what SQL says of the plays themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sparkify_dagster.dashboard.descriptions import CHARTS
from sparkify_dagster.dashboard.publishing import publish
from sparkify_dagster.settings import DashboardSettings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.dashboard.conftest import HOSTILE
from sparkify_dagster_tests.dashboard.filled import answer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("dashboard")]

MONTHS = ["2018-08", "2018-09", "2018-10", "2018-11"]
CHOICES = [
    ("2018-08", "2018-10", "all"),
    ("2018-08", "2018-10", "paid"),
    ("2018-09", "2018-10", "free"),
    ("2018-08", "2018-09", "all"),
    ("2018-10", "2018-10", "paid"),
    ("2018-09", "2018-09", "free"),
]
"""Months and levels; what is on top for any choice, ``test_ranking`` shows."""

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@dataclass
class Opened:
    """The dashboard in a browser.

    Attributes:
        page: The browser's page.
        told: What the console said, and what went wrong.
        requests: The addresses that it asked for.
    """

    page: Page
    told: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def choose(self, first: str, last: str, level: str = "all") -> None:
        """Chooses months and level, as people do."""
        self.page.get_by_label("To", exact=True).select_option(last)
        self.page.get_by_label("From", exact=True).select_option(first)
        self.page.get_by_label(level, exact=True).check(force=True)
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready=true]")

    def figure(self, name: str) -> str:
        """A key figure."""
        return self.page.locator(f"#figure-{name} .number").inner_text()

    def compared(self, name: str) -> str:
        """What a key figure is compared with."""
        return self.page.locator(f"#figure-{name} .compared").inner_text()

    def table(self, chart: str) -> list[list[str]]:
        """The table of a chart, without its head."""
        rows = "table => [...table.rows].slice(1).map(row => [...row.cells].map(cell => cell.textContent))"
        return self.page.locator(f"#chart-{chart} table.of-chart").evaluate(rows)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    pytest.importorskip("playwright", reason="playwright is not installed")
    from sparkify_dagster_tests.ui.browser import NAMES, chromium, find_chromium

    executable = find_chromium()
    if executable is None:
        pytest.skip(f"there is no browser: none of {', '.join(NAMES)} is on PATH")
    with chromium(executable) as running:
        yield running


@pytest.fixture(scope="module")
def address(filled: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("page") / "dashboard.html"
    publish(filled, DashboardSettings(str(place), None))
    return place.as_uri()


@pytest.fixture(scope="module")
def dashboard(browser: Browser, address: str) -> Opened:
    page = browser.new_page(viewport=DESK, color_scheme="light")  # pyright: ignore[reportArgumentType]
    opened = Opened(page)
    page.on("console", lambda message: opened.told.append(message.text))
    page.on("pageerror", lambda error: opened.told.append(str(error)))
    page.on("request", lambda request: opened.requests.append(request.url))
    page.goto(address)
    opened.ready()
    return opened


def _count(filled: DuckDBWarehouse, what: str, first: str, last: str, level: str = "all") -> int:
    ((number,),) = answer(filled, f"SELECT {what} FROM songplays WHERE {_chosen(first, last, level)}")
    return int(number)


def _chosen(first: str, last: str, level: str) -> str:
    months = f"log_month BETWEEN '{first}-01' AND '{last}-01'"
    return months if level == "all" else f"{months} AND level = '{level}'"


def _top(filled: DuckDBWarehouse, key: str, label: str, where: str) -> list[list[str]]:
    """The ten most played things, as the page shows them: what shares its name with others has its key beside it."""
    query = (
        f"SELECT {key}, {label}, {{plays}} FROM songplays AS p "
        "LEFT JOIN songs AS s ON p.song_id = s.song_id LEFT JOIN artists AS a ON p.artist_id = a.artist_id "
        f"WHERE {key} IS NOT NULL AND ({{where}}) GROUP BY 1, 2"
    )
    names = Counter(name for _, name, _ in answer(filled, query.format(plays="1", where="1 = 1")))
    plays = [
        (-number, name if names[name] == 1 else f"{name} ({key})")
        for key, name, number in answer(filled, query.format(plays="COUNT(*)", where=where))
    ]
    shown = [(name.replace("\n", " – "), f"{-number:,}") for number, name in sorted(plays)[:10]]
    return [[str(rank), *row] for rank, row in enumerate(shown, start=1)]


def test_every_question_has_its_chart(dashboard: Opened) -> None:
    dashboard.choose("2018-08", "2018-10")

    for chart in CHARTS:
        card = dashboard.page.locator(f"#chart-{chart.name}")
        assert card.locator("h2").inner_text() == chart.question
        assert card.locator("svg .mark-rect path, svg .mark-line path").count() > 0, chart.name
        assert card.locator(".chart").get_attribute("aria-label") == f"{chart.question} {chart.note}"
        assert dashboard.table(chart.name), chart.name
        assert not card.locator(".nothing").is_visible()


def test_key_figures_are_those_of_the_months_and_the_level_chosen(dashboard: Opened, filled: DuckDBWarehouse) -> None:
    for first, last, level in CHOICES:
        dashboard.choose(first, last, level)

        plays = _count(filled, "COUNT(*)", first, last, level)
        assert dashboard.figure("plays") == f"{plays:,}"
        assert dashboard.figure("listeners") == f"{_count(filled, 'COUNT(DISTINCT user_id)', last, last, level):,}"
        sessions = sum(
            _count(filled, "COUNT(DISTINCT session_id)", month, month, level)
            for month in MONTHS
            if first <= month <= last
        )
        assert dashboard.figure("sessions") == f"{sessions:,}"
        assert dashboard.figure("known") == f"{_count(filled, 'COUNT(song_id)', first, last, level) / plays:.1%}"


def test_what_is_on_top_is_so_for_the_months_and_the_level_chosen(dashboard: Opened, filled: DuckDBWarehouse) -> None:
    for first, last, level in CHOICES:
        dashboard.choose(first, last, level)

        where = _chosen(first, last, level).replace("level", "p.level")
        assert dashboard.table("top_songs") == _top(filled, "p.song_id", "s.title || CHR(10) || a.name", where)
        assert dashboard.table("top_artists") == _top(filled, "p.artist_id", "a.name", where)
        assert dashboard.table("top_places") == _top(filled, "p.location", "p.location", where)


def test_charts_sum_over_the_months_chosen(dashboard: Opened, filled: DuckDBWarehouse) -> None:
    dashboard.choose("2018-09", "2018-10", "paid")

    where = _chosen("2018-09", "2018-10", "paid")
    plays = _count(filled, "COUNT(*)", "2018-09", "2018-10", "paid")
    by_hour = answer(
        filled,
        f"SELECT DATE_PART(dow, start_time), DATE_PART(hour, start_time), COUNT(*) FROM songplays WHERE {where} "
        "GROUP BY 1, 2",
    )
    names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    shown = {(day, time): number for day, time, number in dashboard.table("plays_by_weekday_and_hour") if number != "0"}
    assert shown == {(names[int(day)], f"{int(hour):02}:00"): f"{number:,}" for day, hour, number in by_hour}
    assert sum(int(row[2].replace(",", "")) for row in dashboard.table("devices")) == plays
    assert [row[:2] for row in dashboard.table("plays_by_month")] == [["Sep 2018", "paid"], ["Oct 2018", "paid"]]


def test_listeners_are_counted_by_day_week_or_month_and_never_summed(
    dashboard: Opened, filled: DuckDBWarehouse
) -> None:
    from playwright.sync_api import expect

    dashboard.choose("2018-08", "2018-10")
    for period in ("week", "month", "day"):
        dashboard.page.locator("#chart-listeners").get_by_label(period, exact=True).check()
        rows = answer(
            filled,
            f"SELECT CAST(DATE_TRUNC('{period}', start_time) AS DATE), COUNT(DISTINCT user_id) FROM songplays "
            "GROUP BY 1 ORDER BY 1",
        )
        # The last week goes on beyond the last day, 1 November, and is left out.
        end = "2018-10-29" if period == "week" else "2018-11"
        expected = [[str(day), "listeners", f"{number:,}"] for day, number in rows if "2018-08" <= str(day) < end]
        first = dashboard.page.locator("#chart-listeners table.of-chart tr").nth(1).locator("td").nth(1)
        expect(first).to_have_text({"day": expected[0][0], "week": "2018-08-12", "month": "2018-08-31"}[period])
        rows_shown = [[begin, what, number] for begin, _, what, number in dashboard.table("listeners")]
        shown = [row for row in rows_shown if row[1] == "listeners" and row[2] != "0"]
        assert sorted(shown) == expected


def test_a_month_is_compared_with_the_one_before_it_once_it_is_over(dashboard: Opened, filled: DuckDBWarehouse) -> None:
    dashboard.choose("2018-10", "2018-10")
    now, before = (_count(filled, "COUNT(*)", month, month) for month in ("2018-10", "2018-09"))

    assert dashboard.compared("plays") == f"{now / before - 1:+.1%} on Sep 2018"

    dashboard.choose("2018-11", "2018-11")
    assert dashboard.compared("plays") == "Not compared: Nov 2018 has plays until 2018-11-01"


def test_where_nothing_was_played_a_sentence_says_so(dashboard: Opened) -> None:
    dashboard.choose("2018-11", "2018-11", "paid")

    assert dashboard.figure("plays") == "0"
    for name in ("plays_by_month", "listeners", "top_songs", "plays_by_weekday_and_hour", "session_lengths", "devices"):
        card = dashboard.page.locator(f"#chart-{name}")
        assert card.locator(".nothing").is_visible(), name
        assert not card.locator("svg").is_visible()
    assert dashboard.page.locator("#chart-subscriptions svg").is_visible()


def test_songs_that_nobody_played_are_counted_and_named(dashboard: Opened, filled: DuckDBWarehouse) -> None:
    ((songs, never),) = answer(
        filled,
        "SELECT COUNT(DISTINCT s.song_id), COUNT(DISTINCT s.song_id) - COUNT(DISTINCT p.song_id) FROM songs AS s "
        "LEFT JOIN songplays AS p ON s.song_id = p.song_id",
    )

    told = dashboard.page.locator("#chart-songs_never_played").inner_text()

    assert f"{never} of {songs} songs ({never / songs:.1%}) were never played." in told
    assert "Silence" in told


def test_hostile_names_stay_text(dashboard: Opened) -> None:
    dashboard.choose("2018-11", "2018-11")

    assert dashboard.table("top_songs") == [["1", f"{HOSTILE} – {HOSTILE}", "3"]]
    assert dashboard.table("top_places") == [["1", HOSTILE, "3"]]
    dashboard.page.locator("#chart-top_songs svg .mark-rect path").first.hover()
    dashboard.page.locator("#vg-tooltip-element.visible").wait_for()
    assert dashboard.page.evaluate("window.attacked") is None
    assert dashboard.page.locator("img").count() == 0


def test_an_address_names_what_is_chosen(dashboard: Opened, browser: Browser) -> None:
    dashboard.choose("2018-09", "2018-10", "paid")

    page = browser.new_page()
    page.goto(dashboard.page.url)
    again = Opened(page)
    again.ready()
    assert page.locator("#chosen").inner_text() == "Shown: Sep 2018 to Oct 2018, level paid."
    assert again.figure("plays") == dashboard.figure("plays")
    page.close()


def test_filters_work_from_the_keyboard(dashboard: Opened) -> None:
    dashboard.choose("2018-08", "2018-08")
    dashboard.page.get_by_label("all", exact=True).focus()

    dashboard.page.keyboard.press("ArrowRight")
    dashboard.ready()

    assert dashboard.page.locator("#chosen").inner_text() == "Shown: Aug 2018, level free."


def test_a_phone_shows_it_in_the_dark_without_scrolling_sideways(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme="dark")  # pyright: ignore[reportArgumentType]
    page.goto(address)
    Opened(page).ready()
    back = "getComputedStyle(document.body).backgroundColor"

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    charts = page.locator(".chart").evaluate_all("all => all.map(one => [one.scrollWidth, one.clientWidth])")
    assert [(needed, there) for needed, there in charts if needed > there] == []
    assert _lightness(page.evaluate(back)) < 60
    page.get_by_role("button", name="Show in light colours").click()
    assert _lightness(page.evaluate(back)) > 200
    page.emulate_media(media="print", color_scheme="dark")
    assert _lightness(page.evaluate(back)) == 255
    page.close()


def _lightness(colour: str) -> float:
    parts: list[Any] = re.findall(r"\d+", colour)[:3]
    return sum(map(int, parts)) / 3


# The last of the module: it looks at all that was done above.
def test_nothing_went_wrong_and_nothing_was_asked_of_the_network(dashboard: Opened, address: str) -> None:
    assert dashboard.told == []
    assert [url for url in dashboard.requests if not url.startswith("data:")] == [address]


def test_the_file_is_not_large_and_names_no_folder(address: str, filled: DuckDBWarehouse) -> None:
    text = Path(address.removeprefix("file://")).read_text(encoding="utf-8")

    assert len(text) < 1_200_000
    assert str(Path(filled.location).parent) not in text
