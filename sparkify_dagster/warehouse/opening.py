"""Opens the warehouse that the settings ask for.

What belongs here: the choice of the engine, the one place where it is made. What doesn't: the engines.
"""

from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse.base import Warehouse
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse


def open_warehouse(settings: Settings, *, lock_wait: float, read_only: bool = False) -> Warehouse:
    """The warehouse; connected at its first use.

    Args:
        settings: The settings.
        lock_wait: Seconds to wait for another writer, or for DuckDB's file.
        read_only: For DuckDB, open the file only for reading, so that several processes can.
    """
    if settings.redshift is not None:
        # The driver and boto3 take a second to import, and only Redshift needs them.
        from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse  # noqa: PLC0415

        return RedshiftWarehouse(settings.redshift, lock_wait=lock_wait)
    return DuckDBWarehouse(settings.duckdb_path, read_only=read_only, lock_wait=lock_wait)
