"""Builds the tables of analytics from the star schema.

A table with months is built for those months whose plays were built since; one without, anew, from what is small.

Which tables a table is made from, its DDL says. Each build has a number, and a later one a larger: a table is behind
where what it is made from was built later, or where another version of its SQL built it.

What belongs here: finding what is behind, and building it, each table in one transaction. What doesn't: SQL.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sparkify_dagster.building.build import BuildReport, BuildRequest, note_of_build
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.sqlfiles import sql_version
from sparkify_dagster.tables import ALL_TABLES, ANALYTICS_TABLES, MONTHLY_TABLES, STAR_TABLES, catalog
from sparkify_dagster.warehouse import Session, Value, Warehouse
from sparkify_dagster.warehouse.counts import count_by_month, count_rows
from sparkify_dagster.warehouse.retrying import retrying

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Behind:
    """What is to be built.

    Attributes:
        months: Log months ("YYYY-MM") of tables with months, by table.
        tables: Tables without months.
    """

    months: dict[str, set[str]] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)

    @property
    def all_months(self) -> list[str]:
        """The log months of any table, sorted."""
        return sorted(set().union(*self.months.values()))

    def __bool__(self) -> bool:
        return bool(self.months or self.tables)


@dataclass(frozen=True, slots=True)
class _Build:
    number: int
    version: str


def analytics_behind(session: Session) -> Behind:
    """What is to be built, as the ledger knows it; no other table is looked at."""
    builds = _builds(session)
    behind = Behind()
    for table in ANALYTICS_TABLES:
        if table in MONTHLY_TABLES:
            months = {f"{month:%Y-%m}" for month in _months_behind(table, builds)}
            if months:
                behind.months[table] = months
        elif _is_behind(table, builds, behind):
            behind.tables.add(table)
    return behind


def analytics_version(table: str) -> str:
    """The version of the SQL that builds a table, and of that which builds what it is made from."""
    stars = [name for name in _sources(table) if name in STAR_TABLES]
    upstream = [f"{folder}/{name}" for name in stars for folder in ("tables", "transformations")]
    return sql_version(f"tables/{table}", f"analytics/{table}", *upstream)


def build_analytics(request: BuildRequest, warehouse: Warehouse) -> BuildReport:
    """Builds a table of analytics, as far as the star schema has come.

    Of the months that are asked for, those are built that are behind, or all for a rebuild.

    Raises:
        WarehouseError: The warehouse can't be reached, or refused a statement; nothing is changed.
    """
    began = time.monotonic()
    warehouse.create_tables(ALL_TABLES)
    report = retrying(lambda: _build(request, warehouse, began))
    _log.info("%s: %s rows, %.1f s", request.table, f"{report.rows:,}", report.seconds)
    return report


def _build(request: BuildRequest, warehouse: Warehouse, began: float) -> BuildReport:
    table = request.table
    with warehouse.transaction(request.run_id) as session:
        builds = _builds(session)
        plays = session.run("ledger/builds", {"table_name": "songplays"})
        load_id = max((int(str(load)) for _, load, _ in plays), default=0)
        note = note_of_build(table, load_id, request.run_id, analytics_version(table))
        if request.months is None:
            session.run(f"analytics/{table}")
            session.run("ledger/record_build", note)
            by_month: dict[str, int] = {}
        else:
            asked = (first_day(request.months[0]), first_day(request.months[1]))
            span = asked if request.rebuild else _span(_months_behind(table, builds), asked)
            if span:
                parameters: dict[str, Value] = {"first_month": span[0], "last_month": span[1]}
                session.run(f"analytics/{table}", parameters)
                session.run("ledger/record_build_analytics", {**note, **parameters})
            by_month = count_by_month(session, table, asked)
        rows = count_rows(session, table)
    return BuildReport(table, load_id, request.rebuild, rows, by_month, time.monotonic() - began)


def _span(behind: Iterator[date], asked: tuple[date, date]) -> tuple[date, date] | None:
    due = [month for month in behind if asked[0] <= month <= asked[1]]
    return (min(due), max(due)) if due else None


def _sources(table: str) -> list[str]:
    """The tables that a table is made from, in the order of its columns."""
    return list(dict.fromkeys(source.table for column in catalog()[table].columns for source in column.sources))


def _builds(session: Session) -> dict[str, dict[date | None, _Build]]:
    builds: dict[str, dict[date | None, _Build]] = {}
    for table, month, number, version in session.run("ledger/all_builds"):
        of_table = builds.setdefault(str(table), {})
        of_table[month if isinstance(month, date) else None] = _Build(int(str(number)), str(version))
    return builds


def _months_behind(table: str, builds: dict[str, dict[date | None, _Build]]) -> Iterator[date]:
    """The months whose plays were built later: all tables with months are made from plays alone."""
    former = builds.get(table, {})
    for month, plays in builds.get("songplays", {}).items():
        build = former.get(month)
        is_built = build and build.version == analytics_version(table) and build.number > plays.number
        if month and not is_built:
            yield month


def _is_behind(table: str, builds: dict[str, dict[date | None, _Build]], behind: Behind) -> bool:
    sources = _sources(table)
    if behind.tables.union(behind.months).intersection(sources):
        return True
    built = [build.number for source in sources for build in builds.get(source, {}).values()]
    build = builds.get(table, {}).get(None)
    return bool(built) and not (build and build.version == analytics_version(table) and build.number > max(built))
