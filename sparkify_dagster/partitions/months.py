"""Log months: their dates, and which of them are partitions.

What belongs here: months as text "YYYY-MM" and as dates. What doesn't: Dagster, so that the loading needs none.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sparkify_dagster.lake import Lake
from sparkify_dagster.lake.keys import next_month


def first_day(month: str) -> date:
    """The first day of a month, as the tables write it."""
    return date.fromisoformat(f"{month}-01")


def current_month() -> str:
    """The current month, UTC: the last partition."""
    return f"{datetime.now(UTC):%Y-%m}"


def first_log_month(setting: str | None, lake: Lake) -> str:
    """The first partition: as set, or the first month that the lake holds, or the current one."""
    if setting:
        return setting
    months = lake.log_months()
    return months[0] if months else current_month()


def contiguous_ranges(months: Sequence[str]) -> list[tuple[str, str]]:
    """Sorted months as ranges (first, last) without gaps."""
    ranges: list[tuple[str, str]] = []
    for month in months:
        if ranges and next_month(ranges[-1][1]) == month:
            ranges[-1] = (ranges[-1][0], month)
        else:
            ranges.append((month, month))
    return ranges
