"""Where the lake of a deployment lies: a folder, or a bucket of an S3 of the tests.

What belongs here: writing and taking away files by their key. What doesn't: what is in them.
"""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from sparkify_dagster.lake import FolderLake, Lake
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import write


class Store(Protocol):
    """A lake that tests write into."""

    lake: Lake

    def put(self, key: str, content: bytes) -> None: ...
    def delete(self, key: str) -> None: ...
    def hidden(self, key: str) -> AbstractContextManager[None]: ...
    def empty(self) -> None: ...


class FolderStore:
    """A lake in a folder; each writing of a file is another version to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lake: Lake = FolderLake(folder / "log_data", folder / "song_data", str(folder))

    def put(self, key: str, content: bytes) -> None:
        write(self._folder / key, content)

    def delete(self, key: str) -> None:
        (self._folder / key).unlink()

    @contextmanager
    def hidden(self, key: str) -> Iterator[None]:
        """Takes a file out of the lake for a while; it comes back as it was, with its time."""
        path, aside = self._folder / key, self._folder / "aside"
        path.rename(aside)
        yield
        aside.rename(path)

    def empty(self) -> None:
        """Takes all files away: quicker than another lake."""
        for part in ("log_data", "song_data"):
            shutil.rmtree(self._folder / part, ignore_errors=True)
            (self._folder / part).mkdir()


class S3Store:
    """A lake in a bucket; a file that is written again as it was is the same version."""

    def __init__(self, place: S3Place) -> None:
        self._place = place
        self.lake = place.lake

    def put(self, key: str, content: bytes) -> None:
        self._place.put(key, content)

    def delete(self, key: str) -> None:
        self._place.delete(key)

    @contextmanager
    def hidden(self, key: str) -> Iterator[None]:
        """Takes a file out of the lake for a while; it comes back as it was."""
        content = self._place.read(key)
        self.delete(key)
        yield
        self.put(key, content)

    def empty(self) -> None:
        self._place.empty()
