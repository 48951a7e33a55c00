"""Which parts of the lake a tick lists.

A small lake is listed whole each time. Of a large one a tick lists as much as there is time for, and the next goes on
where it stopped, so that each part has its turn. Where a queue announces what is new, few have it, to spare requests.

What belongs here: that choice. What doesn't: comparing what is found.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.sensors.stretches import beginning_of, group_of, list_stretch

# A tick has 60 s, and needs some of them for the queue and for the ledger.
_MAX_SECONDS = 20.0


class Tour(NamedTuple):
    """What a tick has listed.

    Attributes:
        files: The files by stretch.
        stretches: All stretches there are now, sorted.
        turn: The one whose turn is next.
    """

    files: dict[str, list[LakeFile]]
    stretches: list[str]
    turn: str

    def is_whole(self, group: str) -> bool:
        """Whether all of a group was listed."""
        return all(stretch in self.files for stretch in self.stretches if group_of(stretch) == group)


def list_in_turn(
    lake: Lake, known: Sequence[str], unseen: Sequence[str], turn: str, first: Sequence[str], most_in_turn: int | None
) -> Tour:
    """Lists what is to be listed first, and in turn all else, as far as the time goes.

    Before all others comes one stretch in turn, so that each has its turn, however much is to be listed first.

    Args:
        lake: The lake.
        known: The stretches that are known, sorted.
        unseen: Those of them that were never listed.
        turn: The one whose turn it is; it need not be there any more.
        first: Groups to list before others.
        most_in_turn: How many have their turn; None for all.

    Raises:
        LakeError: The lake does not answer, or not fully.
    """
    # The last of a month first: most of what is new comes there.
    urgent = [stretch for group in first for stretch in reversed(known) if group_of(stretch) == group]
    order = _from(known, turn)
    waiting = deque([*order[:1], *urgent, *order[1:most_in_turn], *reversed(unseen)])
    there = set(known)
    done: set[str] = set()
    files: dict[str, list[LakeFile]] = {}
    end = time.monotonic() + _MAX_SECONDS
    while waiting and not (done and time.monotonic() > end):
        stretch = waiting.popleft()
        if stretch in done:
            continue
        done.add(stretch)
        found = list_stretch(lake, stretch, there)
        if found.rest:
            there.add(found.rest)
            waiting.appendleft(found.rest)
        if found.files or found.rest or not beginning_of(stretch):
            files[stretch] = found.files
        else:
            # Nothing is there any more: it becomes a part of the one before.
            there.remove(stretch)
    return Tour(files, sorted(there), _next_turn(_from(sorted(there), turn), files, most_in_turn))


def _next_turn(order: Sequence[str], files: dict[str, list[LakeFile]], most_in_turn: int | None) -> str:
    in_turn = order[:most_in_turn]
    missed = [stretch for stretch in in_turn if stretch not in files]
    return next(iter(missed or order[len(in_turn) :] or order), "")


def _from(stretches: Sequence[str], first: str) -> list[str]:
    """The stretches from one on, then those before it."""
    return [*(name for name in stretches if name >= first), *(name for name in stretches if name < first)]
