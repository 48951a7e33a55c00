"""How large what is measured is: in earnest, and to try the benchmarks themselves.

What belongs here: numbers of events, songs, months. What doesn't: lakes (``lakes``), targets (``cases``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LakeSize:
    """What `sparkify generate` is asked for."""

    events: int
    months: int
    songs: int
    users: int
    first_month: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """All sizes.

    Attributes:
        m: The lake M.
        l: The lake L, whose months are the history of what comes later.
        backfill: Many months of tiny files.
        songs: Numbers of song files; the first is what the last is held against.
        growing_songs: Numbers of song files to see growth by.
        growing_events: Numbers of events to see growth by, beside those of M and L.
        history: The lake of which the last months are taken, for growth by months of history.
        growing_history: So many of them.
        split: The lake of one month whose files are cut up, for growth by number of files.
        growing_files: Into so many files.
    """

    m: LakeSize
    l: LakeSize  # noqa: E741 it is called so
    backfill: LakeSize
    songs: tuple[int, int]
    growing_songs: tuple[int, ...]
    growing_events: tuple[int, ...]
    history: LakeSize
    growing_history: tuple[int, ...]
    split: LakeSize
    growing_files: tuple[int, ...]


FULL = Sizes(
    m=LakeSize(1_000_000, 12, 15_000, 10_000, "2018-01"),
    l=LakeSize(10_000_000, 24, 15_000, 60_000, "2017-01"),
    backfill=LakeSize(30_000, 60, 100, 200, "2014-01"),
    songs=(10_000, 100_000),
    growing_songs=(1_000, 3_000, 10_000, 30_000, 100_000),
    growing_events=(10_000, 100_000),
    history=LakeSize(5_000_000, 48, 15_000, 30_000, "2015-01"),
    growing_history=(1, 6, 12, 24, 48),
    split=LakeSize(300_000, 1, 1_000, 5_000, "2018-11"),
    growing_files=(30, 300, 3_000),
)

QUICK = Sizes(
    m=LakeSize(20_000, 3, 500, 200, "2018-01"),
    l=LakeSize(60_000, 6, 500, 400, "2017-01"),
    backfill=LakeSize(600, 12, 20, 20, "2014-01"),
    songs=(300, 3_000),
    growing_songs=(300, 3_000),
    growing_events=(1_000, 5_000),
    history=LakeSize(48_000, 8, 300, 400, "2015-01"),
    growing_history=(1, 8),
    split=LakeSize(10_000, 1, 100, 200, "2018-11"),
    growing_files=(30, 300),
)
