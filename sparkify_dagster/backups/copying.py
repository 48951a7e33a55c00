"""Copies files so that they are on the disk, and tells in words why that fails.

What belongs here: bytes, digests, and errors of the disk. What doesn't: which files.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sparkify_dagster.disk import is_full
from sparkify_dagster.errors import SparkifyError

_BYTES_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that was written.

    Attributes:
        bytes: Its size.
        sha256: Its SHA-256, in hexadecimal digits.
    """

    bytes: int
    sha256: str


def copy(source: BinaryIO, target: Path) -> Copied:
    """Copies what is left of an open file into a new one, and waits until it is on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        while piece := source.read(_BYTES_AT_ONCE):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return Copied(size, digest.hexdigest())


def digest_of(path: Path) -> Copied:
    """What a file is now."""
    with path.open("rb") as file:
        return Copied(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def settle(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


@contextmanager
def explaining(place: Path, outcome: str) -> Iterator[None]:
    """Says in one line what went wrong with the disk, and what came of it.

    Args:
        place: What is being written.
        outcome: What is the case now, as a clause: "no backup was made".

    Raises:
        SparkifyError: A file can't be read or written.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if is_full(error) or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            told = f"there is no room on the disk for {place}; {outcome}. Make room there, and try again."
        elif isinstance(error, OSError):
            told = f"{error.filename or place}: {error.strerror or error}; {outcome}."
        else:
            told = f"Dagster's state can't be copied to {place} ({error}); {outcome}."
        raise SparkifyError(told) from error
