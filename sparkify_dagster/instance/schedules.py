"""Ticks and cursors of sensors, as Dagster keeps them, on connections that stay open.

What belongs here: making and opening their database. What doesn't: what Dagster does with it.
"""

from pathlib import Path
from typing import Self

from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.schedules.migration import (
    OPTIONAL_SCHEDULE_DATA_MIGRATIONS,
    REQUIRED_SCHEDULE_DATA_MIGRATIONS,
)
from dagster._core.storage.schedules.schema import ScheduleStorageSqlMetadata
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._serdes import ConfigurableClassData

from sparkify_dagster.instance.databases import fill_with, make_database, open_database
from sparkify_dagster.instance.pooled import Pooled


class LocalScheduleStorage(Pooled, SqliteScheduleStorage):
    """Dagster's storage of ticks."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engine = open_database(conn_string, max_overflow=-1)
        super().__init__(conn_string, inst_data)

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """The storage in a folder."""
        Path(base_dir).mkdir(parents=True, exist_ok=True)
        storage = cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        make_database(
            storage._engine,
            fill_with(ScheduleStorageSqlMetadata, REQUIRED_SCHEDULE_DATA_MIGRATIONS, OPTIONAL_SCHEDULE_DATA_MIGRATIONS),
        )
        return storage
