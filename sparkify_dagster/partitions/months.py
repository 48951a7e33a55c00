"""Log months as the tables write them: by their first day.

What belongs here: dates of months. What doesn't: Dagster, so that the loading needs none.
"""

from datetime import date


def first_day(month: str) -> date:
    """The first day of a month "YYYY-MM"."""
    return date.fromisoformat(f"{month}-01")
