"""Stretches: the pieces into which the keys of the logs, and those of the songs, are cut.

A stretch begins after a key and goes on to where the next begins, so that together they hold every key that may come.
What a sensor remembers of the lake, it remembers by stretch. A log month is one, and so are all songs together; what
takes many pages is cut into several of one group.

What belongs here: their names and their order. What doesn't: listing them (``walking``).
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sparkify_dagster.lake import LakeFile
from sparkify_dagster.lake.keys import LOG_PART, month_of

SONGS = "songs"
"""The group of all songs; the other groups are the log months."""

_SIGN = ">"


def group_of(stretch: str) -> str:
    """The month, or the songs, that a stretch is of."""
    return stretch.partition(_SIGN)[0]


def stretch_after(group: str, key: str) -> str:
    """The stretch of a group that begins after a key."""
    return f"{group}{_SIGN}{key}"


def beginning_of(stretch: str) -> str:
    """The key after which a stretch begins; it need not be there. The first of a group is called as the group is."""
    group, sign, key = stretch.partition(_SIGN)
    if sign:
        return key
    return "" if group == SONGS else f"{LOG_PART}/{group[:4]}/{group[5:]}/"


def is_first(stretch: str) -> bool:
    """Whether a stretch is the first of its group."""
    return _SIGN not in stretch


class Stretches:
    """All stretches there are of the logs, or of the songs, in the order of their keys, which is that of their names.

    Attributes:
        names: Their names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Takes their names."""
        self.names = sorted(set(names))

    def add(self, stretch: str) -> None:
        """Cuts the keys at another place."""
        if stretch not in self.names:
            insort(self.names, stretch)

    def remove(self, stretch: str) -> None:
        """Makes a stretch a part of the one before."""
        self.names.remove(stretch)

    def of(self, key: str) -> str:
        """The stretch of a file: a new one where it is the first file of its month."""
        group = month_of(key) or SONGS
        # One that begins after a key does not hold that key.
        place = bisect_left(self.names, key, key=beginning_of) - 1
        return self.names[place] if place >= 0 and group_of(self.names[place]) == group else group

    def after(self, key: str) -> str | None:
        """The stretch in which the keys after a key begin."""
        place = bisect_right(self.names, key, key=beginning_of) - 1
        return self.names[place] if place >= 0 else None

    def following(self, stretch: str) -> str | None:
        """The next stretch, of this group or another one; None after the last."""
        place = bisect_right(self.names, stretch)
        return self.names[place] if place < len(self.names) else None

    def between(self, stretch: str, other: str | None) -> list[str]:
        """The stretches after one and before another; None stands for the end."""
        end = len(self.names) if other is None else bisect_left(self.names, other)
        return self.names[bisect_right(self.names, stretch) : end]


def by_stretch(files: Iterable[LakeFile], names: Collection[str]) -> Mapping[str, list[LakeFile]]:
    """Tells of files that were not listed, but are known otherwise, which stretch each would be of."""
    stretches = Stretches(names)
    found: defaultdict[str, list[LakeFile]] = defaultdict(list)
    for file in files:
        found[stretches.of(file.key)].append(file)
    return found
