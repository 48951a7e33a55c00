"""The schedules: what they ask for, and what the runs find that they lead to."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from sparkify_dagster.alerts.finished import Finished
from sparkify_dagster.alerts.judging import judge
from sparkify_dagster.partitions.definition import log_months
from sparkify_dagster.schedules import monthly_report_schedule
from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song
from sparkify_dagster_tests.test_runs import Platform

NIGHT = datetime(2019, 1, 2, 3, 30, tzinfo=UTC)


class Clock(Platform):
    """A platform whose schedules are ticked by hand."""

    loaded: dg.ExecuteInProcessResult

    def tick(self, schedule: str, at: datetime = NIGHT) -> list[dg.RunRequest]:
        """Ticks a schedule; returns the runs that it asks for."""
        repository = self.definitions.get_repository_def()
        with dg.build_schedule_context(
            instance=self.instance,
            scheduled_execution_time=at,
            repository_def=repository,
            resources={"warehouse_reader": (self.definitions.resources or {})["warehouse_reader"]},
        ) as context:
            data = repository.get_schedule_def(schedule).evaluate_tick(context)
        self.skipped = data.skip_message
        return list(data.run_requests or [])

    def reconcile(self) -> dict[str, dg.AssetCheckEvaluation]:
        """Runs what the nightly reconciliation asks for; returns what the checks found, by name."""
        (request,) = self.tick("nightly_reconciliation")
        self.result = self.definitions.resolve_job_def("reconcile").execute_in_process(
            instance=self.instance,
            tags=request.tags,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
        checks = self.result.get_asset_check_evaluations()
        return {f"{check.asset_key.to_user_string()}.{check.check_name}": check for check in checks}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of a song and two days."""
    lake = tmp_path_factory.mktemp("lake")
    write_song(lake, "TR1", SONG)
    write_log(lake, "2018-11-01", [event(), play(1)])
    write_log(lake, "2018-12-01", [play(0, sessionId=2, ts=1_543_622_400_000)])
    return lake


@pytest.fixture(scope="module")
def clock(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Clock:
    """The platform, with the lake loaded."""
    clock = Clock(lake, tmp_path_factory.mktemp("platform"))
    clock.loaded = clock.run("load_lake", "2018-11", "2018-12")
    assert clock.loaded.success
    return clock


def test_what_the_lake_holds_and_the_ledger_does_not_know_is_found_each_night_and_told(
    clock: Clock, lake: Path
) -> None:
    found = clock.reconcile()
    assert {name for name, check in found.items() if not check.passed} == {"staging_events.freshness"}
    assert set(found) == {
        "staging_events.freshness",
        *(
            f"{table}.{check}"
            for table in ("staging_events", "staging_songs")
            for check in ("all_files_loaded", "no_files_gone", "no_refused_files", "records_accounted")
        ),
    }

    # A late file of a month that is loaded, another version of a song, and a month that is no partition.
    write_log(lake, "2018-11-02", [play(0, sessionId=3)])
    write_song(lake, "TR1", {**SONG, "year": 1999})
    write_log(lake, "2018-10-31", [event()])
    found = clock.reconcile()

    assert clock.result.success
    assert _files(found["staging_events.all_files_loaded"]) == [("log_data/2018/11/2018-11-02-events.json", "none")]
    assert [kind for _, kind in _files(found["staging_songs.all_files_loaded"])] == ["another version"]
    run = clock.instance.get_run_by_id(clock.result.run_id)
    assert run is not None
    alert = judge(Finished(run, False, clock.instance.all_logs(run.run_id)), {}).alert
    assert alert is not None
    assert alert.title == "reconcile 2018-11 to 2019-01: 2 checks failed"


def test_a_load_does_not_hold_the_whole_lake_against_the_ledger(clock: Clock) -> None:
    checks = {check.check_name for check in clock.loaded.get_asset_check_evaluations()}

    assert "no_files_gone" in checks
    assert "all_files_loaded" not in checks


def test_at_night_analytics_are_brought_up_to_date_only_where_they_are_behind(clock: Clock) -> None:
    (request,) = clock.tick("nightly_analytics")
    months = [request.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end")]
    assert months == ["2018-11", "2018-12"]

    assert clock.run("refresh_analytics", *months).success
    assert clock.tick("nightly_analytics") == []
    assert clock.skipped == "All analytics are up to date."


def test_before_the_first_month_there_is_nothing_to_reconcile(lake_folder: Path, tmp_path: Path) -> None:
    assert Clock(lake_folder, tmp_path, first_month="2019-06").tick("nightly_reconciliation") == []


@pytest.mark.parametrize(("at", "month"), [("2019-01-02", "2018-12"), ("2018-12-02", "2018-11"), ("2018-11-02", None)])
def test_the_report_is_of_the_month_that_ended(at: str, month: str | None) -> None:
    moment = datetime.fromisoformat(at).replace(hour=6, tzinfo=UTC)
    request = monthly_report_schedule(log_months("2018-11"))(dg.build_schedule_context(scheduled_execution_time=moment))

    assert getattr(request, "partition_key", None) == month


def test_all_schedules_are_on_and_say_what_they_do_in_utc(lake_folder: Path, tmp_path: Path) -> None:
    schedules = Clock(lake_folder, tmp_path).definitions.get_repository_def().schedule_defs

    assert {schedule.name: schedule.cron_schedule for schedule in schedules} == {
        "nightly_reconciliation": "30 3 * * *",
        "nightly_analytics": "0 4 * * *",
        "monthly_report": "0 6 2 * *",
    }
    for schedule in schedules:
        assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
        assert schedule.execution_timezone == "UTC"
        assert schedule.description


def _files(check: dg.AssetCheckEvaluation) -> list[tuple[object, object]]:
    table = check.metadata["examples"]
    assert isinstance(table, dg.TableMetadataValue)
    return [(record.data["file_key"], record.data["loaded"]) for record in table.records]
