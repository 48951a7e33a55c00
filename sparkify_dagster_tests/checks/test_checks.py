"""Every check finds what it is there to find, and nothing where all is well.

Each row of SPOILED breaks one thing in a warehouse that is in order; a test fails if a check has no row.
"""

import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sparkify_dagster.building import BuildRequest, build
from sparkify_dagster.building.analytics import build_analytics
from sparkify_dagster.checks.check import Check, Finding, Scope
from sparkify_dagster.checks.constraints import constraint_checks
from sparkify_dagster.checks.sums import sum_checks
from sparkify_dagster.checks.written import written_checks
from sparkify_dagster.lake import FolderLake, Lake
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster.loading.ledger import utc_now
from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.settings import read_settings
from sparkify_dagster.tables import ANALYTICS_TABLES, DERIVED_TABLES, LAKE_TABLES, MONTHLY_TABLES, catalog
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import SONG, event, play, write, write_log

MONTHS = ("2018-11", "2018-12")
DECEMBER_MS = 1_543_622_400_000

CHECKS = {
    f"{check.table}.{check.name}": check
    for check in [
        *(check for name in (*LAKE_TABLES, *DERIVED_TABLES) for check in constraint_checks(catalog()[name])),
        *written_checks(),
        *sum_checks(),
    ]
}

ANALYTICS = {name: catalog()[name] for name in ANALYTICS_TABLES}

_FIRST_PLAY = "songplay_id = (SELECT MIN(songplay_id) FROM songplays)"

SPOILED: dict[str, str] = {
    "staging_events.not_null": "UPDATE staging_events SET page = NULL WHERE item_in_session = 0",
    "staging_events.accepted_auth": "UPDATE staging_events SET auth = 'Maybe'",
    "staging_events.accepted_gender": "UPDATE staging_events SET gender = 'f'",
    "staging_events.accepted_level": "UPDATE staging_events SET level = 'gold'",
    "staging_events.accepted_method": "UPDATE staging_events SET method = 'POST'",
    "staging_events.accepted_page": "UPDATE staging_events SET page = 'Nowhere' WHERE page = 'Home'",
    "staging_events.reference_file_id": "UPDATE staging_events SET file_id = 99 WHERE item_in_session = 0",
    "staging_events.records_accounted": "DELETE FROM staging_events WHERE item_in_session = 1",
    "staging_events.no_refused_files": "UPDATE load_files SET status = 'refused' WHERE log_month IS NOT NULL",
    "staging_events.no_rejected_records": "INSERT INTO rejected_records SELECT file_id, 1, 1, 'why', 'text', '{' "
    "FROM load_files WHERE log_month IS NOT NULL",
    "staging_events.no_unknown_fields": "UPDATE load_files SET unknown_fields = 'mood' WHERE log_month IS NOT NULL",
    "staging_events.no_files_gone": "UPDATE load_files SET file_key = 'log_data/2018/11/x.json' "
    "WHERE log_month IS NOT NULL",
    "staging_events.all_files_loaded": "UPDATE load_files SET etag = 'another' WHERE log_month IS NOT NULL",
    "staging_events.events_in_month": "UPDATE staging_events SET ts = DATEADD(day, 40, ts) WHERE item_in_session = 0",
    "staging_events.freshness": "UPDATE staging_events SET ts = DATEADD(year, -100, ts)",
    "staging_songs.all_files_loaded": "UPDATE load_files SET etag = 'another' WHERE log_month IS NULL",
    "staging_songs.not_null": "UPDATE staging_songs SET file_id = NULL",
    "staging_songs.reference_file_id": "UPDATE staging_songs SET file_id = 99",
    "staging_songs.records_accounted": "DELETE FROM staging_songs",
    "staging_songs.no_refused_files": "UPDATE load_files SET status = 'refused' WHERE log_month IS NULL",
    "staging_songs.no_rejected_records": "INSERT INTO rejected_records SELECT file_id, 1, 1, 'why', 'text', '{' "
    "FROM load_files WHERE log_month IS NULL",
    "staging_songs.no_unknown_fields": "UPDATE load_files SET unknown_fields = 'mood' WHERE log_month IS NULL",
    "staging_songs.no_files_gone": "UPDATE load_files SET file_key = 'song_data/x.json' WHERE log_month IS NULL",
    "songplays.not_null": "UPDATE songplays SET start_time = NULL",
    "songplays.unique_key": "INSERT INTO songplays SELECT * FROM songplays LIMIT 1",
    "songplays.accepted_level": "UPDATE songplays SET level = 'gold'",
    "songplays.reference_start_time": "DELETE FROM time",
    "songplays.reference_user_id": "DELETE FROM users",
    "songplays.reference_song_id": "DELETE FROM songs",
    "songplays.reference_artist_id": "DELETE FROM artists",
    "songplays.plays_match_events": f"DELETE FROM songplays WHERE {_FIRST_PLAY}",
    "songplays.known_song_share": "UPDATE songplays SET song_id = NULL WHERE log_month = '2018-12-01'",
    "users.not_null": "UPDATE users SET user_id = NULL",
    "users.unique_key": "INSERT INTO users SELECT * FROM users",
    "users.accepted_gender": "UPDATE users SET gender = 'x'",
    "users.accepted_level": "UPDATE users SET level = 'gold'",
    "user_levels.not_null": "UPDATE user_levels SET level = NULL",
    "user_levels.accepted_level": "UPDATE user_levels SET level = 'gold'",
    "user_levels.reference_user_id": "DELETE FROM users",
    "user_levels.levels_contiguous": "UPDATE user_levels SET valid_to = DATEADD(hour, 1, valid_to)",
    "songs.not_null": "UPDATE songs SET song_id = NULL",
    "songs.unique_key": "INSERT INTO songs SELECT * FROM songs",
    "songs.reference_artist_id": "DELETE FROM artists",
    "artists.not_null": "UPDATE artists SET artist_id = NULL",
    "artists.unique_key": "INSERT INTO artists SELECT * FROM artists",
    "time.not_null": "UPDATE time SET hour = NULL",
    "time.unique_key": "INSERT INTO time SELECT * FROM time",
    "time.accepted_weekday": "UPDATE time SET weekday = 7",
    **{
        f"{name}.not_null": f"UPDATE {name} SET {column.name} = NULL"
        for name, table in ANALYTICS.items()
        for column in table.columns
        if not column.nullable
    },
    **{
        f"{name}.unique_key": f"INSERT INTO {name} SELECT * FROM {name}"
        for name, table in ANALYTICS.items()
        if table.primary_key
    },
    **{
        f"{name}.accepted_{column.name}": f"UPDATE {name} SET {column.name} = '99'"
        for name, table in ANALYTICS.items()
        for column in table.columns
        if column.accepted
    },
    **{
        f"{name}.sums_agree": f"UPDATE {name} SET plays = plays + 1"
        for name in ANALYTICS
        if name.startswith("plays_by")
    },
    "session_lengths.sums_agree": "UPDATE session_lengths SET plays = plays + 1",
    "plays_by_song.reference_song_id": "DELETE FROM songs",
    "plays_by_song.reference_artist_id": "DELETE FROM artists",
    "plays_by_listener.reference_user_id": "DELETE FROM users",
    "songs_never_played.reference_song_id": "DELETE FROM songs",
    "listeners.sums_agree": "UPDATE listeners SET plays = plays + 1 WHERE period = 'week' AND level = 'all'",
    "retention.sums_agree": "UPDATE retention SET listeners = 0",
    "subscriptions.sums_agree": "UPDATE subscriptions SET upgrades = 0, new_paid = 1",
    "songs_never_played.sums_agree": "DELETE FROM songs_never_played",
}


def put_in_order(put: Callable[[str, bytes], object], lake: Lake, warehouse: Warehouse) -> None:
    """Fills a warehouse with two months, a song and a user who upgrades, in which all is well but for the logs' age."""

    def lines(*records: dict[str, Any]) -> bytes:
        return "\n".join(map(json.dumps, records)).encode()

    put("song_data/A/B/C/TR1.json", lines(SONG))
    put("song_data/A/B/C/TR2.json", lines({**SONG, "song_id": "SO2", "title": "Never heard of"}))
    put("log_data/2018/11/2018-11-01-events.json", lines(event(), play(1), play(2), play(3, level="paid")))
    later = [play(number, sessionId=2, level="paid", ts=DECEMBER_MS + number) for number in range(3)]
    put("log_data/2018/12/2018-12-01-events.json", lines(*later))
    load(LoadRequest("staging_events", "test", MONTHS), lake, warehouse)
    load(LoadRequest("staging_songs", "test"), lake, warehouse)
    for table in ("songplays", "time"):
        build(BuildRequest(table, "test", MONTHS), warehouse)
    for table in ("users", "user_levels", "songs", "artists"):
        build(BuildRequest(table, "test"), warehouse)
    for table in ANALYTICS_TABLES:
        build_analytics(BuildRequest(table, "test", MONTHS if table in MONTHLY_TABLES else None), warehouse)


@pytest.fixture
def in_order(lake_folder: Path, lake: FolderLake, warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    """A DuckDB warehouse in which all is well."""
    put_in_order(lambda key, content: write(lake_folder / key, content), lake, warehouse)
    return warehouse


def _find(check: Check, warehouse: Warehouse, lake: Lake, months: tuple[str, str] | None) -> Finding:
    days = (first_day(months[0]), first_day(months[1])) if months else None
    with warehouse.reading() as session:
        return check.find(Scope(session, lake, days, utc_now()))


def _allow_nulls(warehouse: DuckDBWarehouse) -> None:
    """Takes all NOT NULL out of the tables, which Redshift can't."""
    warehouse.close()
    with duckdb.connect(warehouse.location) as connection:
        for name in (*LAKE_TABLES, *DERIVED_TABLES):
            for column in catalog()[name].columns:
                if not column.nullable:
                    connection.execute(f"ALTER TABLE {name} ALTER {column.name} DROP NOT NULL")


class _Undone(Exception):
    pass


def _find_spoiled(name: str, warehouse: Warehouse, lake: Lake, sql: str) -> Finding:
    """What a check finds after something was done, which is undone again."""
    findings: list[Finding] = []
    days = (first_day(MONTHS[0]), first_day(MONTHS[1]))

    def look() -> None:
        with warehouse.transaction("spoil") as session:
            session.query(sql)
            # Later, when what just came should be loaded.
            findings.append(CHECKS[name].find(Scope(session, lake, days, utc_now() + timedelta(hours=1))))
            raise _Undone

    with pytest.raises(_Undone):
        look()
    return findings[0]


def _check_what_is_found(finding: Finding) -> None:
    assert not finding.passed
    assert finding.found > 0
    assert finding.examples
    assert finding.sql is not None


def test_every_check_has_something_to_find() -> None:
    assert sorted(SPOILED) == sorted(CHECKS)


@pytest.mark.parametrize("months", [None, MONTHS, ("2018-12", "2018-12")])
def test_where_all_is_well_only_the_age_of_the_logs_is_found(
    in_order: DuckDBWarehouse, lake: FolderLake, months: tuple[str, str] | None
) -> None:
    failed = [name for name, check in CHECKS.items() if not _find(check, in_order, lake, months).passed]

    assert failed == ["staging_events.freshness"]


@pytest.fixture(scope="module")
def to_spoil(tmp_path_factory: pytest.TempPathFactory) -> tuple[DuckDBWarehouse, FolderLake]:
    """A warehouse in which all is well and NULL may be anywhere, for tests that undo what they do to it."""
    folder = tmp_path_factory.mktemp("to_spoil")
    warehouse, lake = (
        DuckDBWarehouse(folder / "warehouse.duckdb"),
        FolderLake(folder / "log_data", folder / "song_data", str(folder)),
    )
    put_in_order(lambda key, content: write(folder / key, content), lake, warehouse)
    _allow_nulls(warehouse)
    return warehouse, lake


@pytest.mark.parametrize("name", sorted(SPOILED))
def test_what_is_wrong_is_found_and_shown(name: str, to_spoil: tuple[DuckDBWarehouse, FolderLake]) -> None:
    _check_what_is_found(_find_spoiled(name, *to_spoil, SPOILED[name]))


def test_redshift_finds_the_same(redshift: RedshiftWarehouse, s3_place: S3Place) -> None:
    put_in_order(s3_place.put, s3_place.lake, redshift)
    failed = [name for name, check in CHECKS.items() if not _find(check, redshift, s3_place.lake, MONTHS).passed]
    assert failed == ["staging_events.freshness"]
    # A NULL where none may be is refused by the table itself.
    for name in sorted(name for name in SPOILED if not name.endswith(".not_null")):
        _check_what_is_found(_find_spoiled(name, redshift, s3_place.lake, SPOILED[name]))


def test_a_log_of_today_is_fresh(lake_folder: Path, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
    now = utc_now()
    write_log(lake_folder, f"{now:%Y-%m-%d}", [event(ts=int(now.timestamp() * 1000))])
    load(LoadRequest("staging_events", "test", (f"{now:%Y-%m}", f"{now:%Y-%m}")), lake, warehouse)

    assert _find(CHECKS["staging_events.freshness"], warehouse, lake, None).passed


def test_a_repeat_in_another_month_is_found_when_only_that_month_is_asked_for(
    in_order: DuckDBWarehouse, lake: FolderLake
) -> None:
    in_order.close()
    with duckdb.connect(in_order.location) as connection:
        repeat = "SELECT * REPLACE (DATE '2018-12-01' AS log_month)"
        connection.execute(f"INSERT INTO songplays {repeat} FROM songplays WHERE {_FIRST_PLAY}")

    assert not _find(CHECKS["songplays.unique_key"], in_order, lake, ("2018-12", "2018-12")).passed


def test_a_deleted_file_is_found_gone(in_order: DuckDBWarehouse, lake_folder: Path, lake: FolderLake) -> None:
    (lake_folder / "log_data/2018/11/2018-11-01-events.json").unlink()

    finding = _find(CHECKS["staging_events.no_files_gone"], in_order, lake, None)

    assert [list(example) for example in finding.examples] == [["log_data/2018/11/2018-11-01-events.json"]]


@pytest.mark.parametrize(("share", "refused"), [("0.5", 1), ("0.95", 0)])
def test_the_share_above_which_a_file_is_refused_is_a_setting(
    share: str, refused: int, lake_folder: Path, tmp_path: Path, warehouse: DuckDBWarehouse, lake: FolderLake
) -> None:
    write_log(lake_folder, "2018-11-01", [play(0), *[event(page=7) for _ in range(11)]])
    settings = read_settings(
        {
            "SPARKIFY_LAKE": str(lake_folder),
            "SPARKIFY_FIRST_MONTH": "2018-11",
            "SPARKIFY_DUCKDB_PATH": warehouse.location,
            "SPARKIFY_MAX_REJECTED": share,
        },
        tmp_path,
    )
    result = (
        build_defs(settings)
        .resolve_job_def("load_logs")
        .execute_in_process(
            tags={RANGE_START: "2018-11", RANGE_END: "2018-11"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    )
    assert result.success
    assert _find(CHECKS["staging_events.no_refused_files"], warehouse, lake, None).found == refused


def test_blocking_checks_are_errors() -> None:
    assert not [name for name, check in CHECKS.items() if check.blocking and check.warns]


def test_a_file_that_has_just_come_is_no_reason_to_wonder(
    in_order: DuckDBWarehouse, lake_folder: Path, lake: FolderLake
) -> None:
    late = lake_folder / "log_data/2018/11/2018-11-02-events.json"
    late.write_text(json.dumps(event()))
    check = CHECKS["staging_events.all_files_loaded"]
    assert _find(check, in_order, lake, None).passed
    os.utime(late, (time.time() - 1_000, time.time() - 1_000))
    assert _find(check, in_order, lake, None).found == 1
