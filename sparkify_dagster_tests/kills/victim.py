"""A process that loads and builds everything, and is killed.

It notes each step of ``sparkify_dagster.steps`` in a file as the platform tells of it. At the step that it is told to,
it kills itself with SIGKILL, which nothing can catch: no ``finally``, no closing of connections or files.

What belongs here: what runs in that process, and starting it. What doesn't: expectations.
"""

import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sparkify_dagster.lake import Lake, open_lake
from sparkify_dagster.settings import read_settings
from sparkify_dagster.steps import Step
from sparkify_dagster.warehouse.opening import open_warehouse
from sparkify_dagster_tests.contract.deployment import Deployment
from sparkify_dagster_tests.contract.stores import Store

# A process that has imported everything and has no threads forks those that are killed: they begin at once.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "sparkify_dagster.warehouse.redshift.engine", "boto3.session"])

_SECONDS_TO_END = 60.0


@dataclass(frozen=True)
class Moment:
    """The number-th time (from 1) that a step is done, or so many seconds later: in the middle of the next one."""

    step: Step
    number: int = 1
    later: float = 0.0

    def __str__(self) -> str:
        return f"{self.step} {self.number}"


@dataclass(frozen=True)
class Platform:
    """Where a process finds lake and warehouse, and where it leaves its traces.

    Attributes:
        environment: The settings, as variables.
        folder: A folder of its own.
    """

    environment: Mapping[str, str]
    folder: Path

    @property
    def trace(self) -> Path:
        """The file in which steps are noted."""
        return self.folder / "steps"

    @property
    def scratch(self) -> Path:
        """What is TMPDIR to it."""
        return self.folder / "scratch"

    @property
    def home(self) -> Path:
        """Dagster's home."""
        return self.folder / ".sparkify" / "dagster"

    def steps(self) -> list[str]:
        """The steps that the last process did."""
        return self.trace.read_text().splitlines() if self.trace.exists() else []

    def run(self, *words: str, kill_at: Moment | None = None, kill_after: float | None = None) -> int:
        """Loads and builds everything in a process of its own, table after table.

        Args:
            words: A command line of `sparkify` to run instead, with all that Dagster does.
            kill_at: The step after which it kills itself.
            kill_after: Seconds after which it is killed.

        Returns:
            Its exit code: 0, or -9 where it was killed.
        """
        self.trace.unlink(missing_ok=True)
        self.scratch.mkdir(exist_ok=True)
        process = _PROCESSES.Process(target=live, args=(self, words, kill_at))
        process.start()
        try:
            if kill_after is not None:
                # Counted from the moment at which it goes about its work.
                _wait_for(self.trace)
                process.join(kill_after)
                with suppress(ProcessLookupError):
                    os.kill(cast(int, process.pid), signal.SIGKILL)
            process.join(_SECONDS_TO_END)
            assert process.exitcode is not None, "it never ends"
            return process.exitcode
        finally:
            process.kill()


def live(platform: Platform, words: Sequence[str], kill_at: Moment | None) -> None:
    """What the process does."""
    move_in(platform, platform.folder / "printed")
    _arm(platform.trace, kill_at)
    if words:
        run_command_line(words)
    else:
        load_and_build(platform)


def move_in(platform: Platform, printed: Path) -> None:
    """Makes this process one of the platform's; what it prints goes into a file."""
    output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.environ.update(platform.environment)
    os.chdir(platform.folder)
    tempfile.tempdir = str(platform.scratch)


def run_command_line(words: Sequence[str]) -> None:
    """Is `sparkify`."""
    # Imported here: only the processes that need it pay for Dagster.
    from sparkify_dagster.cli import main

    sys.argv = ["sparkify", *words]
    main()


def load_and_build(platform: Platform) -> None:
    """Brings everything up to date, table after table."""
    settings = read_settings(platform.environment, platform.folder)
    warehouse = open_warehouse(settings, lock_wait=30.0)
    lake = open_lake(settings.log_data, settings.song_data, settings.lake)
    Deployment(cast(Store, _LakeAlone(lake)), warehouse).load_and_build_all()
    warehouse.close()


def _arm(trace: Path, kill_at: Moment | None) -> None:
    """Notes the steps that this process does, and kills it at one of them."""
    logger = logging.getLogger("sparkify_dagster.steps")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(_Killer(trace, kill_at))


@dataclass(frozen=True)
class _LakeAlone:
    """All of a store that loading needs."""

    lake: Lake


class _Killer(logging.Handler):
    def __init__(self, trace: Path, kill_at: Moment | None) -> None:
        super().__init__(logging.DEBUG)
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._kill_at = kill_at
        self._times = 0

    def emit(self, record: logging.LogRecord) -> None:
        step = record.getMessage()
        os.write(self._trace, f"{step}\n".encode())
        if self._kill_at is not None and step == self._kill_at.step:
            self._times += 1
            if self._times == self._kill_at.number:
                if self._kill_at.later:
                    threading.Timer(self._kill_at.later, _kill_this_process).start()
                else:
                    _kill_this_process()


def _kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_END
    while not path.exists():
        assert time.monotonic() < deadline, "it never begins"
        time.sleep(0.001)
