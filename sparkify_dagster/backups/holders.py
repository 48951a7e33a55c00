"""Whether Dagster is at work on a home: its UI, its daemon, or a run.

Two signs tell. A process of this machine has one of the databases open, as those of the platform have as long as they
live; of other users' processes, only root sees that. And a daemon, wherever it is, notes each half minute in the
database of runs that it lives. What neither shows: a UI without a daemon, in another container.

What belongs here: these signs. What doesn't: who holds DuckDB's file, which its lock tells.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil

from sparkify_dagster.backups.state import FOLDERS
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.showing import printable

_log = logging.getLogger(__name__)

SECONDS_BETWEEN_NOTES = 45.0
"""The daemon notes each 30 seconds that it lives, and on a busy machine a little later."""

_MOST_CHARACTERS = 120


def refuse_while_in_use(home: Path, pause: Callable[[float], None] = time.sleep) -> None:
    """Makes sure that Dagster is not at work on a home.

    Where a daemon has noted just now that it lives, and no process of this machine is it, it may have been stopped
    since: then this waits for the time in which it would note it again.

    Args:
        home: Dagster's home.
        pause: Waits for so many seconds.

    Raises:
        SparkifyError: It is at work; the message says who.
    """
    for process in _processes_with_files_in(home):
        raise SparkifyError(
            f"process {process.pid} ({_name(process)}) has Dagster's state in {home} open: stop `sparkify up`, "
            "`sparkify load` or whatever it is, and try again."
        )
    noted = _last_note(home)
    if noted is None:
        return
    remaining = SECONDS_BETWEEN_NOTES - (datetime.now(UTC) - noted).total_seconds()
    if remaining > 0:
        _log.info("a daemon was at work on %s just now: waiting %.0f s to see whether it still is", home, remaining)
        pause(min(remaining, SECONDS_BETWEEN_NOTES))
        if _last_note(home) != noted:
            raise SparkifyError(f"a daemon of Dagster is at work on {home}, elsewhere: stop it, and try again.")


def _processes_with_files_in(home: Path) -> Iterator[psutil.Process]:
    folders = tuple(f"{(home / name).resolve()}{os.sep}" for name in FOLDERS)
    for process in psutil.process_iter():
        # Of others' processes nothing can be seen, and some end meanwhile.
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and any(file.path.startswith(folders) for file in process.open_files()):
                yield process


def _name(process: psutil.Process) -> str:
    try:
        return printable(" ".join(process.cmdline()))[:_MOST_CHARACTERS] or process.name()
    except psutil.Error:
        return "which is ending"


def _last_note(home: Path) -> datetime | None:
    """When a daemon said last that it lives; None where none ever did, or the database can't be read."""
    path = home / "history" / "runs.db"
    if not path.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as database:
        ((noted,),) = database.execute("SELECT MAX(timestamp) FROM daemon_heartbeats").fetchall()
        return datetime.fromisoformat(noted).replace(tzinfo=UTC) if noted else None
    return None
