"""Analytics: each table is what its description says, of any lake, on each engine, however it came to be.

What belongs here: the rows of the tables, and what is behind when. What doesn't: the answers to questions and charts.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkify_dagster.building import BuildRequest
from sparkify_dagster.building.analytics import analytics_behind, build_analytics
from sparkify_dagster.checks.check import Scope
from sparkify_dagster.checks.sums import sum_checks
from sparkify_dagster.loading.ledger import utc_now
from sparkify_dagster.questions import questions
from sparkify_dagster.sqlfiles import sql_names
from sparkify_dagster.tables import ANALYTICS_TABLES, MONTHLY_TABLES
from sparkify_dagster_tests.lakes import SONG, event, play
from sparkify_dagster_tests.oracle import Files

from .analytics import QUERIES, Play, Star, Stretch, expected_rows
from .budgets import QUICK, THOROUGH
from .deployment import ALL_MONTHS, Deployment
from .strategies import lakes

NOVEMBER, DECEMBER, JANUARY = "2018-11", "2018-12", "2019-01"
DECEMBER_MS, JANUARY_MS = 1_543_622_400_000, 1_546_300_800_000
ONE_DAY = 86_400_000
MONTHLY = [table for table in ANALYTICS_TABLES if table in MONTHLY_TABLES]


def key(day: str) -> str:
    return f"log_data/{day[:4]}/{day[5:7]}/{day}-events.json"


def star_of(deployment: Deployment) -> Star:
    """The star schema as it is."""
    with deployment.warehouse.reading() as session:
        plays = session.query(f"SELECT {', '.join(Play._fields)} FROM songplays")
        stretches = session.query(f"SELECT {', '.join(Stretch._fields)} FROM user_levels")
        songs = session.query("SELECT song_id, title, artist_id, year FROM songs")
        artists = session.query("SELECT artist_id, name FROM artists")
    return Star(
        [Play(*cast(tuple, row)) for row in plays],
        [Stretch(*cast(tuple, row)) for row in stretches],
        cast(list, songs),
        dict(cast(list, artists)),
    )


def check_analytics(deployment: Deployment) -> None:
    """Holds every table to the model, and looks whether the checks agree that all is well."""
    star = star_of(deployment)
    with deployment.warehouse.reading() as session:
        for table, query in QUERIES.items():
            assert Counter(session.query(query)) == expected_rows(table, star), table
        assert not analytics_behind(session)
        scope = Scope(session, deployment.lake, None, utc_now())
        assert [check.table for check in sum_checks() if not check.find(scope).passed] == []


def check_a_lake(deployment: Deployment, files: Files) -> None:
    deployment.begin_anew()
    deployment.put_all(files)
    deployment.load_and_build_all()
    deployment.refresh()
    check_analytics(deployment)


def check_a_history(deployment: Deployment, before: Files, after: Files, months: list[str]) -> None:
    """Some files, and analytics; then others, of which some months are loaded before the rest; analytics in between."""
    deployment.begin_anew()
    deployment.put_all(before)
    deployment.load_and_build_all()
    deployment.refresh()
    deployment.put_all(after)
    for month in months:
        deployment.load_events((month, month))
        deployment.build_stale()
        deployment.refresh()
        check_analytics(deployment)
    deployment.load_all()
    deployment.build_stale()
    deployment.refresh()
    check_analytics(deployment)


some_months = st.lists(st.sampled_from((NOVEMBER, DECEMBER, JANUARY)), max_size=2, unique=True)


@given(files=lakes())
@settings(QUICK, max_examples=5)
def test_every_table_is_what_its_description_says(on_duckdb: Deployment, files: Files) -> None:
    check_a_lake(on_duckdb, files)


@given(files=lakes())
@settings(QUICK, max_examples=2)
def test_redshift_holds_the_same(on_redshift: Deployment, files: Files) -> None:
    check_a_lake(on_redshift, files)


@given(before=lakes(), after=lakes(), months=some_months)
@settings(QUICK, max_examples=4)
def test_what_comes_later_is_taken_in_whatever_month_it_touches(
    on_duckdb: Deployment, before: Files, after: Files, months: list[str]
) -> None:
    check_a_history(on_duckdb, before, after, months)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@given(before=lakes(), after=lakes(), months=some_months)
@settings(THOROUGH, max_examples=300)
def test_so_it_is_of_many_histories(on_duckdb: Deployment, before: Files, after: Files, months: list[str]) -> None:
    check_a_history(on_duckdb, before, after, months)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@given(before=lakes(), after=lakes(), months=some_months)
@settings(THOROUGH, max_examples=30)
def test_redshift_takes_in_the_same(on_redshift: Deployment, before: Files, after: Files, months: list[str]) -> None:
    check_a_history(on_redshift, before, after, months)


@pytest.fixture
def three_months(on_duckdb: Deployment) -> Deployment:
    """A play in each of three months, by two listeners, with analytics built."""
    on_duckdb.put("song_data/A/A/A/TR1.json", [SONG])
    on_duckdb.put(key("2018-11-01"), [play(0)])
    on_duckdb.put(key("2018-12-01"), [play(0, ts=DECEMBER_MS)])
    on_duckdb.put(key("2019-01-01"), [play(0, ts=JANUARY_MS, userId="8", sessionId=9)])
    on_duckdb.load_and_build_all()
    on_duckdb.refresh()
    return on_duckdb


def test_a_new_day_puts_its_month_behind_and_no_other(three_months: Deployment) -> None:
    three_months.put(key("2019-01-02"), [play(0, ts=JANUARY_MS + ONE_DAY, userId="8", sessionId=10)])
    three_months.load_events((JANUARY, JANUARY))
    three_months.build_all((JANUARY, JANUARY))
    behind = three_months.refresh()
    assert behind.months == {table: {JANUARY} for table in MONTHLY}
    assert behind.tables == {"retention", "subscriptions", "songs_never_played"}
    check_analytics(three_months)


def test_a_repeat_that_moves_a_play_to_another_month_puts_both_behind(three_months: Deployment) -> None:
    # The play of December, in a file of November: the earliest log month keeps it.
    three_months.put(key("2018-11-30"), [play(0, ts=DECEMBER_MS)])
    three_months.load_events((NOVEMBER, NOVEMBER))
    three_months.build_all((NOVEMBER, NOVEMBER))
    behind = three_months.refresh()
    assert set(behind.all_months) == {NOVEMBER, DECEMBER}
    check_analytics(three_months)


def test_a_play_that_comes_late_moves_its_listener_to_an_earlier_cohort(three_months: Deployment) -> None:
    three_months.put(key("2018-11-02"), [play(userId="8", ts=event()["ts"] + ONE_DAY)])
    three_months.load_events((NOVEMBER, NOVEMBER))
    three_months.build_all((NOVEMBER, NOVEMBER))
    three_months.refresh()
    check_analytics(three_months)


def test_nothing_new_leaves_nothing_behind(three_months: Deployment) -> None:
    three_months.load_and_build_all()
    three_months.refresh()
    assert not three_months.behind()


@pytest.mark.parametrize("table", ["plays_by_hour", "subscriptions"])
def test_another_version_of_the_sql_builds_a_table_anew(three_months: Deployment, table: str) -> None:
    with three_months.warehouse.transaction("test") as session:
        session.query(f"UPDATE table_builds SET sql_version = 'former' WHERE table_name = '{table}'")
    behind = three_months.refresh()
    assert {*behind.months, *behind.tables} == {table}
    assert not three_months.behind()


def test_a_rebuild_makes_months_anew_that_are_not_behind(three_months: Deployment) -> None:
    with three_months.warehouse.transaction("test") as session:
        session.query("UPDATE plays_by_month SET plays = 99")
    build_analytics(BuildRequest("plays_by_month", "test", ALL_MONTHS), three_months.warehouse)
    with pytest.raises(AssertionError):
        check_analytics(three_months)
    build_analytics(BuildRequest("plays_by_month", "test", ALL_MONTHS, rebuild=True), three_months.warehouse)
    three_months.refresh()
    check_analytics(three_months)


def test_every_table_has_its_sql() -> None:
    assert sql_names("analytics") == sorted(ANALYTICS_TABLES) == sorted(QUERIES)


AGENTS = {
    '"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0.1985.143 Safari/537.36"': (
        "Windows",
        "Chrome",
    ),
    "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0": ("Windows", "Firefox"),
    '"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit/537.77.4 (KHTML, like Gecko) Version/7.0.5 '
    'Safari/537.77.4"': ("Mac", "Safari"),
    '"Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 '
    'Mobile/11D257 Safari/9537.53"': ("iPhone", "Safari"),
    '"Mozilla/5.0 (iPad; CPU OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) CriOS/36.0.1985.57 '
    'Mobile/11D257 Safari/9537.53"': ("iPad", "Chrome"),
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0)": ("Windows", "Internet Explorer"),
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko": ("Windows", "Internet Explorer"),
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:31.0) Gecko/20100101 Firefox/31.0": ("Linux", "Firefox"),
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36": (
        "Chrome OS",
        "Chrome",
    ),
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Mobile "
    "Safari/537.36": ("Android", "Chrome"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 "
    "Edg/122.0.0.0": ("Windows", "Edge"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36 "
    "OPR/107.0.0.0": ("Windows", "Opera"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/122.0 "
    "Mobile/15E148 Safari/605.1.15": ("iPhone", "Firefox"),
    "curl/8.5.0": ("other", "other"),
}


def test_devices_and_browsers_are_told_by_their_own_words(deployment: Deployment) -> None:
    deployment.put(key("2018-11-01"), [play(number, userAgent=agent) for number, agent in enumerate(AGENTS)])
    deployment.load_and_build_all()
    build_analytics(BuildRequest("plays_by_device", "test", (NOVEMBER, NOVEMBER)), deployment.warehouse)
    with deployment.warehouse.reading() as session:
        found = session.query("SELECT device, browser, plays FROM plays_by_device")
    assert Counter({(device, browser): plays for device, browser, plays in found}) == Counter(AGENTS.values())


def test_both_engines_give_the_same_answers(on_duckdb: Deployment, on_redshift: Deployment) -> None:
    days = [f"2018-11-{day:02}" for day in range(1, 4)]
    files = {
        "song_data/A/A/A/TR1.json": [SONG],
        "song_data/A/A/A/TR2.json": [{**SONG, "song_id": "SO2", "title": "Never heard of", "year": 1999}],
        key("2018-12-01"): [
            play(0, ts=DECEMBER_MS, level="paid"),
            play(1, ts=DECEMBER_MS + 1, userId="8", sessionId=9),
        ],
        **{
            key(day): [
                play(0, ts=event()["ts"] + number * ONE_DAY, sessionId=number, userId=str(number)),
                play(1, ts=event()["ts"] + number * ONE_DAY + 999_000, sessionId=number, userId=str(number))
                | {"song": "?"},
            ]
            for number, day in enumerate(days)
        },
    }
    answers = []
    for deployment in (on_duckdb, on_redshift):
        deployment.put_all(files)
        deployment.load_and_build_all()
        deployment.refresh()
        with deployment.warehouse.reading() as session:
            asked = {name: session.select(question.statement) for name, question in questions().items()}
        answers.append({name: (answer.columns, plain(answer.rows)) for name, answer in asked.items()})
    assert answers[0] == answers[1]
    assert all(rows for _, rows in answers[0].values())


def plain(rows: Sequence[Sequence[Any]]) -> list[tuple[object, ...]]:
    """Rows whose numbers are of Python's own kinds: Redshift adds up integers to decimals."""
    return [tuple(float(value) if isinstance(value, Decimal | int) else value for value in row) for row in rows]
