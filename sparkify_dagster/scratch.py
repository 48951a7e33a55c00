"""Folders of this machine that a load writes copies and validated records into.

Each is held by its process with a lock on a file in it. A process that is killed leaves its folder behind, with up to
as many bytes as it was loading, and its lock is gone: whoever makes the next folder removes it.

What belongs here: making and removing these folders. What doesn't: what is written there.
"""

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sparkify_dagster.disk import is_full, no_room
from sparkify_dagster.errors import SparkifyError

_log = logging.getLogger(__name__)

_PREFIX = "sparkify-"
_LOCK = ".lock"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Gives a folder below TMPDIR, which is removed at the end; so are those of processes that were killed.

    Raises:
        SparkifyError: There is no room for what is written there.
    """
    with _place() as place:
        _remove_abandoned(Path(place))
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=place) as name, _held(Path(name)):
            yield Path(name)


@contextmanager
def _place() -> Iterator[str]:
    try:
        place = tempfile.gettempdir()
    except FileNotFoundError as error:
        raise SparkifyError(f"{error.strerror}. Set TMPDIR to a folder with room that may be written to.") from error
    try:
        yield place
    except OSError as error:
        if is_full(error):
            raise SparkifyError(no_room(place, ", or set TMPDIR to a folder with room")) from error
        raise


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    with (folder / f"{_LOCK}.new").open("wb") as lock:
        # Locked first, named then: whoever sees a lock file that is not locked sees a folder that nobody holds.
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / f"{_LOCK}.new").rename(folder / _LOCK)
        yield


def _remove_abandoned(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        # What can't be looked at belongs to somebody else, or is being removed just now.
        with suppress(OSError):
            if not folder.is_symlink() and folder.stat().st_uid == os.getuid() and _is_abandoned(folder):
                _log.info("removing %s, which a load that was cut off has left", folder)
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    with (folder / _LOCK).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
