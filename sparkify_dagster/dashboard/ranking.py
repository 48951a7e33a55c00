"""What can come out on top, whichever months and level somebody chooses.

What belongs here: choosing it, so that a page holds no more rows than it needs. What doesn't: counting and drawing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Count = tuple[str, str, str, int]
"""A name, a month "YYYY-MM", a level, and a number of plays."""


def on_top(counts: Iterable[Count], months: Sequence[str], first: int) -> list[str]:
    """The names that are among the first ones for any range of months, and any level or all, sorted.

    Of names with as many plays, those that come first in the alphabet count as the first.

    Args:
        counts: The plays; those of a level, never of all.
        months: The months, sorted.
        first: How many are among the first ones.
    """
    import numpy as np  # noqa: PLC0415 as pandas is: only where it is used

    rows = list(counts)
    names = sorted({name for name, *_ in rows})
    if len(names) <= first:
        return names
    levels = sorted({level for _, _, level, _ in rows})
    place = {name: number for number, name in enumerate(names)}
    column = {month: number for number, month in enumerate(months, start=1)}
    plays = np.zeros((len(levels), len(months) + 1, len(names)), dtype=np.int64)
    for name, month, level, number in rows:
        plays[levels.index(level), column[month], place[name]] += number
    until = plays.cumsum(axis=1)
    before = np.arange(len(names))[::-1]
    chosen = np.zeros(len(names), dtype=bool)
    for sums in (*until, until.sum(axis=0)):
        for begin in range(len(months)):
            for end in range(begin + 1, len(months) + 1):
                chosen[_first_of((sums[end] - sums[begin]) * len(names) + before, first)] = True
    return [name for name, is_chosen in zip(names, chosen, strict=True) if is_chosen]


def _first_of(distinct: Any, first: int) -> Any:
    return distinct.argpartition(-first)[-first:]
