"""Opens the warehouse that the settings ask for.

What belongs here: the choice of the engine, the one place where it is made. What doesn't: the engines.
"""

from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse.base import Warehouse


def open_warehouse(settings: Settings, *, lock_wait: float, read_only: bool = False) -> Warehouse:
    """The warehouse; connected at its first use.

    Args:
        settings: The settings.
        lock_wait: Seconds to wait for another writer, or for DuckDB's file.
        read_only: For DuckDB, open the file only for reading, so that several processes can.
    """
    if settings.redshift is not None:
        # Each engine's driver takes long to import, and only that engine needs it.
        from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse  # noqa: PLC0415

        return RedshiftWarehouse(settings.redshift, lock_wait=lock_wait)
    from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse  # noqa: PLC0415

    return DuckDBWarehouse(
        settings.duckdb_path, read_only=read_only, lock_wait=lock_wait, memory_limit=settings.memory_limit
    )


def warehouse_location(settings: Settings) -> str:
    """Where the warehouse is, for people. DuckDB is not imported to say it."""
    if settings.redshift is None:
        return str(settings.duckdb_path)
    return open_warehouse(settings, lock_wait=0.0).location
