"""Fills a warehouse from a lake, all tables, without Dagster.

What belongs here: that, and asking what it then holds. What doesn't: the lake.
"""

from typing import Any

from sparkify_dagster.building import BuildRequest, build
from sparkify_dagster.building.analytics import build_analytics
from sparkify_dagster.lake import Lake
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster.tables import ANALYTICS_TABLES, MONTHLY_TABLES, STAR_TABLES
from sparkify_dagster.warehouse import Warehouse


def fill(warehouse: Warehouse, lake: Lake, first_month: str, last_month: str) -> None:
    """Loads a range of months and all songs, and builds every table."""
    months = (first_month, last_month)
    load(LoadRequest("staging_events", "test", months=months), lake, warehouse)
    load(LoadRequest("staging_songs", "test"), lake, warehouse)
    for table in ("songs", "artists", *STAR_TABLES):
        build(BuildRequest(table, "test", months if table in MONTHLY_TABLES else None), warehouse)
    for table in ANALYTICS_TABLES:
        build_analytics(BuildRequest(table, "test", months if table in MONTHLY_TABLES else None), warehouse)


def answer(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with warehouse.reading() as session:
        return [tuple(row) for row in session.query(query)]
