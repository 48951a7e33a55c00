"""The warehouse as a resource, open for as long as a run needs it.

What belongs here: its life within a run. What doesn't: the engines, and the choice among them.
"""

from abc import abstractmethod

import dagster as dg
from pydantic import Field, PrivateAttr

from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.opening import open_warehouse, warehouse_location

# What the UI shows of the two.
_WRITER = """The warehouse of loads, builds and checks, as the settings name it. One run at a time works in it."""
_READER = """The warehouse as sensors and schedules ask it: they only read, and don't wait while a run works in it."""


class WarehouseResource(dg.ConfigurableResource):
    """A warehouse, opened at its first use in a run and let go at the end of the run."""

    location: str = Field(description="Where it is, for people.")
    lock_wait: float = Field(description="Seconds to wait for another writer.")

    _warehouse: Warehouse | None = PrivateAttr(default=None)

    def get(self) -> Warehouse:
        """The warehouse."""
        if self._warehouse is None:
            self._warehouse = self.open()
        return self._warehouse

    @abstractmethod
    def open(self) -> Warehouse:
        """The warehouse; connected at its first use."""

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Lets go of it."""
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


def warehouse_resource(settings: Settings, *, read_only: bool = False) -> WarehouseResource:
    """The warehouse that the settings ask for; for reading, one that does not wait for a writer."""

    class ChosenWarehouse(WarehouseResource):
        __doc__ = _READER if read_only else _WRITER

        # The settings are no configuration of it: Dagster keeps and shows that, and they may hold a password.

        def open(self) -> Warehouse:
            return open_warehouse(settings, read_only=read_only, lock_wait=self.lock_wait)

    return ChosenWarehouse(location=warehouse_location(settings), lock_wait=0.0 if read_only else settings.lock_wait)
