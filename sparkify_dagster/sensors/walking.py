"""Walking through the lake: listing stretch after stretch, as far as a tick may.

A stretch that is listed within one tick gives its files. One that takes several ticks gives a name for their versions
alone, for files are not remembered: where that is not the name that it had, it is to be listed again within a tick. So
nothing is listed in vain, however little of a tick is left for a stretch.

A stretch of more pages than a tick is sure to list is cut. If others of its group follow, it has grown, and is cut into
halves, so that no small pieces come of it.

What belongs here: one walk. What doesn't: where walks begin and how far they go (``listing``).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from sparkify_dagster.lake import LakeFile
from sparkify_dagster.lake.base import Page
from sparkify_dagster.sensors.budget import Share
from sparkify_dagster.sensors.digest import NOTHING, OUTSTANDING, digest
from sparkify_dagster.sensors.spaces import Space
from sparkify_dagster.sensors.stretches import Stretches, beginning_of, group_of, stretch_after


class Place(NamedTuple):
    """Where a walk stands.

    Attributes:
        stretch: The stretch.
        after: The last key that was listed of it.
        digest: A name for the file versions up to there.
    """

    stretch: str
    after: str
    digest: str


def at_beginning(stretch: str) -> Place:
    """The beginning of a stretch."""
    return Place(stretch, beginning_of(stretch), NOTHING)


def place_of(values: Sequence[str]) -> Place | None:
    """A place as a cursor holds it."""
    return Place(*values) if values else None


class Survey:
    """What a tick has listed, so far.

    Attributes:
        stretches: All there are.
        files: The files of the stretches that were listed within the tick.
        seen: Names for the file versions of those whose listing an earlier tick began.
    """

    def __init__(self, space: Space, known: Mapping[str, str], most_pages: int) -> None:
        """Begins a tick.

        Args:
            space: What is listed.
            known: The stretches that are known, and names for their file versions.
            most_pages: What has more is cut.
        """
        self.stretches = Stretches(known)
        self.files: dict[str, list[LakeFile]] = {}
        self.seen: dict[str, str] = {}
        self._space = space
        self._known = known
        self._most_pages = most_pages

    def is_outstanding(self, stretch: str) -> bool:
        """Whether a stretch is to be listed within a tick, and was not yet: what it holds is not known."""
        return stretch not in self.files and self._known.get(stretch, "") in OUTSTANDING

    def is_done(self, stretch: str) -> bool:
        """Whether this tick has come to the end of a stretch."""
        return stretch in self.files or stretch in self.seen

    def walk(self, start: Place, share: Share, wanted: Callable[[str], bool]) -> Place | None:
        """Lists from a place on, until a stretch begins that is not wanted.

        Returns:
            Where to go on, if the share was used up before; else None.
        """
        step = _Step(self, start, self._most_pages)
        for page in self._space.pages(start.after):
            share.spend()
            step.take(page)
            if step.stretch is None or not wanted(step.stretch):
                return None
            if not share.allows_another():
                # By halves, what is not known is of no use: there is no name to compare it with.
                return at_beginning(step.stretch) if self.is_outstanding(step.stretch) else step.place
        return None


class _Step:
    """The stretch that a walk is in.

    Attributes:
        stretch: Its name; None at the end of all.
        place: Where the walk stands.
    """

    def __init__(self, survey: Survey, start: Place, most_pages: int) -> None:
        self._survey = survey
        self._most_pages = most_pages
        self.stretch: str | None = None
        self._begin(start)

    def take(self, page: Page) -> None:
        """Takes the next page."""
        began_before = self.stretch
        for stretch, files in groupby(page.files, key=lambda file: self._survey.stretches.of(file.key)):
            self._go_on_to(stretch)
            self._files += files
        if page.last is None:
            self._go_on_to(None)
            return
        self._go_on_to(self._survey.stretches.after(page.last))
        self._last = page.last
        # Not the page in which it began, of which it may have little.
        if self.stretch is not None and self.stretch == began_before:
            self._ends.append((page.last, len(self._files)))
            if self._whole and len(self._ends) >= self._most_pages:
                self._cut(self.stretch)

    @property
    def place(self) -> Place:
        return Place(self.stretch or "", self._last, digest(self._files, self._before))

    def _begin(self, start: Place) -> None:
        self.stretch, self._last, self._before = start
        self._whole = start == at_beginning(start.stretch)
        self._files: list[LakeFile] = []
        self._ends: list[tuple[str, int]] = []

    def _go_on_to(self, stretch: str | None) -> None:
        """Ends the stretch, and those that hold nothing before another one; None stands for the end of all."""
        if self.stretch is None or (stretch is not None and stretch <= self.stretch):
            return
        survey = self._survey
        if self._whole:
            survey.files[self.stretch] = self._files
        else:
            survey.seen[self.stretch] = digest(self._files, self._before)
        survey.files.update((empty, []) for empty in survey.stretches.between(self.stretch, stretch))
        if stretch is None:
            self.stretch = None
        else:
            survey.stretches.add(stretch)
            self._begin(at_beginning(stretch))

    def _cut(self, stretch: str) -> None:
        following = self._survey.stretches.following(stretch)
        grown = following is not None and group_of(following) == group_of(stretch)
        last, count = self._ends[self._most_pages // 2 - 1 if grown else -1]
        files, ends = self._files, self._ends
        self._survey.files[stretch] = files[:count]
        rest = stretch_after(group_of(stretch), last)
        self._survey.stretches.add(rest)
        place = self._last
        self._begin(at_beginning(rest))
        self._files = files[count:]
        self._ends = [(key, number - count) for key, number in ends if key > last]
        self._last = place
