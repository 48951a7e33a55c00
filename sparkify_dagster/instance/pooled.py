"""How a storage of Dagster's uses a database that stays open.

What belongs here: connections of its pool. What doesn't: opening it (``databases``), and which storages there are.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


class Pooled:
    """To be put before one of Dagster's own storages, which connects anew for each statement."""

    _engine: Engine

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection within a transaction."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Closes the connections."""
        self._engine.dispose()
