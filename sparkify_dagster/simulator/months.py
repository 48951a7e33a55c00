"""The calendar months of a lake, as spans of UTC time.

What belongs here: month names, and where a month and its days begin and end. What does not: who listens when.
"""

import re
from dataclasses import dataclass

import numpy as np

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

_MONTH_NAME = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_LATEST_MONTH = "2999-12"


@dataclass(frozen=True)
class Month:
    """A calendar month in UTC.

    Attributes:
        index: position among the months of the lake, from 0.
        name: the month as "YYYY-MM".
        start_ms: its first instant, in epoch milliseconds (UTC).
        days: the number of its days.
        first_weekday: the weekday of its first day, 0 = Monday.
    """

    index: int
    name: str
    start_ms: int
    days: int
    first_weekday: int

    @property
    def end_ms(self) -> int:
        """The first instant after the month, in epoch milliseconds (UTC)."""
        return self.start_ms + self.days * DAY_MS

    def day_name(self, day: int) -> str:
        """The month's day of index `day` (from 0) as "YYYY-MM-DD"."""
        return f"{self.name}-{day + 1:02d}"


def consecutive_months(first_month: str, count: int) -> list[Month]:
    """List `count` months in a row.

    Args:
        first_month: the first of them, as "YYYY-MM".
        count: how many.

    Raises:
        ValueError: `first_month` is malformed, or a month lies before 1971 or after 2999.
    """
    if not isinstance(first_month, str) or not _MONTH_NAME.fullmatch(first_month):
        raise ValueError(f'first_month: {first_month!r} is not a month like "2018-11"')
    if first_month < "1971-01":
        raise ValueError(f"first_month: {first_month!r} lies before 1971-01")
    if first_month > _LATEST_MONTH:
        raise ValueError(f"first_month: {first_month!r} lies after {_LATEST_MONTH}")
    first = np.datetime64(first_month, "M")
    if count > int((np.datetime64(_LATEST_MONTH, "M") - first).astype(int)) + 1:
        raise ValueError(f"months: {count} months from {first_month} end after {_LATEST_MONTH}")
    months: list[Month] = []
    for index in range(count):
        start_day = int((first + index).astype("datetime64[D]").astype(int))
        end_day = int((first + index + 1).astype("datetime64[D]").astype(int))
        # 1970-01-01 was a Thursday.
        months.append(Month(index, str(first + index), start_day * DAY_MS, end_day - start_day, (start_day + 3) % 7))
    return months
