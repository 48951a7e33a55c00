"""What a sensor lists, as one row of pages in the order of the keys: all logs of the months that count, or all songs.

Months that are few files each share a page: ten years of them, a file a day, are four. Which months there are shows
in the pages as well.

What belongs here: these rows, and what in them does not count. What doesn't: how far a tick goes (``listing``).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Protocol

from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.lake.base import Page
from sparkify_dagster.lake.keys import month_of
from sparkify_dagster.sensors.stretches import SONGS, beginning_of

_AFTER_ALL_OF_A_MONTH = "\U0010ffff"


class Space(Protocol):
    """Such a row.

    Attributes:
        origin: The stretch with which it begins; it is there even where it holds nothing.
    """

    origin: str

    def pages(self, after: str) -> Iterator[Page]:
        """Lists it after a key, page by page."""
        ...


class Songs:
    """All songs."""

    origin = SONGS

    def __init__(self, lake: Lake) -> None:
        """Takes the lake."""
        self._lake = lake

    def pages(self, after: str) -> Iterator[Page]:
        """See ``Space.pages``."""
        return self._lake.song_pages(after)


class Logs:
    """The logs of the months that are partitions.

    Attributes:
        months: These months, sorted.
    """

    def __init__(self, lake: Lake, partitions: Sequence[str], outside: Sequence[str]) -> None:
        """Takes the lake.

        Args:
            lake: The lake.
            partitions: The months that count, sorted, one at least.
            outside: Other months that the lake was seen to hold.
        """
        self.origin = partitions[0]
        self.months = partitions
        self._lake = lake
        self._last = partitions[-1]
        self._first_key = beginning_of(partitions[0])
        self._end = beginning_of(partitions[-1]) + _AFTER_ALL_OF_A_MONTH
        self._before = {month for month in outside if month < self.origin}
        self._behind = {month for month in outside if month > self._last}

    @property
    def outside(self) -> list[str]:
        """Months that the lake holds and that do not count, as far as the pages have shown them."""
        return sorted(self._before | self._behind)

    def pages(self, after: str) -> Iterator[Page]:
        """See ``Space.pages``. Where it lists the beginning, it looks for what lies before as well."""
        if after <= self._first_key:
            self._before.clear()
            page = self._inside(next(self._lake.log_pages()))
            if page.last is None:
                yield page
                return
            # However much lies before: none of it counts.
            after = max(page.last, self._first_key)
            yield page._replace(last=after)
        for found in self._lake.log_pages(after):
            page = self._inside(found)
            yield page
            if page.last is None:
                return

    def _inside(self, page: Page) -> Page:
        """A page without what does not count; the last one where nothing behind it does."""
        by_month: defaultdict[str, list[LakeFile]] = defaultdict(list)
        for file in page.files:
            by_month[month_of(file.key) or self.origin].append(file)
        self._before |= {month for month in by_month if month < self.origin}
        is_last = page.last is None or page.last > self._end
        if is_last:
            self._behind = {month for month in by_month if month > self._last}
        files = [file for month in sorted(by_month) if self.origin <= month <= self._last for file in by_month[month]]
        return Page(files, None if is_last else page.last)
