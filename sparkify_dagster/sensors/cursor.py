"""What a sensor remembers from tick to tick.

What belongs here: its form, and what follows from it alone. What doesn't: finding out what is new.

Dagster keeps a tick's cursor together with the runs that it asks for: what stands in a cursor was asked for, and a tick
that was cut off before has left nothing behind.
"""

import hashlib
import json
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from sparkify_dagster.sensors.digest import DIFFERENT, NEVER_LISTED, NOTHING, digest
from sparkify_dagster.sensors.listing import Tour
from sparkify_dagster.sensors.stretches import group_of
from sparkify_dagster.sensors.walking import Place

# SQS is many machines, and one of them tells the time at which another one got a message.
_CLOCKS_DIFFER_BY = 5.0
_LONGEST_PAUSE = 3600.0
_SHORTEST_PAUSE = 30.0


@dataclass(slots=True)
class Cursor:
    """What a sensor remembers. All of it may be lost: the ledger knows what is loaded.

    Attributes:
        digests: A name for the file versions of each stretch of the lake, as it was listed last; "" if it never was,
            and "?" where other versions were seen since.
        listed: When that was at the earliest, by the clock of the queue, in seconds; of no use without a queue.
        turn: The place where the round goes on; empty where it begins.
        newest: The place where the listing of the newest months goes on; empty where it begins.
        open: Stretches that lack something, and were not seen to be loaded since.
        wanted: A name for what was asked for last; "" where nothing is outstanding.
        since: For how long that has been the same: the beginning.
        asked: When the ledger was asked last.
        rounds: By group of several stretches for which a run was asked for: the stretch that ends the round since.
        outside: Months that the lake holds and that are no partitions.
    """

    digests: dict[str, str] = field(default_factory=dict)
    listed: dict[str, float] = field(default_factory=dict)
    turn: list[str] = field(default_factory=list)
    newest: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    wanted: str = ""
    since: float = 0.0
    asked: float = 0.0
    rounds: dict[str, str] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Understands a cursor; one that was written by another version, or by hand, counts as lost."""
        try:
            values = json.loads(text or "{}")
            cursor = cls(**values)
        except (ValueError, TypeError, RecursionError):
            return cls()
        return cursor if _is_right(asdict(cursor)) else cls()

    def write(self) -> str:
        """The cursor as text."""
        return json.dumps(asdict(self), sort_keys=True)

    def stretches(self, groups: Collection[str]) -> list[str]:
        """The stretches that are known of some groups, sorted; each group has one at least."""
        return sorted({*groups, *(stretch for stretch in self.digests if group_of(stretch) in groups)})

    def known(self, groups: Collection[str]) -> dict[str, str]:
        """The stretches of some groups, with the names for their file versions."""
        return {stretch: name for stretch, name in self.digests.items() if group_of(stretch) in groups}

    @property
    def groups(self) -> list[str]:
        """The groups that hold something, or that were not listed yet."""
        return sorted({group_of(stretch) for stretch, name in self.digests.items() if name != NOTHING})

    def is_complete(self) -> bool:
        """Whether all of the lake was listed at least once."""
        return NEVER_LISTED not in self.digests.values()

    def not_listed_since(self, month: str, sent: float | None) -> list[str]:
        """The stretches of a month that were not listed, or not asked for what they need, after a message was sent."""
        return [
            stretch
            for stretch in self.stretches([month])
            if sent is None or sent + _CLOCKS_DIFFER_BY >= self.listed.get(stretch, 0.0)
        ]

    def after(self, tour: Tour, at: float | None) -> "Cursor":
        """What is remembered of the lake after some of it was listed.

        Args:
            tour: What was listed.
            at: When, by the clock of the queue, in seconds.
        """
        digests = {stretch: self.digests.get(stretch, "") for stretch in tour.stretches}
        differ = [stretch for stretch, name in tour.seen.items() if digests[stretch] != name]
        digests |= {stretch: digest(files) for stretch, files in tour.files.items()} | dict.fromkeys(differ, DIFFERENT)
        moments = {stretch: moment for stretch, moment in self.listed.items() if stretch in digests}
        if at is not None:
            moments |= dict.fromkeys(tour.files, at)
        still_open = [stretch for stretch in self.open if stretch in digests]
        rounds = {group: end for group, end in self.rounds.items() if end in digests and not tour.has_seen(end)}
        return replace(
            self,
            digests=digests,
            listed=moments,
            turn=[*(tour.turn or ())],
            newest=[*(tour.newest or ())],
            open=still_open,
            rounds=rounds,
        )

    def digest_of(self, group: str) -> str:
        """A name for the file versions of a whole group."""
        names = [self.digests[stretch] for stretch in self.stretches([group])]
        return names[0] if len(names) == 1 else _name(names)

    def may_ask(self, group: str) -> bool:
        """Whether a run may be asked for: one takes all that a group lacks, so one a round is enough.

        All of the group was listed then, and, where a run was asked for already, all of it was since.
        """
        return group not in self.rounds and all(self.digests.get(stretch) for stretch in self.stretches([group]))

    def ask(self, group: str, tour: Tour) -> None:
        """Remembers that a run is asked for a group: the next one waits until a round of it is over."""
        if len(self.stretches([group])) > 1:
            self.rounds[group] = next((stretch for stretch in self.stretches([group]) if tour.has_seen(stretch)), group)

    def remember(self, asked_for: Collection[str], still_open: Collection[str], *, anew: bool) -> None:
        """Remembers what came of asking the ledger.

        Args:
            asked_for: The keys of the runs that are asked for.
            still_open: The stretches that lack something.
            anew: Whether something in the lake is new.
        """
        self.open = sorted(still_open)
        groups = {group_of(stretch) for stretch in self.open}
        self.rounds = {group: end for group, end in self.rounds.items() if group in groups}
        wanted = _name([*sorted(asked_for), *self.open]) if self.open else ""
        self.asked = time.time()
        if anew or wanted != self.wanted:
            self.since = self.asked
        self.wanted = wanted

    def is_due(self) -> bool:
        """Whether the ledger is to be asked again for what is outstanding while nothing else is new.

        In the first minutes each tick asks; then the pauses grow with the time that it lasts, up to an hour. A run that
        fails for good would keep a Redshift Serverless awake, and somebody paying for it, otherwise.
        """
        now = time.time()
        pause = min((now - self.since) / 10, _LONGEST_PAUSE)
        # A clock that was set back asks too often, not never.
        return pause < _SHORTEST_PAUSE or not 0 <= now - self.asked < pause


def _name(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode(errors="surrogateescape")).hexdigest()[:20]


def _is_right(values: dict[str, Any]) -> bool:
    form = Cursor()
    return all(
        _is_number(value) if isinstance(getattr(form, name), float) else type(value) is type(getattr(form, name))
        for name, value in values.items()
    ) and (
        all(isinstance(name, str) for part in ("digests", "rounds") for name in values[part].values())
        and all(_is_number(moment) for moment in values["listed"].values())
        and all(isinstance(text, str) for part in ("open", "outside", "turn", "newest") for text in values[part])
        and all(len(values[part]) in {0, len(Place._fields)} for part in ("turn", "newest"))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
