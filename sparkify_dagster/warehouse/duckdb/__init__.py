"""DuckDB as the warehouse: one file beside the platform.

What belongs here: what is true of DuckDB only. What doesn't: anything that Redshift does too.
"""

from sparkify_dagster.warehouse.duckdb.engine import DuckDBWarehouse

__all__ = ["DuckDBWarehouse"]
