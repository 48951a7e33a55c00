"""What a data engineer does in the UI, in a real browser: GraphQL is asked only to wait and to verify.

The steps build on each other: each is a fixture that does it once, so that any of the tests can be run alone.
"""

from __future__ import annotations

import re
import shutil
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psutil
import pytest
import requests

from sparkify_dagster.tables import ANALYTICS_TABLES, LAKE_TABLES, STAR_TABLES, catalog
from sparkify_dagster_tests.ui.conftest import EVENTS, SONGS, Platform
from sparkify_dagster_tests.ui.server import wait_for

if TYPE_CHECKING:
    from sparkify_dagster_tests.ui.browser import Ui

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("ui")]

GROUPS = {
    "lake": ("log_data", "song_data"),
    "staging": LAKE_TABLES,
    "star": STAR_TABLES,
    "analytics": (*ANALYTICS_TABLES, "dashboard", "monthly_report"),
}
SENSORS = {"new_logs", "new_songs", "stale_analytics"}
SCHEDULES = {"nightly_reconciliation": "03:30", "nightly_analytics": "04:00", "monthly_report": "06:00"}
BAD_RECORD = '{"page": "NextSong", "ts": "yesterday"}'

_SENSORS = """
{ repositoriesOrError { ... on RepositoryConnection { nodes { sensors {
    name sensorState { status ticks(limit: 1) { status skipReason } }
} } } } }
"""
_SCHEDULES = (
    "{ repositoriesOrError { ... on RepositoryConnection { nodes { schedules { name scheduleState { status } } } } } }"
)
_BACKFILL = """
query Backfill($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }
"""
_LINEAGE = """
query Lineage($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode { metadataEntries {
    ... on TableColumnLineageMetadataEntry { lineage { columnName columnDeps { assetKey { path } columnName } } }
} } } }
"""


@dataclass(frozen=True, slots=True)
class Lake:
    """The lake, once its files are there.

    Attributes:
        held_back: A day file of the last month that is still to arrive, in the folder of arrivals.
        arrives_at: Where it will arrive.
    """

    held_back: Path
    arrives_at: Path


@pytest.fixture(scope="module")
def ticked(platform: Platform) -> list[str]:
    """What the sensors said when they came up, of a lake without files."""

    def reasons() -> list[str] | None:
        states = _sensor_states(platform)
        done = [tick for state in states.values() for tick in state["ticks"] if tick["status"] == "SKIPPED"]
        return [tick["skipReason"] for tick in done] if len(done) == len(SENSORS) else None

    return wait_for("the first ticks of all sensors", reasons, seconds=60)


@pytest.fixture(scope="module")
def lake(ui: Ui, platform: Platform, ticked: list[str]) -> Lake:
    """The lake with all files but one; the sensors are switched off, so that they leave them to people."""
    for sensor in SENSORS:
        ui.switch_sensor(sensor, on=False)
    ui.picture("02-sensors-off")
    folder = platform.arrivals / "log_data" / platform.months[-1].replace("-", "/")
    held_back = max(folder.iterdir())
    inside = held_back.relative_to(platform.arrivals)
    shutil.copytree(
        platform.arrivals,
        platform.lake,
        ignore=lambda _, names: {held_back.name} & set(names),
        dirs_exist_ok=True,
    )
    return Lake(held_back, platform.lake / inside)


@pytest.fixture(scope="module")
def songs_run(ui: Ui, lake: Lake) -> str:
    """The id of a run of what the song files lead to, launched from the graph, when it has ended."""
    ui.choose_assets('key:"staging_songs" or key:"songs" or key:"artists"')
    ui.button("Materialize all").click()
    launched = ui.launched()
    ui.open_launched()
    ui.sees("Success", seconds=60)
    ui.picture("03-songs-run")
    return launched


@pytest.fixture(scope="module")
def backfill(ui: Ui, platform: Platform, songs_run: str) -> str:
    """The id of a backfill of the first three months, of the events and all that follows from them."""
    ui.choose_assets('key:"staging_events"+ and not group:"analytics"')
    ui.button("Materialize all").click()
    ui.choose_partitions(f"[{platform.months[0]}...{platform.months[-2]}]")
    ui.sees("3 partitions")
    ui.picture("04-backfill-dialog")
    ui.button("Launch backfill").click()
    launched = ui.launched()
    ui.picture("04-backfill-launched")
    return launched


@pytest.fixture(scope="module")
def at_once(ui: Ui, platform: Platform, backfill: str) -> list[str]:
    """The ids of two runs that were launched while the warehouse was taken, when they have ended."""
    with _taken(platform.warehouse):
        launched = [_launch_last_month(ui), _launch(ui, "songs")]
        wait_for("one run to begin", lambda: _statuses(platform).get("STARTED") == 1, seconds=60)
        ui.open("/runs")
        ui.sees("Started")
        ui.sees("Queued")
        ui.picture("05-runs-wait")
        assert _statuses(platform)["QUEUED"] >= 1
    wait_for(
        "the end of all of them",
        lambda: all(platform.server.run(run)["endTime"] for run in launched),
        seconds=90,
    )
    return launched


@pytest.fixture(scope="module")
def sensor_run(ui: Ui, platform: Platform, lake: Lake, backfilled: list[dict[str, Any]]) -> str:
    """The id of the run that the log sensor asked for when a day arrived, with one bad record in it."""
    before = {run["runId"] for run in platform.server.runs()}
    arriving = lake.arrives_at.with_suffix(".part")
    arriving.write_text(lake.held_back.read_text(encoding="utf-8") + BAD_RECORD + "\n", encoding="utf-8")
    arriving.rename(lake.arrives_at)
    # Not before: it asks at once for what the backfill has not built yet, and would take along what is there by then.
    for sensor in SENSORS:
        ui.switch_sensor(sensor, on=True)

    def found() -> str | None:
        runs = [run for run in platform.server.runs() if run["runId"] not in before and run["jobName"] == "load_logs"]
        return next((run["runId"] for run in runs if run["endTime"]), None)

    return wait_for("the run of the log sensor", found, seconds=200)


@pytest.fixture(scope="module")
def backfilled(platform: Platform, backfill: str) -> list[dict[str, Any]]:
    """The runs of the backfill that load events, when they have ended."""

    def found() -> list[dict[str, Any]] | None:
        runs = [run for run in _runs_of_backfill(platform, backfill) if "staging_events" in run["assets"]]
        return runs if runs and all(run["endTime"] for run in runs) else None

    return wait_for("the backfill's runs", found, seconds=120)


def test_every_asset_is_shown_in_its_group(ui: Ui) -> None:
    ui.open_graph()
    for group in GROUPS:
        ui.sees(group)
    ui.picture("01-asset-graph")

    # Only rows that are to be seen are there.
    with ui.taller():
        ui.open("/assets")
        assert ui.groups() == {asset: group for group, assets in GROUPS.items() for asset in assets}


def test_the_sensors_are_on_and_ask_for_nothing_where_the_lake_is_empty(ticked: list[str]) -> None:
    assert {"All that the lake holds is loaded.", "Nothing is new in 0 months."}.intersection(ticked)


def test_the_songs_are_materialized_from_the_graph(ui: Ui, platform: Platform, songs_run: str) -> None:
    run = platform.server.run(songs_run)

    assert (run["status"], run["assets"]) == ("SUCCESS", {"staging_songs", "songs", "artists"})
    ui.open("/assets/songs")
    ui.sees("Row count")
    ui.sees(str(SONGS))


@pytest.mark.slow
def test_runs_launched_at_once_wait_for_each_other_and_all_succeed(platform: Platform, at_once: list[str]) -> None:
    runs = sorted((platform.server.run(run) for run in at_once), key=lambda run: run["startTime"])

    assert [run["status"] for run in runs] == ["SUCCESS"] * 2
    assert all(former["endTime"] <= later["startTime"] for former, later in pairwise(runs))


def test_a_range_of_months_is_backfilled_in_one_run(platform: Platform, backfilled: list[dict[str, Any]]) -> None:
    (run,) = backfilled

    assert run["status"] == "SUCCESS"
    assert run["assets"] == {"staging_events", "songplays", "time"}
    assert run["tags"]["dagster/asset_partition_range_start"] == platform.months[0]
    assert run["tags"]["dagster/asset_partition_range_end"] == platform.months[-2]


def test_a_day_that_arrives_is_loaded_by_the_sensor(ui: Ui, platform: Platform, lake: Lake, sensor_run: str) -> None:
    run = platform.server.run(sensor_run)

    assert run["status"] == "SUCCESS"
    assert run["tags"]["dagster/sensor_name"] == "new_logs"
    assert run["tags"]["dagster/partition"] == platform.months[-1]
    ui.open(f"/runs/{run['runId']}")
    ui.sees('Finished execution of run for "load_logs".')
    ui.picture("06-sensor-run")
    ui.open("/assets/staging_events")
    ui.sees(f"{EVENTS:,}")
    ui.picture("06-rows-of-the-new-day")


def test_the_backfill_completes(ui: Ui, platform: Platform, backfill: str, sensor_run: str) -> None:
    def status() -> str | None:
        found = platform.server.ask(_BACKFILL, id=backfill)["partitionBackfillOrError"]["status"]
        return found if found != "REQUESTED" else None

    assert wait_for("the end of the backfill", status, seconds=120) == "COMPLETED_SUCCESS"
    assets = {asset for run in _runs_of_backfill(platform, backfill) for asset in run["assets"]}
    assert assets == {"staging_events", "songplays", "time", "users", "user_levels"}
    ui.open(f"/runs/b/{backfill}")
    ui.sees("Succeeded")
    assert ui.text("100% completed").count() == len(assets)
    ui.picture("07-backfill-complete")


def test_the_page_of_an_asset_shows_columns_comments_rows_and_checks(ui: Ui, sensor_run: str) -> None:
    ui.open("/assets/songplays")
    ui.sees("Row count")
    ui.sees(re.compile(r"^[1-9][\d,]+$"))
    for column in catalog()["songplays"].columns:
        ui.sees(column.name)
        ui.sees(re.compile(re.escape(column.description)))
    ui.picture("08-asset")
    ui.open("/assets/songplays?view=checks")
    ui.sees("plays_match_events")
    ui.sees("reference_start_time")
    ui.picture("08-checks")


def test_the_lineage_of_an_asset_and_of_its_columns_is_known(ui: Ui, platform: Platform, sensor_run: str) -> None:
    ui.open("/assets/songplays?view=lineage")
    for asset in ("staging_events", "staging_songs", "songplays", "time"):
        ui.sees(asset)
    ui.picture("09-lineage")

    # The free UI draws no lineage of columns; it is there for what reads it over GraphQL.
    entries = platform.server.ask(_LINEAGE, key={"path": ["songplays"]})["assetNodeOrError"]["metadataEntries"]
    (lineage,) = [entry["lineage"] for entry in entries if entry]
    sources = {
        column["columnName"]: [(*source["assetKey"]["path"], source["columnName"]) for source in column["columnDeps"]]
        for column in lineage
    }
    assert sources["start_time"] == [("staging_events", "ts")]


def test_columns_are_followed_by_clicks_from_the_star_to_a_key_of_the_json(ui: Ui) -> None:
    ui.open("/assets/time")
    for link in ("songplays.start_time", "staging_events.ts", "log_data.ts"):
        ui.text(link).first.click()
        ui.sees(link.partition(".")[0])
    ui.sees(re.compile("^When the event happened, UTC, to the millisecond"))


def test_shares_are_plotted_and_freshness_is_shown(ui: Ui, sensor_run: str) -> None:
    for asset, share in (("staging_events", "rejected_share"), ("songplays", "known_song_share")):
        ui.open(f"/assets/{asset}")
        ui.sees("Warns if more than 26 hours since last materialization")
        ui.sees(f"sql/tables/{asset}.sql" if asset in LAKE_TABLES else re.compile(f"sql/transformations/{asset}.sql"))
        ui.button("Plots").click()
        ui.sees(share)
        plot = ui.text(share).locator("xpath=ancestor::*[.//canvas][1]").locator("canvas").first
        plot.scroll_into_view_if_needed()
        ui.picture(f"11-plot-of-{share}")
        assert ui.is_drawn(plot)


def test_after_it_analytics_are_brought_up_to_date_and_the_dashboard_is_a_click_away(
    ui: Ui, platform: Platform, sensor_run: str
) -> None:
    def ended() -> str | None:
        runs = [run for run in platform.server.runs() if run["jobName"] == "refresh_analytics"]
        return next((run["status"] for run in runs if run["endTime"]), None)

    assert wait_for("the run of analytics", ended, seconds=120) == "SUCCESS"
    ui.open("/assets/dashboard")
    address = f"http://127.0.0.1:{platform.server.port + 1}/dashboard.html"
    ui.sees(address)
    ui.picture("13-dashboard")
    page = requests.get(address, timeout=30)
    assert page.status_code == 200
    assert "Sparkify: what is played" in page.text


def test_the_schedules_are_on(ui: Ui, platform: Platform) -> None:
    ui.open("/automation")
    for name, time in SCHEDULES.items():
        ui.sees(name)
        ui.sees(re.compile(f"At {time} AM UTC"))
    ui.picture("12-schedules")
    nodes = platform.server.ask(_SCHEDULES)["repositoriesOrError"]["nodes"]
    states = {schedule["name"]: schedule["scheduleState"]["status"] for node in nodes for schedule in node["schedules"]}
    assert states == dict.fromkeys(SCHEDULES, "RUNNING")


def test_a_check_that_warns_shows_examples(ui: Ui, platform: Platform, lake: Lake, sensor_run: str) -> None:
    ui.open("/assets/staging_events?view=checks&checkDetail=no_rejected_records")
    ui.sees("No record was rejected.")
    ui.sees("Failed")
    ui.sees("ts is a text where an integer belongs")
    ui.sees(lake.arrives_at.relative_to(platform.lake).as_posix())
    ui.picture("10-check-that-warns")


def test_no_other_machine_can_reach_anything_of_it(platform: Platform) -> None:
    processes = platform.server.processes()
    # Dagster's own, the UI, the daemon, and the code server, which listens on a socket in a file.
    assert len(processes) >= 4
    open_to = {
        tuple(connection.laddr)
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN or connection.type == socket.SOCK_DGRAM
    }
    # The UI, and beside it the dashboard.
    assert open_to == {("127.0.0.1", platform.server.port), ("127.0.0.1", platform.server.port + 1)}


def test_nothing_that_alarms_is_printed(platform: Platform, sensor_run: str) -> None:
    assert not re.search("Traceback|ERROR|CRITICAL", platform.server.printed), platform.server.printed


def _sensor_states(platform: Platform) -> dict[str, dict[str, Any]]:
    nodes = platform.server.ask(_SENSORS)["repositoriesOrError"]["nodes"]
    return {sensor["name"]: sensor["sensorState"] for node in nodes for sensor in node["sensors"]}


def _runs_of_backfill(platform: Platform, backfill: str) -> list[dict[str, Any]]:
    return [run for run in platform.server.runs() if run["tags"].get("dagster/backfill") == backfill]


def _statuses(platform: Platform) -> Counter[str]:
    return Counter(run["status"] for run in platform.server.runs())


def _launch(ui: Ui, asset: str) -> str:
    """Materializes an asset from its page."""
    ui.open(f"/assets/{asset}")
    ui.button("Materialize").click()
    return ui.launched()


def _launch_last_month(ui: Ui) -> str:
    """Runs the job of the logs for the current month from its page."""
    ui.open("/jobs")
    ui.text("load_logs").first.click()
    ui.button("Materialize all").click()
    ui.button("Latest").click()
    ui.button("Launch 1 run").click()
    return ui.launched()


@contextmanager
def _taken(warehouse: Path) -> Iterator[None]:
    """Holds DuckDB's file, as another process would."""

    def connect() -> duckdb.DuckDBPyConnection | None:
        try:
            return duckdb.connect(warehouse)
        except duckdb.IOException:
            return None

    connection = wait_for("DuckDB's file", connect, seconds=60, every=0.1)
    try:
        yield
    finally:
        connection.close()
