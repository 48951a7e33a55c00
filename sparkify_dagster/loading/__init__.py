"""From the lake into the staging tables: what is new is found, validated, loaded and written into the ledger.

What belongs here: the one load path, which reads as the story that it is, and its steps. What doesn't: how an engine
reads files (``warehouse``), and what is built from the staging tables (``building``).
"""

from sparkify_dagster.loading.load import LoadRequest, load
from sparkify_dagster.loading.report import LoadReport, MonthReport

__all__ = ["LoadReport", "LoadRequest", "MonthReport", "load"]
