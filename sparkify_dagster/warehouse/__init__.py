"""The warehouse engines behind one small interface.

What belongs here: connecting, transactions, running the project's SQL on an engine, and bringing the files of a lake
into a staging table, as each engine does it best. What doesn't: what is loaded when, and what the tables mean.

The engines themselves (``duckdb``, ``redshift``) are not imported here: their drivers take long to import, and most of
what is said of a warehouse needs none (``opening``).
"""

from sparkify_dagster.warehouse.base import (
    Answer,
    BadRecords,
    Batch,
    IncomingFile,
    Parameters,
    Session,
    Value,
    Warehouse,
)

__all__ = ["Answer", "BadRecords", "Batch", "IncomingFile", "Parameters", "Session", "Value", "Warehouse"]
