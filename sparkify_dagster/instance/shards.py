"""The databases of events that are open: one for each run, and the index of all runs.

What belongs here: keeping the few open that were used last. What doesn't: what is in them.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, StaticPool

from sparkify_dagster.instance.databases import open_database

MOST_OPEN = 16
"""How many are kept open. A run writes two; the UI shows the events of a few runs at a time."""


@dataclass(frozen=True, slots=True)
class _Open:
    engine: Engine
    file: tuple[int, int]
    process: int


class Shards:
    """The open databases. Threads must ask one at a time, and be done before the next asks."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._inherited: list[_Open] = []

    def __len__(self) -> int:
        return len(self._open)

    def get(self, path: str, address: str, prepare: Callable[[Engine], None]) -> Engine:
        """An open database.

        Args:
            path: Its file.
            address: SQLAlchemy's URL of the file.
            prepare: Called with a database that is opened now, to make its tables where it has none.
        """
        found = self._open.get(path)
        if found is not None and self._still_that(found, path):
            self._open.move_to_end(path)
            return found.engine
        self._forget(path)
        engine = open_database(address, StaticPool)
        try:
            prepare(engine)
            self._open[path] = _Open(engine, _identity(path), os.getpid())
        except BaseException:
            engine.dispose()
            raise
        while len(self._open) > MOST_OPEN:
            self._forget(next(iter(self._open)))
        return engine

    def close(self) -> None:
        """Closes all."""
        for path in list(self._open):
            self._forget(path)

    def _still_that(self, found: _Open, path: str) -> bool:
        """Whether the file has not been removed meanwhile, as by ``dagster run wipe`` in another process."""
        try:
            return found.file == _identity(path) and found.process == os.getpid()
        except FileNotFoundError:
            return False

    def _forget(self, path: str) -> None:
        found = self._open.pop(path, None)
        if found is None:
            return
        if found.process == os.getpid():
            found.engine.dispose()
        else:
            # SQLite forbids a forked process even to close what its parent opened.
            self._inherited.append(found)


def _identity(path: str) -> tuple[int, int]:
    status = Path(path).stat()
    return status.st_dev, status.st_ino
