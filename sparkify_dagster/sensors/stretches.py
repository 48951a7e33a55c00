"""Stretches of the lake: what a sensor lists in one go.

A log month is a stretch, and so are all songs together, as long as some pages hold them. What is larger is cut: a
further stretch begins after the key at which the last of these pages ended. So each takes seconds, however many files
the lake holds and however they are spread over folders.

What belongs here: their names, and listing one. What doesn't: which of them are listed when (``listing``).
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.lake.base import Page
from sparkify_dagster.lake.keys import month_of

SONGS = "songs"
"""The group of all songs; the other groups are the log months."""

# With a request a page, of some 0.2 s: a small part of the time that a tick has.
_MOST_PAGES = 20
_SIGN = ">"


class Found(NamedTuple):
    """What a stretch holds.

    Attributes:
        files: Its files.
        rest: The stretch that follows, where this one was cut; None where it was not.
    """

    files: list[LakeFile]
    rest: str | None


def group_of(stretch: str) -> str:
    """The month, or the songs, that a stretch is of."""
    return stretch.partition(_SIGN)[0]


def beginning_of(stretch: str) -> str:
    """The key after which a stretch begins; "" for the first of its group, which is called as the group is."""
    return stretch.partition(_SIGN)[2]


def list_stretch(lake: Lake, stretch: str, stretches: Iterable[str]) -> Found:
    """Lists a stretch, up to where the next begins.

    Args:
        lake: The lake.
        stretch: The stretch.
        stretches: All there are.

    Raises:
        LakeError: The lake does not answer, or not fully.
    """
    group, beginning = group_of(stretch), beginning_of(stretch)
    others = (beginning_of(other) for other in stretches if group_of(other) == group)
    end = min((other for other in others if other > beginning), default=None)
    files: list[LakeFile] = []
    for number, page in enumerate(_pages(lake, group, beginning), start=1):
        files += page.files if end is None else [file for file in page.files if file.key <= end]
        if page.last is None or (end is not None and page.last >= end):
            break
        if number == _MOST_PAGES:
            return Found(files, f"{group}{_SIGN}{page.last}")
    return Found(files, None)


def by_stretch(files: Iterable[LakeFile], stretches: Collection[str]) -> Mapping[str, list[LakeFile]]:
    """Tells of files that were not listed, but are known otherwise, which stretch each would be of."""
    beginnings: defaultdict[str, list[str]] = defaultdict(list)
    for stretch in sorted(stretches):
        beginnings[group_of(stretch)].append(stretch)
    found: defaultdict[str, list[LakeFile]] = defaultdict(list)
    for file in files:
        group = month_of(file.key) or SONGS
        # One that begins after a key does not hold that key.
        place = bisect(beginnings[group], file.key, key=beginning_of) - 1
        if place >= 0 and beginning_of(beginnings[group][place]) == file.key:
            place -= 1
        if place >= 0:
            found[beginnings[group][place]].append(file)
    return found


def _pages(lake: Lake, group: str, after: str) -> Iterator[Page]:
    return lake.song_pages(after) if group == SONGS else lake.log_pages(group, after)
