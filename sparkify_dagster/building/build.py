"""Builds a table of the star schema, as far as the staging tables have come.

A table remembers the last load that it took in. What came since is taken in; a table that was built by another
version of its SQL, or that somebody asks for, is built from scratch.

What belongs here: that decision, and the parameters of the SQL. What doesn't: SQL.
"""

import logging
import time
from dataclasses import dataclass
from datetime import date

from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.loading.ledger import utc_now
from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.sqlfiles import sql_version
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.warehouse import Session, Value, Warehouse
from sparkify_dagster.warehouse.counts import count_months, count_rows
from sparkify_dagster.warehouse.retrying import retrying

_log = logging.getLogger(__name__)

# What Python calls white space, so that both engines trim the same of it, whatever their own idea is.
WHITE_SPACE = "".join(chr(code) for code in range(0x10000) if chr(code).isspace())


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build.

    Attributes:
        table: The table.
        run_id: The Dagster run that asks, for the ledger.
        months: First and last log month ("YYYY-MM") for a table with months; None for the others.
        rebuild: Build it from scratch.
    """

    table: str
    run_id: str
    months: tuple[str, str] | None = None
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built.

    Attributes:
        table: The table.
        load_id: The last load that it has taken in.
        from_scratch: Whether it was built from scratch.
        rows: Rows of the whole table.
        month_rows: Rows by log month ("YYYY-MM"), for a table with months.
        seconds: How long it took.
    """

    table: str
    load_id: int
    from_scratch: bool
    rows: int
    month_rows: dict[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Former:
    """How far the table was built: the earliest of the months asked for."""

    load_id: int
    versions: frozenset[str]


def build(request: BuildRequest, warehouse: Warehouse) -> BuildReport:
    """Builds a table as far as the staging tables have come.

    Raises:
        WarehouseError: The warehouse can't be reached, or refused a statement; nothing is changed.
    """
    began = time.monotonic()
    warehouse.create_tables()
    load_id, from_scratch, rows, month_rows = retrying(lambda: _build_and_count(request, warehouse))
    report = BuildReport(request.table, load_id, from_scratch, rows, month_rows, time.monotonic() - began)
    _log.info("%s: %s rows, %.1f s", request.table, f"{rows:,}", report.seconds)
    return report


def build_version(table: str) -> str:
    """The version of the SQL that builds a table."""
    return sql_version(f"tables/{table}", f"transformations/{table}")


def _build_and_count(request: BuildRequest, warehouse: Warehouse) -> tuple[int, bool, int, dict[str, int]]:
    with warehouse.transaction(request.run_id) as session:
        built = _build(session, request)
        reached(Step.BUILT)
        return *built, *_count(session, request)


def _build(session: Session, request: BuildRequest) -> tuple[int, bool]:
    table = request.table
    months = _days(request)
    former = _former(session, table, months)
    from_scratch = request.rebuild or not former.versions <= {build_version(table)}
    if from_scratch:
        _reset(session, table, months)
        former = _Former(0, frozenset())
    if months is None:
        session.run(f"transformations/{table}", _since(session, former.load_id))
        load_id = _number(session, "last_load")
        session.run("ledger/record_build", _note(request, load_id))
        return load_id, from_scratch
    return _build_months(session, request, months, former, from_scratch), from_scratch


def _build_months(
    session: Session, request: BuildRequest, months: tuple[date, date], former: _Former, from_scratch: bool
) -> int:
    table = request.table
    parameters: dict[str, Value] = {"first_month": months[0], "last_month": months[1]}
    if table == "songplays":
        parameters |= {
            "from_scratch": from_scratch,
            "songs_load_id": former.load_id,
            "white_space": WHITE_SPACE,
        }
    elif table == "time":
        ((first, last),) = session.run("counts/moments", parameters)
        parameters |= {
            "plays_removed": from_scratch or _number(session, "last_removal") > former.load_id,
            # Where nothing is played, there is no moment to look for.
            "first_moment": first or FIRST_DAY,
            "last_moment": last or FIRST_DAY,
        }
    session.run(f"transformations/{table}", parameters)
    load_id = _number(session, "last_load")
    session.run(f"ledger/record_build_{table}", {**parameters, **_note(request, load_id)})
    return load_id


def _since(session: Session, load_id: int) -> dict[str, Value]:
    """What tells the SQL of a table without months what came after a load."""
    after: dict[str, Value] = {"after_load_id": load_id}
    ((first_file_id, events_lost),) = session.run("ledger/came_since", after)
    return {**after, "first_file_id": first_file_id, "events_lost": events_lost}


def _reset(session: Session, table: str, months: tuple[date, date] | None) -> None:
    first, last = months or (FIRST_DAY, LAST_DAY)
    span: dict[str, Value] = {"first_month": first, "last_month": last}
    # Plays are forgotten as they are built: a repeat in another month may have to take the place of one.
    if table != "songplays":
        session.run(f"resets/{table}", span)
    session.run("ledger/forget_builds", {"table_name": table, **span})


def _former(session: Session, table: str, months: tuple[date, date] | None) -> _Former:
    builds = [
        (int(str(load_id)), str(version))
        for month, load_id, version in session.run("ledger/builds", {"table_name": table})
        if months is None or (isinstance(month, date) and months[0] <= month <= months[1])
    ]
    return _Former(min((load_id for load_id, _ in builds), default=0), frozenset(version for _, version in builds))


def note_of_build(table: str, load_id: int, run_id: str, version: str) -> dict[str, Value]:
    """What the ledger is told of a build."""
    return {
        "table_name": table,
        "load_id": load_id,
        "sql_version": version,
        "run_id": run_id,
        "built_at": utc_now(),
    }


def _note(request: BuildRequest, load_id: int) -> dict[str, Value]:
    return note_of_build(request.table, load_id, request.run_id, build_version(request.table))


def _number(session: Session, name: str) -> int:
    ((number,),) = session.run(f"ledger/{name}")
    return int(str(number))


def _count(session: Session, request: BuildRequest) -> tuple[int, dict[str, int]]:
    if request.months is None:
        return count_rows(session, request.table), {}
    first, last = request.months
    by_month = count_months(session, request.table, (first_day(first), first_day(last)))
    return count_rows(session, request.table), {month: by_month.get(month, 0) for month in months_between(first, last)}


def _days(request: BuildRequest) -> tuple[date, date] | None:
    if request.months is None:
        return None
    first, last = request.months
    return first_day(first), first_day(last)
