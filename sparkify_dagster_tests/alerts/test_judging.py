"""What of a run deserves an alert, where no real run is needed to see it."""

from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from sparkify_dagster.alerts.finished import Finished
from sparkify_dagster.alerts.judging import judge

LAUNCHED: Any = object()


def failed(tags: dict[str, str], *events: Any, by_command_line: bool = False, job: str = "load_logs") -> Finished:
    """A run that failed."""
    run: Any = SimpleNamespace(
        job_name=job,
        run_id="1",
        tags=tags,
        asset_selection={dg.AssetKey(name) for name in ("time", "users", "songs", "artists", "songplays")},
        remote_job_origin=None if by_command_line else LAUNCHED,
    )
    return Finished(run, failed=True, events=events)


def engine_event(message: str, *errors: tuple[str, str]) -> Any:
    """An event of Dagster's engine, with an error and those that it was caused by."""
    error = None
    for kind, text in reversed(errors):
        error = SimpleNamespace(cls_name=kind, message=f"{kind}: {text}", cause=error)
    event = SimpleNamespace(message=message, engine_event_data=SimpleNamespace(error=error))
    kind = dg.DagsterEventType.ENGINE_EVENT
    return SimpleNamespace(dagster_event_type=kind, get_dagster_event=lambda: event, asset_materialization=None)


@pytest.mark.parametrize(
    ("tags", "by_command_line", "words"),
    [
        ({"dagster/will_retry": "true"}, False, "Dagster runs it again by itself."),
        ({"dagster/will_retry": "true"}, True, "It is not run again by itself."),
        ({"dagster/will_retry": "false"}, False, "It is not run again by itself."),
        ({"dagster/retry_number": "2"}, False, "This was retry 2. It is not run again by itself."),
    ],
)
def test_it_is_said_whether_dagster_runs_it_again(tags: dict[str, str], by_command_line: bool, words: str) -> None:
    alert = judge(failed(tags, by_command_line=by_command_line), {}).alert

    assert alert is not None
    assert alert.lines[-1] == words


@pytest.mark.parametrize(
    ("job", "tags", "title"),
    [
        ("load_logs", {"dagster/partition": "2018-11"}, "load_logs 2018-11: failed"),
        (
            "__ASSET_JOB",
            {
                "dagster/asset_partition_range_start": "2018-11",
                "dagster/asset_partition_range_end": "2019-02",
            },
            "materialization of artists, songplays, songs, time, … 2018-11 to 2019-02: failed",
        ),
    ],
)
def test_the_title_says_what_was_run_and_for_which_months(job: str, tags: dict[str, str], title: str) -> None:
    alert = judge(failed(tags, job=job), {}).alert

    assert alert is not None
    assert alert.title == title


def test_a_run_that_could_not_be_launched_is_told_with_the_last_error_of_the_engine() -> None:
    events = [
        engine_event("Trying", ("OSError", "once")),
        engine_event("Dropping it", ("DagsterLaunchFailedError", "exit code\n-9")),
        engine_event("Retrying the run"),
    ]
    alert = judge(failed({}, *events), {}).alert

    assert alert is not None
    assert alert.lines == ("Dropping it: exit code -9", "It is not run again by itself.")


def test_the_words_of_the_platform_win_over_those_of_a_library_below() -> None:
    chain = [("DagsterExecutionStepExecutionError", "op"), ("WarehouseBusy", "pid 7 holds it"), ("IOException", "lock")]
    alert = judge(failed({}, engine_event("Step", *chain)), {}).alert

    assert alert is not None
    assert alert.lines[0] == "Step: pid 7 holds it"
