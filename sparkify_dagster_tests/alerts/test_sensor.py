"""What goes wrong in a run reaches people: real runs that go wrong, and real receivers that are told, or are not."""

import shutil
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sparkify_dagster.alerts import finished
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster_tests.alerts.receiver import Receiver, Reply
from sparkify_dagster_tests.alerts.told import Told
from sparkify_dagster_tests.alerts.topics import Topic
from sparkify_dagster_tests.lakes import event, play, write, write_log

DOWN = Reply(503, "down for a while")
BAD_DAY = [event(ts="soon") for _ in range(11)]


def only(receiver: Receiver) -> str:
    """The text of the one message that came."""
    (text,) = receiver.texts
    return text


def cut_line(lake: Path, day: str, cut: str = '{"page": "Ho') -> Path:
    """Writes a day's file with a good record and one that is cut."""
    path = write_log(lake, day, [play(2)])
    return write(path, path.read_bytes() + cut.encode())


@dg.op
def break_down() -> None:
    raise ValueError("on purpose")


@dg.job(executor_def=dg.in_process_executor)
def breaks_down() -> None:
    break_down()


def fail_often(told: Told, times: int) -> None:
    """Runs a job that fails, and does nothing else."""
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    for _ in range(times):
        assert not breaks_down.execute_in_process(quiet, instance=told.instance, raise_on_error=False).success


def test_a_clean_run_tells_nothing(told: Told, receiver: Receiver) -> None:
    assert told.run("load_lake", "2018-11").success

    assert told.tick() == "Told of 0 of 1 runs that ended."
    assert told.tick() == "No run ended."
    assert receiver.requests == 0


def test_a_run_that_fails_is_told_with_its_months_step_and_reason(
    told: Told, receiver: Receiver, lake_folder: Path
) -> None:
    shutil.rmtree(lake_folder)
    assert not told.load("2018-11", "2018-12").success

    assert told.tick() == "Told of 1 of 1 runs that ended."

    title, reason, again = only(receiver).splitlines()
    assert title == ":red_circle: *load_logs 2018-11 to 2018-12: failed*"
    assert reason.startswith("staging_events: ")
    assert str(lake_folder) in reason
    assert again == "It is not run again by itself."


def test_a_blocking_check_that_fails_is_told_with_what_it_found(told: Told, receiver: Receiver) -> None:
    told.load("2018-11")
    told.execute("DELETE FROM staging_events WHERE item_in_session = 1")
    assert not told.load("2018-11").success

    told.tick()

    text = only(receiver)
    assert text.startswith(":red_circle: *load_logs 2018-11: failed, 1 check failed*\nstaging_events_checks: ")
    assert "staging_events.records_accounted: 1 found" in text
    assert "log_data/2018/11/2018-11-01-events.json" in text


def test_a_refused_file_is_told_with_its_reason(told: Told, receiver: Receiver, lake_folder: Path) -> None:
    write_log(lake_folder, "2018-11-02", BAD_DAY)
    assert told.load("2018-11").success

    told.tick()

    title, file, check = only(receiver).splitlines()
    assert title == ":red_circle: *load_logs 2018-11: 1 file refused, 11 records rejected, 1 check failed*"
    assert file.startswith("log_data/2018/11/2018-11-02-events.json: refused whole, 11 records rejected: 11 of 11 ")
    assert "line 1: ts is a text where an integer belongs" in file
    assert check == "staging_events.no_refused_files: 1 found"


def test_a_file_that_stays_refused_is_told_once_and_again_when_something_changed_in_between(
    told: Told, receiver: Receiver, lake_folder: Path
) -> None:
    def after(day: str, records: list[dict[str, Any]]) -> list[str]:
        """What is told after a day's file came, and its month was loaded."""
        receiver.messages.clear()
        write_log(lake_folder, day, records)
        told.load(day[:7])
        told.tick()
        return receiver.texts

    (first,) = after("2018-11-02", BAD_DAY)
    assert after("2018-12-01", [play(0, sessionId=2, ts=1_543_622_400_000)]) == []

    (another,) = after("2018-11-03", BAD_DAY)
    assert "2018-11-03-events.json: refused whole" in another
    assert "staging_events.no_refused_files: 2 found" in another

    (left,) = after("2018-11-03", [play(3)])
    assert left.splitlines()[:2] == [
        ":red_circle: *load_logs 2018-11: 1 check failed*",
        "staging_events.no_refused_files: 1 found",
    ]
    assert after("2018-11-02", [play(4)]) == []
    assert after("2018-11-02", BAD_DAY) == [first]


def test_rejected_records_are_told_once_with_file_number_and_reason(
    told: Told, receiver: Receiver, lake_folder: Path
) -> None:
    cut_line(lake_folder, "2018-11-02")
    assert told.load("2018-11").success
    told.tick()
    assert told.load("2018-11").success
    told.tick()

    title, file = only(receiver).splitlines()
    assert title == ":warning: *load_logs 2018-11: 1 record rejected*"
    assert file.startswith("log_data/2018/11/2018-11-02-events.json: 1 record rejected: line 2: invalid JSON: ")


def test_records_that_a_run_rejected_before_it_was_cut_off_are_told_by_the_next(
    told: Told, receiver: Receiver, lake_folder: Path
) -> None:
    cut_line(lake_folder, "2018-11-02")
    resources = told.definitions.resources or {}
    # As if its process was gone after the COMMIT.
    warehouse = resources["warehouse"].get()
    load(LoadRequest("staging_events", "cut off", ("2018-11", "2018-11")), resources["lake"].get(), warehouse)
    warehouse.close()

    for _ in range(2):
        assert told.load("2018-11").success
        told.tick()

    title, check, example = only(receiver).splitlines()
    assert title == ":warning: *load_logs 2018-11: 1 check failed*"
    assert check == "staging_events.no_rejected_records: 1 found"
    assert "2018-11-02-events.json" in example


def test_of_many_files_with_rejected_records_the_worst_are_named_and_the_others_counted(
    told: Told, receiver: Receiver, lake_folder: Path
) -> None:
    write_log(lake_folder, "2018-11-02", BAD_DAY)
    for day in range(3, 15):
        cut_line(lake_folder, f"2018-11-{day:02}")
    told.load("2018-11")

    told.tick()

    table = told.metadata("staging_events", "2018-11")["bad_files"]
    assert isinstance(table, dg.TableMetadataValue)
    files = [record.data for record in table.records]
    assert len(files) == 10
    assert (files[0]["status"], files[0]["records_rejected"]) == ("refused", 11)
    assert (files[1]["status"], files[1]["records_rejected"]) == ("loaded", 1)
    assert "line 2: invalid JSON" in str(files[1]["reason"])
    assert "*load_logs 2018-11: 1 file refused, 23 records rejected, 1 check failed*" in only(receiver)
    assert "\n… and 3 records rejected of other files.\n" in only(receiver)


def test_what_ended_before_the_first_tick_is_not_told(told: Told, receiver: Receiver) -> None:
    fail_often(told, 1)
    # That is also what a lost cursor comes to, and one that cannot be understood.
    for lost in (None, "7", '{"began": 1}', "[" * 100_000):
        told.cursors["slack"] = lost
        assert told.tick() == "What ends from now on is told."
        assert told.tick() == "No run ended."

    fail_often(told, 1)
    told.tick()
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("answer", [DOWN, Reply(429, "", (("Retry-After", "3600"),)), Reply(closes=True)])
def test_while_the_receiver_is_down_nothing_is_lost_and_then_nothing_comes_twice(
    told: Told, receiver: Receiver, answer: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    fail_often(told, 1)
    receiver.always = answer
    before = told.cursors["slack"]
    for _ in range(2):
        assert told.tick().startswith("Not told yet; the next tick tries again. Slack ")
        assert told.cursors["slack"] == before
    fail_often(told, 1)

    receiver.always = None
    assert told.tick() == "Told of 2 of 2 runs that ended."
    assert told.tick() == "No run ended."

    assert only(receiver).startswith(
        ":red_circle: *2 things need a look*\nbreaks_down: failed:\nbreak_down: on purpose"
    )


def test_a_channel_that_is_down_keeps_no_other_from_being_told_nor_makes_it_be_told_twice(
    lake_folder: Path, tmp_path: Path, receiver: Receiver, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    told = Told(lake_folder, tmp_path, SPARKIFY_SLACK_WEBHOOK=receiver.url, SPARKIFY_SNS_TOPIC=topic.arn)
    for channel in ("slack", "sns"):
        told.tick(channel)
    receiver.always = DOWN
    fail_often(told, 1)
    for _ in range(2):
        told.tick("slack")
        told.tick("sns")
    receiver.always = None
    told.tick("slack")

    assert topic.received() == [
        (
            "Sparkify error: breaks_down: failed",
            "breaks_down: failed\nbreak_down: on purpose\nIt is not run again by itself.",
        )
    ]
    assert len(receiver.messages) == 1


def test_however_many_runs_fail_there_is_one_message_of_bounded_length(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "MOST_RUNS", 10)
    fail_often(told, 12)

    assert told.tick() == "Told of 10 of 10 runs that ended."
    assert told.tick() == "Told of 2 of 2 runs that ended."
    assert told.tick() == "No run ended."

    first, second = receiver.texts
    assert first.startswith(":red_circle: *10 things need a look*\n")
    assert first.endswith("\n… and 2 more.")
    assert second.startswith(":red_circle: *2 things need a look*\n")


def test_a_run_is_told_though_sqlite_gave_its_events_the_numbers_of_a_deleted_one(
    told: Told, receiver: Receiver, tmp_path: Path
) -> None:
    def failure() -> dg.EventLogRecord:
        return told.instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=1).records[0]

    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as told.instance:
        fail_often(told, 1)
        told.tick()
        deleted = failure()
        told.instance.delete_run(deleted.run_id)
        fail_often(told, 1)
        assert failure().storage_id == deleted.storage_id

        assert told.tick() == "Told of 1 of 1 runs that ended."
        assert told.tick() == "No run ended."
    assert len(receiver.messages) == 2


def test_a_run_that_somebody_canceled_or_deleted_is_not_told(told: Told, receiver: Receiver) -> None:
    told.instance.report_run_canceled(told.instance.create_run_for_job(breaks_down))
    deleted = told.instance.create_run_for_job(breaks_down)
    told.instance.report_run_failed(deleted)
    # Its events go later.
    told.instance.run_storage.delete_run(deleted.run_id)

    assert told.tick() == "Told of 0 of 1 runs that ended."
    assert receiver.requests == 0


def test_a_run_whose_process_is_gone_is_told_with_what_dagster_says_of_it(told: Told, receiver: Receiver) -> None:
    run = told.instance.create_run_for_job(breaks_down)
    told.instance.report_run_failed(run, "Detected run worker status FAILED: 'Run process 7 is gone'.")

    told.tick()

    assert "\nDetected run worker status FAILED: 'Run process 7 is gone'.\n" in only(receiver)


def test_a_run_that_ended_just_now_is_told_when_dagster_has_noted_all_of_it(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "SECONDS_TO_SETTLE", 60.0)
    fail_often(told, 1)
    assert told.tick() == "No run ended."

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert told.tick() == "Told of 1 of 1 runs that ended."
    assert len(receiver.messages) == 1


def test_a_clock_that_was_set_back_hides_nothing(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_often(told, 1)
    told.tick()
    now = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: now + 86_400)
        fail_often(told, 1)
        told.tick()
    fail_often(told, 1)
    told.tick()

    assert told.tick() == "No run ended."
    assert len(receiver.messages) == 3


def test_a_link_leads_to_the_run(lake_folder: Path, tmp_path: Path, receiver: Receiver) -> None:
    told = Told(
        lake_folder, tmp_path, SPARKIFY_SLACK_WEBHOOK=receiver.url, SPARKIFY_UI_URL="https://dagster.example.org/etl/"
    )
    told.tick()
    fail_often(told, 1)
    (run,) = told.instance.get_runs()

    told.tick()

    assert only(receiver).endswith(f"\n<https://dagster.example.org/etl/runs/{run.run_id}|Look into it>")


def test_the_names_of_files_are_no_markup_and_call_nobody(told: Told, receiver: Receiver, lake_folder: Path) -> None:
    folder = lake_folder / "log_data/2018/11"
    cut_line(lake_folder, "2018-11-02").rename(folder / "2018-11-02-<!channel>&@here.json")
    told.load("2018-11")

    told.tick()

    text = only(receiver)
    assert "log_data/2018/11/2018-11-02-&lt;!channel&gt;&amp;@\u200bhere" in text
    assert len(text.splitlines()) == 2


def test_the_sensor_needs_neither_lake_nor_warehouse(told: Told) -> None:
    assert told.repository.get_sensor_def("alerts_to_slack").required_resource_keys == {"channels"}
