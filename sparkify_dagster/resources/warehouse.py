"""The warehouse as a resource, open for as long as a run needs it.

What belongs here: its life within a run. What doesn't: the engines.
"""

from abc import abstractmethod
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from sparkify_dagster.warehouse import DuckDBWarehouse, Warehouse


class WarehouseResource(dg.ConfigurableResource):
    """A warehouse, opened at its first use in a run and let go at the end of the run."""

    _warehouse: Warehouse | None = PrivateAttr(default=None)

    def get(self) -> Warehouse:
        """The warehouse."""
        if self._warehouse is None:
            self._warehouse = self.open()
        return self._warehouse

    @abstractmethod
    def open(self) -> Warehouse:
        """A warehouse as the configuration says; connected at its first use."""

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Lets go of it."""
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


class DuckDBResource(WarehouseResource):
    """DuckDB."""

    path: str = Field(description="DuckDB's file.")
    read_only: bool = Field(default=False, description="Open it only for reading.")
    lock_wait: float = Field(default=600.0, description="Seconds to wait for another process that holds the file.")

    def open(self) -> Warehouse:
        """DuckDB on that file."""
        return DuckDBWarehouse(Path(self.path), read_only=self.read_only, lock_wait=self.lock_wait)
