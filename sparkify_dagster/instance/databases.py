"""Databases of SQLite that stay open, and are made without waiting for the disk at every table.

What belongs here: opening and making a file. What doesn't: which files there are, and what is written into them.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dagster._core.storage.sql import ALEMBIC_SCRIPTS_LOCATION
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, MetaData, Pool, create_engine, event


def open_database(address: str, poolclass: type[Pool] | None = None, **pool: Any) -> Engine:
    """A database whose connections are kept in a pool; Dagster's own connects anew for each statement.

    Args:
        address: SQLAlchemy's URL of the file.
        poolclass: The pool; SQLAlchemy's usual one where None.
        pool: What the pool is told.
    """
    arguments = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=poolclass, connect_args=arguments, **pool)
    event.listen(engine, "connect", _wait_less_for_the_disk)
    return engine


def make_database(engine: Engine, fill: Callable[[Connection], None]) -> None:
    """Makes the tables where there are none, all at once or not at all; of several processes that come, one does.

    Args:
        engine: The database.
        fill: Makes the tables.
    """
    # SQLite lets nobody wait for its change to a write-ahead log: whoever is second, or only looks, would be refused.
    with _alone(Path(str(engine.url.database)).parent), engine.connect() as connection:
        if _is_made(connection):
            return
        # Before the transaction, since neither can be set within one.
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        fill(connection)
        connection.commit()


def fill_with(metadata: MetaData, *migrations: Iterable[str]) -> Callable[[Connection], None]:
    """Makes tables as Dagster describes them, and notes what its own storages note in a database that they make.

    Args:
        metadata: The tables.
        migrations: The names of the migrations of data, for which there is nothing to do where there are no data.
    """

    def fill(connection: Connection) -> None:
        metadata.create_all(connection)
        MigrationContext.configure(connection).stamp(_versions(), "head")
        done = [{"name": name, "migration_completed": datetime.now()} for name in chain(*migrations)]  # noqa: DTZ005
        connection.execute(metadata.tables["secondary_indexes"].insert(), done)

    return fill


def _is_made(connection: Connection) -> bool:
    """Whether the tables are there, and the version of Dagster's schema that they are of."""
    tables = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    if connection.exec_driver_sql(tables).fetchone() is None:
        return False
    return connection.exec_driver_sql("SELECT 1 FROM alembic_version").fetchone() is not None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@cache
def _versions() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", ALEMBIC_SCRIPTS_LOCATION)
    return ScriptDirectory.from_config(config)


def _wait_less_for_the_disk(connection: Any, _: object) -> None:
    """Leaves it to the system when commits reach the disk, where there is a write-ahead log.

    A process that is killed loses nothing that way. A machine that loses power may lose the last commits, whole, and
    never breaks a file: runs that were at work then are lost anyhow, and what is loaded is known from the warehouse's
    ledger, which does wait for the disk.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        connection.execute("PRAGMA synchronous=NORMAL")
