"""The sensors: what newly arrives leads to the runs that it needs, and to no others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from sparkify_dagster.lake import FolderLake, LakeFile
from sparkify_dagster.lake.base import Page
from sparkify_dagster.partitions.months import current_month
from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song
from sparkify_dagster_tests.test_runs import Platform

DECEMBER_MS = 1_543_622_400_000


class Watched(Platform):
    """A platform whose sensors are ticked by hand, each with the cursor that it left."""

    def __init__(self, lake: Path, folder: Path, first_month: str = "2018-11") -> None:
        super().__init__(lake, folder, first_month)
        self.repository = self.definitions.get_repository_def()
        self.cursors: dict[str, str | None] = {}

    def tick(self, sensor: str) -> list[dg.RunRequest]:
        """Ticks a sensor; returns the runs that it asks for."""
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(sensor),
            repository_def=self.repository,
            resources={
                name: (self.definitions.resources or {})[name] for name in ("lake", "announcements", "warehouse_reader")
            },
        ) as context:
            data = self.repository.get_sensor_def(sensor).evaluate_tick(context)
        if data.cursor is not None:
            self.cursors[sensor] = data.cursor
        self.skipped = data.skip_message
        return list(data.run_requests or [])

    def obey(self, requests: list[dg.RunRequest]) -> None:
        """Runs what a sensor asked for."""
        for request in requests:
            if request.partition_key:
                assert self.run("load_logs", request.partition_key).success
            else:
                tags = request.tags
                months = [tags["dagster/asset_partition_range_start"], tags["dagster/asset_partition_range_end"]]
                assert self.run(request.job_name or "", *months).success


@pytest.fixture
def watched(lake_folder: Path, tmp_path: Path) -> Watched:
    """A lake of two months with a day each."""
    write_log(lake_folder, "2018-11-01", [event(), play(1)])
    write_log(lake_folder, "2018-12-01", [play(0, sessionId=2, ts=DECEMBER_MS)])
    return Watched(lake_folder, tmp_path)


def _months(requests: list[dg.RunRequest]) -> list[str | None]:
    return [request.partition_key for request in requests]


def test_each_month_with_new_files_gets_one_run(watched: Watched) -> None:
    assert _months(watched.tick("new_logs")) == ["2018-11", "2018-12"]


def test_until_it_is_loaded_the_same_run_is_asked_for_and_then_no_other(watched: Watched) -> None:
    requests = watched.tick("new_logs")
    again = watched.tick("new_logs")
    assert [request.run_key for request in again] == [request.run_key for request in requests]

    watched.obey(requests)
    assert watched.tick("new_logs") == []
    assert watched.skipped == "All that the lake holds is loaded."
    assert watched.tick("new_logs") == []
    assert watched.skipped == "Nothing is new in 2 months."


def test_a_new_file_a_changed_file_and_a_late_file_lead_to_runs_of_their_months(
    watched: Watched, lake_folder: Path
) -> None:
    watched.obey(watched.tick("new_logs"))
    changed = [play(0, sessionId=2, ts=DECEMBER_MS), play(1, sessionId=2, ts=DECEMBER_MS + 5)]

    for month, day, records in [
        ("2018-12", "2018-12-02", [play(0, sessionId=3, ts=DECEMBER_MS + 86_400_000)]),
        ("2018-12", "2018-12-01", changed),
        ("2018-11", "2018-11-30", [play(0, sessionId=9, ts=DECEMBER_MS - 5)]),
    ]:
        write_log(lake_folder, day, records)
        requests = watched.tick("new_logs")
        assert _months(requests) == [month]
        watched.obey(requests)


def test_a_lost_cursor_loads_nothing_twice_and_misses_nothing(watched: Watched, lake_folder: Path) -> None:
    watched.obey(watched.tick("new_logs"))
    watched.cursors.clear()

    assert watched.tick("new_logs") == []
    assert watched.skipped == "All that the lake holds is loaded."

    write_log(lake_folder, "2018-11-02", [play(0, sessionId=4)])
    watched.cursors.clear()
    assert _months(watched.tick("new_logs")) == ["2018-11"]


def test_a_changed_file_gets_another_run_key_even_if_it_changes_back(watched: Watched, lake_folder: Path) -> None:
    path = lake_folder / "log_data/2018/11/2018-11-01-events.json"
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    requests = watched.tick("new_logs")
    watched.obey(requests)

    write_log(lake_folder, "2018-11-01", [event()])
    changed = watched.tick("new_logs")
    watched.obey(changed)
    path.write_bytes(before)
    os.utime(path, ns=(stamp, stamp))
    back = watched.tick("new_logs")

    assert len({requests[0].run_key, changed[0].run_key, back[0].run_key}) == 3


def test_a_deleted_file_leads_to_no_run(watched: Watched, lake_folder: Path) -> None:
    watched.obey(watched.tick("new_logs"))
    (lake_folder / "log_data/2018/11/2018-11-01-events.json").unlink()

    assert watched.tick("new_logs") == []


def test_months_outside_the_partitions_are_left_alone(lake_folder: Path, tmp_path: Path) -> None:
    write_log(lake_folder, "2018-10-31", [event()])
    write_log(lake_folder, "2018-11-01", [event()])
    write_log(lake_folder, "2199-01-01", [event()])

    assert _months(Watched(lake_folder, tmp_path).tick("new_logs")) == ["2018-11"]


def test_thousands_of_files_in_a_month_are_one_run(lake_folder: Path, tmp_path: Path) -> None:
    folder = lake_folder / "log_data/2018/11"
    folder.mkdir(parents=True)
    for number in range(2_500):
        (folder / f"part-{number:05}.json").write_bytes(b"")
    watched = Watched(lake_folder, tmp_path)

    assert _months(watched.tick("new_logs")) == ["2018-11"]


def test_a_file_that_comes_while_the_lake_is_listed_is_found_in_the_next_tick_at_the_latest(
    watched: Watched, lake_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = FolderLake.log_pages
    arrivals = iter(["2018-11-30"])

    def list_and_drop(self: FolderLake, after: str = "") -> Iterator[Page]:
        pages = [*listed(self, after)]
        for day in arrivals:
            write_log(lake_folder, day, [play(0, sessionId=7)])
        return iter(pages)

    watched.obey(watched.tick("new_logs"))
    monkeypatch.setattr(FolderLake, "log_pages", list_and_drop)

    # It may come before the last look of that tick, or after it.
    assert _months(watched.tick("new_logs") or watched.tick("new_logs")) == ["2018-11"]


def test_a_file_that_is_gone_again_while_the_lake_is_listed_does_no_harm(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = FolderLake.log_pages

    def list_what_is_gone(self: FolderLake, after: str = "") -> Iterator[Page]:
        gone = LakeFile("log_data/2018/12/z.json", "1", 1)
        for page in listed(self, after):
            yield page._replace(files=[*page.files, *([gone] if after < gone.key else [])])

    monkeypatch.setattr(FolderLake, "log_pages", list_what_is_gone)
    requests = watched.tick("new_logs")
    monkeypatch.undo()

    watched.obey(requests)
    assert watched.rows()["staging_events"] == 3


def test_while_another_process_writes_the_sensor_waits_for_the_next_tick(watched: Watched) -> None:
    watched.obey(watched.tick("new_logs"))
    watched.cursors.clear()
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(watched.settings.duckdb_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()

        assert watched.tick("new_logs") == []
        assert str(process.pid) in (watched.skipped or "")
        assert watched.cursors == {}
        process.communicate(b"\n")
    assert watched.tick("new_logs") == []
    assert watched.skipped == "All that the lake holds is loaded."


def test_a_lake_that_does_not_answer_is_said_in_one_line(lake_folder: Path, tmp_path: Path) -> None:
    watched = Watched(lake_folder, tmp_path)
    (lake_folder / "log_data").rmdir()
    (lake_folder / "song_data").rmdir()

    assert watched.tick("new_logs") == []
    assert "there is no lake" in (watched.skipped or "")


def test_new_songs_lead_to_one_run_over_all_months(watched: Watched, lake_folder: Path) -> None:
    watched.obey(watched.tick("new_logs"))
    write_song(lake_folder, "TR1", SONG)
    write_song(lake_folder, "TR2", {**SONG, "song_id": "SO2", "title": "Other"})

    (request,) = watched.tick("new_songs")

    assert request.job_name == "load_songs"
    assert request.tags["dagster/asset_partition_range_start"] == "2018-11"
    assert request.tags["dagster/asset_partition_range_end"] == current_month()
    watched.obey([request])
    assert watched.tick("new_songs") == []
    watched.cursors.clear()
    assert watched.tick("new_songs") == []


def test_without_any_plays_new_songs_lead_to_a_run_without_months(lake_folder: Path, tmp_path: Path) -> None:
    write_song(lake_folder, "TR1", SONG)

    (request,) = Watched(lake_folder, tmp_path).tick("new_songs")

    assert request.job_name == "load_catalogue"


def test_whichever_of_the_sensors_is_obeyed_first_the_plays_know_their_songs(
    watched: Watched, lake_folder: Path
) -> None:
    write_song(lake_folder, "TR1", SONG)
    songs, logs = watched.tick("new_songs"), watched.tick("new_logs")

    watched.obey(logs)
    watched.obey(songs)

    with duckdb.connect(watched.settings.duckdb_path) as connection:
        assert connection.execute("SELECT COUNT(*) FROM songplays WHERE song_id IS NULL").fetchone() == (0,)
    assert watched.tick("new_logs") == []
    assert watched.tick("new_songs") == []


def test_what_a_run_loaded_before_it_was_cut_off_is_taken_in_by_another(watched: Watched) -> None:
    watched.obey(watched.tick("new_logs"))
    watched.execute("DELETE FROM table_builds WHERE table_name = 'songplays' AND log_month = DATE '2018-12-01'")
    watched.cursors.clear()

    requests = watched.tick("new_logs")

    assert _months(requests) == ["2018-12"]
    watched.obey(requests)
    assert watched.tick("new_logs") == []


def test_a_refused_file_stays_an_error_when_another_month_loads(watched: Watched, lake_folder: Path) -> None:
    write_log(lake_folder, "2018-11-05", [event(ts="soon") for _ in range(11)])
    watched.obey(watched.tick("new_logs"))

    result = watched.run("load_logs", "2018-12")

    failed = {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}
    assert "no_refused_files" in failed
