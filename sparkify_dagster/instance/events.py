"""Events, as Dagster keeps them: a database for each run, and an index of what concerns more than one run.

Dagster's own storage opens a database anew for each statement, and closes it again; a run of a few seconds spends more
time on that than on its work. This one keeps the databases open, and writes the events that come together in one
transaction.

What belongs here: writing events, and noticing that another process has written some. What doesn't: reading them, which
is Dagster's own.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import dagster as dg
from dagster._core.event_api import EventHandlerFn
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, EVENT_TYPE_TO_PIPELINE_RUN_STATUS
from dagster._core.storage.event_log import (
    AssetKeyTable,
    SqlEventLogStorageMetadata,
    SqlEventLogStorageTable,
    SqliteEventLogStorage,
)
from dagster._core.storage.event_log.migration import ASSET_DATA_MIGRATIONS, EVENT_LOG_DATA_MIGRATIONS
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorageWatchdog
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.dialects.sqlite import insert
from watchdog.observers import Observer

from sparkify_dagster.instance.databases import fill_with, make_database
from sparkify_dagster.instance.shards import Shards

_INSERT = SqlEventLogStorageTable.insert()

_MIRRORED = ASSET_EVENTS | ASSET_CHECK_EVENTS | EVENT_TYPE_TO_PIPELINE_RUN_STATUS.keys()
"""The types of events that the index holds too."""


class LocalEventLogStorage(SqliteEventLogStorage):
    """Dagster's storage of events."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._shards = Shards()
        # A thread that asks within an answer gets the connection, and the transaction, that it has.
        self._in_use: dict[str, Connection] = {}
        self._one_thread = threading.RLock()
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Writes an event."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Writes events, those of a run in one transaction, and what the index holds of them in another."""
        rows = [self._event_to_row(event) for event in events]
        for run_id, of_run in groupby(rows, key=itemgetter("run_id")):
            with self.run_connection(run_id) as connection:
                connection.execute(_INSERT, list(of_run))
        mirrored = [pair for pair in zip(events, rows, strict=True) if pair[0].dagster_event_type in _MIRRORED]
        if mirrored:
            with self.index_connection() as connection:
                self._mirror(connection, mirrored)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table. What it has, it keeps."""
        if table_name not in self._tables:
            with self.index_connection() as connection:
                self._tables.update(inspect(connection).get_table_names())
        return table_name in self._tables

    def wipe(self) -> None:
        """Removes all events."""
        with self._one_thread:
            self._shards.close()
            super().wipe()

    def dispose(self) -> None:
        """Closes all databases."""
        super().dispose()
        with self._one_thread:
            self._shards.close()

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        """Calls back for each event of a run that any process writes."""
        if not self._obs:
            self._obs = Observer()
            self._obs.start()
        watchdog = _Watchdog(self, run_id, callback, cursor)
        watch = self._obs.schedule(watchdog, self._base_dir, recursive=True)
        self._watchers[run_id][callback] = (watchdog, watch)

    def _mirror(self, index: Connection, events: Iterable[tuple[dg.EventLogEntry, dict[str, Any]]]) -> None:
        of_assets: dict[str, dict[str, Any]] = defaultdict(dict)
        for event, row in events:
            (event_id,) = index.execute(_INSERT, row).inserted_primary_key or (0,)
            if event.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(event, event_id)
            elif row["asset_key"] is not None:
                self._store_asset_event_tags(index, [event], [event_id])
                of_assets[row["asset_key"]] |= self._get_asset_entry_values(event, event_id, True)
        for asset, values in of_assets.items():
            if values:
                upsert = insert(AssetKeyTable).values(asset_key=asset, **values)
                index.execute(upsert.on_conflict_do_update(index_elements=["asset_key"], set_=values))

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._one_thread:
            if shard in self._in_use:
                yield self._in_use[shard]
                return
            path, address = self.path_for_shard(shard), self.conn_string_for_shard(shard)
            engine = self._shards.get(path, address, partial(self._initdb, for_index_shard=shard == INDEX_SHARD_NAME))
            with engine.begin() as connection:
                self._in_use[shard] = connection
                try:
                    yield connection
                finally:
                    del self._in_use[shard]

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        if for_index_shard:
            fill = fill_with(SqlEventLogStorageMetadata, EVENT_LOG_DATA_MIGRATIONS, ASSET_DATA_MIGRATIONS)
            make_database(engine, fill)
        else:
            # The tables of a run are those of the index, which need not be asked of Dagster again.
            with self.index_connection() as index:
                make_database(engine, partial(_copy_tables, index))


def _copy_tables(source: Connection, target: Connection) -> None:
    made = source.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY rowid")
    for (statement,) in made.fetchall():
        target.exec_driver_sql(statement)
    for version in source.exec_driver_sql("SELECT version_num FROM alembic_version").fetchall():
        target.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", tuple(version))


class _Watchdog(SqliteEventLogStorageWatchdog):
    """Looks where events arrive first: the log beside the file, which is merged into it only at times."""

    @property
    def patterns(self) -> list[str]:
        """The files whose change it is told."""
        return [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, event: Any) -> None:
        """Calls back."""
        self._process_log()
