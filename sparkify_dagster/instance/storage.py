"""The storage: runs, events and the sensors' ticks, where Dagster's own storage for SQLite keeps them.

What belongs here: putting the three together. What doesn't: any of them.
"""

from pathlib import Path
from typing import Any, Self

from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from sparkify_dagster.instance.events import LocalEventLogStorage
from sparkify_dagster.instance.runs import LocalRunStorage
from sparkify_dagster.instance.schedules import LocalScheduleStorage


class LocalStorage(DagsterSqliteStorage):
    """Dagster's storage on SQLite, with the three parts of this package."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        # As Dagster's, whose constructor would make its own parts.
        DagsterStorage.__init__(self)
        self.base_dir = base_dir
        self._inst_data = inst_data
        home = Path(base_dir)
        self._run_storage = LocalRunStorage.from_local(str(home / "history"))
        self._event_log_storage = LocalEventLogStorage(str(home / "history" / "runs"))
        self._schedule_storage = LocalScheduleStorage.from_local(str(home / "schedules"))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """The storage, as dagster.yaml describes it."""
        return cls.from_local(inst_data=inst_data, **config_value)
