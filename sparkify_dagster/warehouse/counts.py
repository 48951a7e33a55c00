"""Counts of rows, as metadata and the command line show them.

What belongs here: counting. What doesn't: checks.
"""

from datetime import date

from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.warehouse.base import Session


def count_rows(session: Session, table: str) -> int:
    """Rows of a table."""
    ((count,),) = session.query(f"SELECT COUNT(*) AS row_count FROM {table}")  # noqa: S608 a name of the DDL
    return int(str(count))


def count_months(session: Session, table: str, months: tuple[date, date]) -> dict[str, int]:
    """Rows of a table by log month ("YYYY-MM"); for time, by the month of the moment.

    Args:
        session: A transaction of the warehouse.
        table: A table with months.
        months: First days of the first and the last month to count: no others are looked at.
    """
    rows = session.run(f"counts/{table}", {"first_month": months[0], "last_month": months[1]})
    return {f"{month:%Y-%m}": int(str(count)) for month, count in rows if isinstance(month, date)}


def count_by_month(session: Session, table: str, months: tuple[date, date]) -> dict[str, int]:
    """Rows of a table of analytics by log month ("YYYY-MM"); for listeners, by the month that a period begins in."""
    month = "CAST(DATE_TRUNC('month', t.period_start) AS DATE)" if table == "listeners" else "t.log_month"
    rows = session.query(
        f"SELECT {month} AS log_month, COUNT(*) AS row_count FROM {table} AS t "  # noqa: S608 names of the DDL
        f"WHERE {month} BETWEEN :first_month AND :last_month GROUP BY {month}",
        {"first_month": months[0], "last_month": months[1]},
    )
    counted = {f"{month:%Y-%m}": int(str(count)) for month, count in rows if isinstance(month, date)}
    return {month: counted.get(month, 0) for month in months_between(f"{months[0]:%Y-%m}", f"{months[1]:%Y-%m}")}


def loaded_months(session: Session) -> list[str]:
    """Log months ("YYYY-MM") of which files are loaded, sorted."""
    return [f"{month:%Y-%m}" for (month,) in session.run("ledger/loaded_months") if isinstance(month, date)]
