"""Runs of the jobs through Dagster: what they load, what they tell, and what stops them."""

from collections import Counter
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.settings import read_settings
from sparkify_dagster.tables import ANALYTICS_TABLES, LAKE_TABLES, MONTHLY_TABLES, STAR_TABLES
from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song


class Platform:
    """The definitions on a lake, with an instance of Dagster that forgets."""

    def __init__(self, lake: Path, folder: Path, first_month: str = "2018-11") -> None:
        environment = {"SPARKIFY_LAKE": str(lake), "SPARKIFY_FIRST_MONTH": first_month}
        self.settings = read_settings(environment, folder)
        self.definitions = build_defs(self.settings)
        self.instance = dg.DagsterInstance.ephemeral()

    def run(self, job: str, *months: str, **config: bool) -> dg.ExecuteInProcessResult:
        """Runs a job for the log months from the first to the last that is given."""
        definition = self.definitions.resolve_job_def(job)
        staged = {node.name: {"config": config} for node in definition.nodes if node.name in LAKE_TABLES and config}
        return definition.execute_in_process(
            instance=self.instance,
            tags={RANGE_START: months[0], RANGE_END: months[-1]} if months else {},
            run_config={"ops": staged, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )

    def rows(self) -> dict[str, int]:
        """Rows by table."""
        with duckdb.connect(self.settings.duckdb_path) as connection:
            counts = {}
            for table in (*LAKE_TABLES, *STAR_TABLES):
                (counts[table],) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() or (0,)
            return counts

    def execute(self, sql: str) -> None:
        """Runs SQL in the warehouse, past the platform."""
        with duckdb.connect(self.settings.duckdb_path) as connection:
            connection.execute(sql)

    def metadata(self, asset: str, month: str | None = None) -> dict[str, object]:
        """The metadata of an asset's latest materialization, or of that of a partition."""
        records = self.instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[month] if month else None), limit=1
        ).records
        materialization = records[0].asset_materialization
        assert materialization is not None
        return {key: value.value for key, value in materialization.metadata.items()}


def _failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    return {
        f"{check.asset_key.to_user_string()}.{check.check_name}"
        for check in result.get_asset_check_evaluations()
        if not check.passed
    }


def _materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}


@pytest.fixture
def small(lake_folder: Path, tmp_path: Path) -> Platform:
    """A lake of a song and of two months with a day each."""
    write_song(lake_folder, "TR1", SONG)
    write_log(lake_folder, "2018-11-01", [event(), play(1), play(2)])
    write_log(lake_folder, "2018-12-01", [play(0, sessionId=2, ts=1_543_622_400_000)])
    return Platform(lake_folder, tmp_path)


def test_the_real_data_gives_the_figures_of_the_contract(udacity: Path, tmp_path: Path) -> None:
    platform = Platform(udacity, tmp_path)

    result = platform.run("load_lake", "2018-11")

    assert result.success
    assert platform.rows() == {
        "staging_events": 4058,
        "staging_songs": 71,
        "songplays": 3479,
        "users": 89,
        "user_levels": 98,
        "songs": 71,
        "artists": 69,
        "time": 3476,
    }
    assert _failed_checks(result) == {"staging_events.freshness"}


def test_a_range_of_months_is_one_run_and_tells_of_each_month(small: Platform) -> None:
    result = small.run("load_lake", "2018-11", "2018-12")

    assert result.success
    assert small.instance.get_materialized_partitions(dg.AssetKey("songplays")) == {"2018-11", "2018-12"}
    november = small.metadata("staging_events", "2018-11")
    assert november["dagster/row_count"] == 4
    assert november["dagster/partition_row_count"] == 3
    assert november["month_files_loaded"] == 1
    assert november["files_loaded"] == 2
    assert november["rows_rejected"] == 0
    assert november["rejected_share"] == november["month_rejected_share"] == 0
    assert small.metadata("log_data")["files_new"] == 2
    assert small.metadata("songplays", "2018-11")["known_song_share"] == 1
    assert small.metadata("songplays", "2018-12")["dagster/partition_row_count"] == 1
    assert small.metadata("time", "2018-11")["dagster/partition_row_count"] == 2
    assert small.metadata("users")["dagster/row_count"] == 1


def test_a_month_more_is_an_event_more_for_what_is_planned_and_what_is_done_and_no_step_more(
    lake_folder: Path, tmp_path: Path
) -> None:
    write_log(lake_folder, "2018-11-01", [play(0)])
    platform = Platform(lake_folder, tmp_path, first_month="2018-01")

    def told_of(*months: str) -> Counter[dg.DagsterEventType | None]:
        run = platform.run("load_logs", *months)
        return Counter(entry.dagster_event_type for entry in platform.instance.all_logs(run.run_id))

    one = told_of("2018-11")
    # A run that finds nothing new tells nothing of the lake.
    write_log(lake_folder, "2018-11-02", [play(1)])
    eleven = told_of("2018-01", "2018-11")

    partitioned = len({*MONTHLY_TABLES} - {*ANALYTICS_TABLES})
    assert eleven - one == {
        dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED: 10 * partitioned,
        dg.DagsterEventType.ASSET_MATERIALIZATION: 10 * partitioned,
    }
    assert one[dg.DagsterEventType.STEP_START] == eleven[dg.DagsterEventType.STEP_START] > 0


def test_a_second_run_changes_nothing_and_reads_nothing(small: Platform) -> None:
    small.run("load_lake", "2018-11", "2018-12")
    before = small.rows()

    again = small.run("load_lake", "2018-11", "2018-12")

    assert again.success
    assert small.rows() == before
    assert small.metadata("staging_events", "2018-11")["files_loaded"] == 0
    assert small.metadata("staging_events", "2018-11")["files_unchanged"] == 2


def test_a_rebuild_loads_every_file_again_to_the_same_rows(small: Platform) -> None:
    small.run("load_lake", "2018-11", "2018-12")
    before = small.rows()

    assert small.run("load_lake", "2018-11", "2018-12", rebuild=True).success

    assert small.rows() == before
    assert small.metadata("staging_events", "2018-11")["files_replaced"] == 2


def test_songs_that_come_later_explain_plays_of_every_month(lake_folder: Path, tmp_path: Path) -> None:
    write_log(lake_folder, "2018-11-01", [play(0)])
    write_log(lake_folder, "2018-12-01", [play(0, sessionId=2, ts=1_543_622_400_000)])
    platform = Platform(lake_folder, tmp_path)
    platform.run("load_lake", "2018-11", "2018-12")
    write_song(lake_folder, "TR1", SONG)

    assert platform.run("load_songs", "2018-11", "2018-12").success

    with duckdb.connect(platform.settings.duckdb_path) as connection:
        assert connection.execute("SELECT song_id, COUNT(*) FROM songplays GROUP BY 1").fetchall() == [("SO1", 2)]


def test_songs_alone_load_without_any_month(lake_folder: Path, tmp_path: Path) -> None:
    write_song(lake_folder, "TR1", SONG)
    platform = Platform(lake_folder, tmp_path)

    assert platform.run("load_catalogue").success
    assert platform.rows()["artists"] == 1


def test_what_would_poison_the_star_stops_it(small: Platform) -> None:
    small.run("load_lake", "2018-11", "2018-12")
    small.execute("DELETE FROM staging_events WHERE item_in_session = 1")

    result = small.run("load_logs", "2018-11")

    assert not result.success
    assert "staging_events.records_accounted" in _failed_checks(result)
    assert _materialized(result) == {"staging_events"}


def test_a_refused_file_is_an_error_that_stops_nothing_else(lake_folder: Path, tmp_path: Path) -> None:
    write_log(lake_folder, "2018-11-01", [play(0)])
    write_log(lake_folder, "2018-11-02", [event(ts="soon") for _ in range(11)])
    platform = Platform(lake_folder, tmp_path)

    result = platform.run("load_lake", "2018-11")

    assert result.success
    assert "staging_events.no_refused_files" in _failed_checks(result)
    (refusal,) = [
        c for c in result.get_asset_check_evaluations() if c.check_name == "no_refused_files" and not c.passed
    ]
    assert refusal.severity == dg.AssetCheckSeverity.ERROR
    (shown,) = refusal.metadata["examples"].value.records  # type: ignore[union-attr]
    assert shown.data["file_key"] == "log_data/2018/11/2018-11-02-events.json"
    assert shown.data["first_bad_line"] == 1
    assert platform.rows()["songplays"] == 1


def test_checks_look_further_only_into_the_months_that_were_asked_for(small: Platform) -> None:
    small.run("load_lake", "2018-11", "2018-12")
    small.execute("UPDATE staging_events SET level = 'gold' WHERE log_month = DATE '2018-12-01'")

    assert "staging_events.accepted_level" not in _failed_checks(small.run("load_logs", "2018-11"))
    assert "staging_events.accepted_level" in _failed_checks(small.run("load_logs", "2018-12"))


def test_another_version_of_the_sql_builds_from_scratch(small: Platform) -> None:
    small.run("load_lake", "2018-11", "2018-12")
    small.execute("UPDATE table_builds SET sql_version = 'former'; UPDATE users SET first_name = 'Former'")

    assert small.run("load_lake", "2018-11", "2018-12").success

    assert small.metadata("users")["from_scratch"] is True
    with duckdb.connect(small.settings.duckdb_path) as connection:
        assert connection.execute("SELECT first_name FROM users").fetchall() == [("Ada",)]
