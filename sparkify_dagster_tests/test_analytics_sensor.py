"""The analytics sensor: after a load one run brings analytics up to date, and none where nothing is behind."""

from pathlib import Path

import duckdb

from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster_tests.lakes import MILLISECONDS_A_DAY, SONG, event, play, write_log, write_song
from sparkify_dagster_tests.test_sensors import DECEMBER_MS, Watched

MONTHS = {RANGE_START: "2018-11", RANGE_END: "2018-12"}


def test_after_a_load_one_run_brings_analytics_up_to_date(lake_folder: Path, tmp_path: Path) -> None:
    write_song(lake_folder, "TR1", SONG)
    write_log(lake_folder, "2018-11-01", [event(), play(1)])
    write_log(lake_folder, "2018-12-01", [play(0, sessionId=2, ts=DECEMBER_MS)])
    watched = Watched(lake_folder, tmp_path)
    assert watched.tick("stale_analytics") == []
    assert watched.skipped == "The star schema was not built since."

    assert watched.run("load_lake", "2018-11", "2018-12").success
    (request,) = watched.tick("stale_analytics")
    assert request.tags.items() >= MONTHS.items()
    watched.obey([request])
    assert plays(watched) == 2
    assert watched.tick("stale_analytics") == []

    # Dagster knows of another materialization, and the ledger of nothing that came of it.
    assert watched.run("load_catalogue").success
    write_log(lake_folder, "2018-12-02", [play(0, sessionId=3, ts=DECEMBER_MS + MILLISECONDS_A_DAY)])
    assert watched.run("load_logs", "2018-12").success
    (request,) = watched.tick("stale_analytics")
    assert request.tags.items() >= {RANGE_START: "2018-12", RANGE_END: "2018-12"}.items()
    watched.obey([request])
    assert plays(watched) == 3


def plays(watched: Watched) -> int:
    with duckdb.connect(watched.settings.duckdb_path) as connection:
        ((counted,),) = connection.execute("SELECT SUM(plays) FROM plays_by_month").fetchall()
    return int(counted)
