"""Runs whose process is killed, with SIGKILL, while `sparkify up` and `sparkify load` work side by side.

The steps build on each other, and each is a fixture that does it once: a run takes seconds to start, and the platform
many. In each of them DuckDB's file is taken: a run then waits in the middle of its load for as long as the test wants.
"""

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sparkify_dagster_tests.lakes import MILLISECONDS_A_DAY, SONG, event, play
from sparkify_dagster_tests.life.machine import (
    OF_ANALYTICS,
    OF_THE_LAKE,
    Load,
    Machine,
    events,
    is_process,
    launch,
    switch_sensors,
    wait_until,
    worker,
)
from sparkify_dagster_tests.ui.server import Server, wait_for

SECONDS_BETWEEN_LOOKS = 1
INTERVALS = {"poll_interval_seconds: 10": f"poll_interval_seconds: {SECONDS_BETWEEN_LOOKS}"}
SECONDS_UNTIL_SEEN = 15.0
"""On a machine that is busy with other tests."""

MONTHS = ("2018-11", "2018-11")


@dataclass
class Platform:
    """The machine, and the `sparkify up` that runs on it now."""

    machine: Machine
    server: Server

    def day_arrives(self, day: int) -> None:
        """Puts a log file of November into the lake."""
        record = play(day, sessionId=day, ts=play()["ts"] + (day - 1) * MILLISECONDS_A_DAY)
        self.machine.log(f"2018-11-{day:02}", [record])

    def begun(self, load: Load) -> str:
        """The id of the run of a `sparkify load`, once it has begun."""

        def found() -> str | None:
            assert load.process.poll() is None, load.printed
            ids = [run["runId"] for run in self.server.runs() if run["status"] == "STARTED"]
            return ids[0] if ids else None

        return wait_for("the run of `sparkify load`", found, 60, every=0.1)

    def status(self, run: str) -> str:
        return self.server.run(run)["status"]

    def second_try(self, run: str, status: str) -> str:
        """The id of the second try of a run, once it has a status."""

        def found() -> str | None:
            tries = [other for other in self.server.runs() if other["tags"].get("dagster/parent_run_id") == run]
            assert len(tries) <= 1
            return next((other["runId"] for other in tries if other["status"] == status), None)

        return wait_for(f"another try of run {run}", found, 180, every=0.2)


@dataclass(frozen=True)
class Together:
    """A `sparkify load` and a run of Dagster's queue at the same time.

    Attributes:
        waited: What the second of them did, for as long as the first was kept at work.
        exit_code: Of `sparkify load`.
        status: Of the other run, in the end.
    """

    waited: set[str]
    exit_code: int
    status: str


@dataclass(frozen=True)
class Killed:
    """A run that was killed.

    Attributes:
        run: Its id.
        seconds: How long it took until it was marked.
    """

    run: str
    seconds: float


@dataclass(frozen=True)
class Retried:
    """A run that was killed, and its second try at the same time as a `sparkify load`."""

    killed: Killed
    together: Together


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """`sparkify up` on a lake with a day and a song; its sensors are off."""
    machine = Machine(tmp_path_factory.mktemp("machine"), INTERVALS)
    with machine.up("first") as server:
        platform = Platform(machine, server)
        server.wait_until_up()
        switch_sensors(server, on=False, names=OF_THE_LAKE | OF_ANALYTICS)
        machine.log("2018-11-01", [event(), play(1)])
        machine.song("TR1", SONG)
        yield platform
        # Whichever of the two is left, there is nothing in it to end well for.
        server.kill()


@pytest.fixture(scope="module")
def load_first(platform: Platform) -> Together:
    """A run is launched in the UI while `sparkify load` is at work, and kept at it for a while.

    It is the first that this Dagster ever finds in its queue.
    """
    waited = set()
    with platform.machine.load() as load:
        load.wait_until_it_says("starting Dagster")
        with platform.machine.taken():
            run = platform.begun(load)
            launched = launch(platform.server, MONTHS)
            end = time.monotonic() + 3 * SECONDS_BETWEEN_LOOKS
            while time.monotonic() < end:
                assert platform.status(run) == "STARTED"
                waited.add(platform.status(launched))
                time.sleep(0.3)
        code = load.wait()
    wait_until(platform.server, launched, "SUCCESS")
    platform.machine.check()
    return Together(waited, code, platform.status(launched))


@pytest.fixture(scope="module")
def killed_worker(platform: Platform, load_first: Together) -> Retried:
    """The process of a run is killed in the middle of its load, and the second try meets a `sparkify load`."""
    platform.day_arrives(2)
    with platform.machine.taken() as file:
        run = launch(platform.server, MONTHS)
        wait_until(platform.server, run, "STARTED")
        os.kill(worker(platform.server, run), signal.SIGKILL)
        killed_at = time.monotonic()
        wait_until(platform.server, run, "FAILURE")
        seconds = time.monotonic() - killed_at
        again = platform.second_try(run, "STARTED")
        with platform.machine.load("--rebuild") as load:
            load.wait_until_it_says("waiting for")
            waited = {platform.status(again)}
            # Both go on now, in whatever order.
            file.close()
            code = load.wait()
    wait_until(platform.server, again, "SUCCESS")
    platform.machine.check()
    return Retried(Killed(run, seconds), Together(waited, code, platform.status(again)))


@pytest.fixture(scope="module")
def killed_load(platform: Platform, killed_worker: Retried) -> Killed:
    """`sparkify load` is killed in the middle of a load; nothing but the sensors goes on."""
    platform.day_arrives(3)
    with platform.machine.load() as load:
        load.wait_until_it_says("starting Dagster")
        with platform.machine.taken():
            run = platform.begun(load)
            load.kill()
            killed_at = time.monotonic()
            wait_until(platform.server, run, "FAILURE")
            seconds = time.monotonic() - killed_at
    switch_sensors(platform.server, on=True)
    wait_for("the run of the sensor", lambda: _succeeded(platform, "new_logs"), 180, every=0.2)
    platform.machine.check()
    return Killed(run, seconds)


@pytest.fixture(scope="module")
def killed_platform(platform: Platform, killed_load: Killed) -> Iterator[Killed]:
    """All of `sparkify up` is killed while a run is in the middle of its load, and started again."""
    with platform.machine.taken():
        # Only now: the sensors are on, and must not ask for a run themselves.
        platform.day_arrives(4)
        run = launch(platform.server, MONTHS)
        wait_until(platform.server, run, "STARTED")
        process = worker(platform.server, run)
        platform.server.kill()
        wait_for("the end of the run's process", lambda: not is_process(process), 30, every=0.1)
    with platform.machine.up("second") as server:
        platform.server = server
        server.wait_until_up()
        up_at = time.monotonic()
        wait_until(server, run, "FAILURE")
        yield Killed(run, time.monotonic() - up_at)
        server.kill()


@pytest.mark.slow
def test_a_run_of_the_ui_waits_in_the_queue_for_a_load_that_lives_however_long(load_first: Together) -> None:
    assert load_first == Together({"QUEUED"}, 0, "SUCCESS")


def test_a_run_that_is_killed_is_tried_again_by_itself(platform: Platform, killed_worker: Retried) -> None:
    assert killed_worker.killed.seconds < SECONDS_UNTIL_SEEN
    again = platform.second_try(killed_worker.killed.run, "SUCCESS")
    assert platform.server.run(again)["tags"]["dagster/retry_number"] == "1"


def test_a_load_waits_for_a_run_of_the_queue_and_nothing_is_doubled(killed_worker: Retried) -> None:
    assert killed_worker.together == Together({"STARTED"}, 0, "SUCCESS")


def test_a_load_that_is_killed_does_not_block_the_sensors_which_load_what_it_left(
    platform: Platform, killed_load: Killed
) -> None:
    assert killed_load.seconds < SECONDS_UNTIL_SEEN
    said = " ".join(events(platform.server, killed_load.run))
    assert "is gone: it was killed" in said
    # It belongs to no code server: to try it again would be in vain, and is not attempted.
    assert "retry" not in said


def test_a_platform_that_is_killed_goes_on_where_it_was_when_it_is_started_again(
    platform: Platform, killed_platform: Killed
) -> None:
    assert killed_platform.seconds < SECONDS_UNTIL_SEEN
    assert "is gone: it was killed" in " ".join(events(platform.server, killed_platform.run))
    platform.second_try(killed_platform.run, "SUCCESS")
    platform.machine.check()


def test_nothing_that_alarms_is_printed(platform: Platform, killed_platform: Killed) -> None:
    printed = "".join(path.read_text() for path in platform.machine.folder.glob("*.log"))
    assert not re.search("Traceback|ERROR|CRITICAL", printed), printed


def _succeeded(platform: Platform, sensor: str) -> bool:
    runs = [run for run in platform.server.runs() if run["tags"].get("dagster/sensor_name") == sensor]
    return any(run["status"] == "SUCCESS" for run in runs)
