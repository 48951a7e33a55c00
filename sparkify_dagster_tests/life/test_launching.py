"""Which runs count as alive: asked as Dagster's monitoring asks, of runs in this process and in others."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psutil
import pytest
import yaml

# As Dagster's code server says it of the processes that it starts.
from dagster._core.events import EngineEventData

from sparkify_dagster.launching import LocalRunLauncher
from sparkify_dagster.launching.launcher import SECONDS_TO_SAY_WHERE
from sparkify_dagster.launching.worker import Worker, find_worker

ROOT = Path(__file__).parent.parent.parent


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job(executor_def=dg.in_process_executor)
def short() -> None:
    """Is soon done."""
    nothing()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster with this launcher."""
    launcher = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))["run_launcher"]
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump({"run_launcher": launcher, "telemetry": {"enabled": False}}))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def launcher(instance: dg.DagsterInstance) -> LocalRunLauncher:
    """The launcher, as Dagster makes it from dagster.yaml."""
    launcher = instance.run_launcher
    assert isinstance(launcher, LocalRunLauncher)
    assert launcher.supports_check_run_worker_health
    return launcher


def begun(instance: dg.DagsterInstance, seconds_ago: float) -> dg.DagsterRun:
    """A run that began, and of which nothing was heard since."""
    run = instance.create_run_for_job(short)
    start = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_START.value, job_name="short")
    instance.report_dagster_event(start, run.run_id, timestamp=time.time() - seconds_ago)
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def test_a_run_whose_process_lives_is_alive(instance: dg.DagsterInstance, launcher: LocalRunLauncher) -> None:
    run = short.execute_in_process(instance=instance).dagster_run
    worker = find_worker(instance, run.run_id)
    assert worker is not None
    assert worker.pid == os.getpid()
    assert launcher.check_run_worker_health(run).status.value == "RUNNING"


def test_a_run_whose_process_has_ended_is_not(instance: dg.DagsterInstance, launcher: LocalRunLauncher) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    run = begun(instance, 1.0)
    instance.report_engine_event("Started process for run.", run, EngineEventData.in_process(ended.pid))
    ended.wait()
    health = launcher.check_run_worker_health(run)
    assert health.status.value == "FAILED"
    assert health.msg == f"the run's process ({ended.pid}) is gone: it was killed, or the machine was restarted"


def test_a_later_process_with_the_same_number_is_another_one() -> None:
    created = psutil.Process().create_time()
    assert Worker(os.getpid(), created + 1.0).lives()
    assert not Worker(os.getpid(), created - 1.0).lives()


def test_a_process_that_ended_and_that_nobody_has_asked_after_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    child = psutil.Process(process.pid)
    deadline = time.monotonic() + 30
    while child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Worker(process.pid, time.time()).lives()
    process.wait()


def test_a_run_that_has_not_said_where_it_is_has_a_minute_to_say_so(
    instance: dg.DagsterInstance, launcher: LocalRunLauncher
) -> None:
    just_now, long_ago = begun(instance, 1.0), begun(instance, SECONDS_TO_SAY_WHERE + 1.0)
    assert launcher.check_run_worker_health(just_now).status.value == "RUNNING"
    assert launcher.check_run_worker_health(long_ago).status.value == "NOT_FOUND"
