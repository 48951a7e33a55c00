"""Copies of the lake's files in a folder of this machine.

What belongs here: whether there need to be any, the names that they get, and writing them with errors that people
understand. What does not: where the bytes come from.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sparkify_dagster.errors import LakeError
from sparkify_dagster.lake.base import Lake, LakeFile


def readable_paths(lake: Lake, files: Sequence[LakeFile], folder: Path) -> list[Path]:
    """Gives a path for each file at which this machine can read it: in place, or else a copy in a folder that is made.

    Raises:
        FileChanged: The lake holds another version of one of the files by now, or none.
    """
    in_place = [path for file in files if (path := lake.local_path(file)) is not None]
    return in_place if len(in_place) == len(files) else lake.fetch(files, folder)


def copy_paths(folder: Path, count: int) -> list[Path]:
    """Makes the folder if need be, and gives the paths for so many copies.

    The names are made up and never built from keys, so no key can lead out of the folder, overwrite another's copy, or
    be too long for the file system.

    Raises:
        LakeError: The folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return [folder / f"{number:06d}.json" for number in range(count)]


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Opens a copy for writing; failures to write it (a full disk, no permission) become a LakeError.

    What reads the bytes inside the ``with`` must turn its own OSErrors into LakeErrors, or they are taken for failures
    to write.
    """
    try:
        with open(path, "wb") as target:
            yield target
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> LakeError:
    return LakeError(
        f"cannot write {path}, where files of the lake are copied to: {error.strerror or error}. "
        "Make room there, or set TMPDIR to a folder with room that may be written to"
    )
