"""Which months of the lake a tick lists.

What belongs here: all of them, or where a queue announces what is new, those and some more. What doesn't: comparing
what is found.
"""

import time
from collections.abc import Sequence

from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.sensors.cursor import LogCursor

# Half an hour for ten years of months, with a tick each 30 s.
_MONTHS_IN_TURN = 2
# A tick has 60 s, and needs some of them for the queue and for the ledger.
_MAX_SECONDS = 20.0

Listed = dict[str, list[LakeFile]]


def list_all(lake: Lake, months: Sequence[str]) -> Listed:
    """Lists months."""
    return {month: lake.list_logs(month).files for month in months}


def list_some(lake: Lake, months: Sequence[str], announced: Sequence[str], former: LogCursor) -> tuple[Listed, str]:
    """Lists what was announced, and in turn all months, as far as the time goes.

    Before all others comes one month in turn, so that each has its turn, however much is announced. The last month is
    listed each time, for most of what is new comes there.

    Args:
        lake: The lake.
        months: The months that it holds, sorted.
        announced: The months in which something is new.
        former: What was remembered at the beginning of the tick.

    Returns:
        The files by month, and the month whose turn is next.
    """
    turn = _from(months, former.turn)
    never = [month for month in reversed(months) if month not in former.months]
    order = [*turn[:1], *announced, *months[-1:], *turn[1:_MONTHS_IN_TURN], *never]
    listed: Listed = {}
    end = time.monotonic() + _MAX_SECONDS
    for month in dict.fromkeys(order):
        if listed and time.monotonic() > end:
            break
        listed[month] = lake.list_logs(month).files
    missed = [month for month in turn[:_MONTHS_IN_TURN] if month not in listed]
    following = missed or turn[_MONTHS_IN_TURN:] or turn
    return listed, following[0] if following else ""


def _from(months: Sequence[str], first: str) -> list[str]:
    """The months from one on, then those before it."""
    return [*(month for month in months if month >= first), *(month for month in months if month < first)]
