"""The warehouse engines behind one small interface.

What belongs here: connecting, transactions, running the project's SQL on an engine, and bringing the files of a lake
into a staging table, as each engine does it best. What doesn't: what is loaded when, and what the tables mean.
"""

from sparkify_dagster.warehouse.base import (
    BadRecords,
    Batch,
    IncomingFile,
    Parameters,
    Session,
    Value,
    Warehouse,
)
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse

__all__ = ["BadRecords", "Batch", "DuckDBWarehouse", "IncomingFile", "Parameters", "Session", "Value", "Warehouse"]
