"""What the log sensor remembers from tick to tick.

What belongs here: its form, and what follows from it alone. What doesn't: finding out what is new.

Dagster keeps a tick's cursor together with the runs that it asks for: what stands in a cursor was asked for, and a tick
that was cut off before has left nothing behind.
"""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Self

# SQS is many machines, and one of them tells the time at which another one got a message.
_CLOCKS_DIFFER_BY = 5.0
_LONGEST_PAUSE = 3600.0
_SHORTEST_PAUSE = 30.0


@dataclass(slots=True)
class LogCursor:
    """What the log sensor remembers. All of it may be lost: the ledger knows what is loaded.

    Attributes:
        months: A name for the file versions of each log month, as it was listed last.
        listed: When that was at the earliest, by the clock of the queue, in seconds; of no use without a queue.
        turn: The month with which the slow listing goes on.
        open: Months that runs were asked for and that were not seen to be loaded since.
        wanted: A name for what was asked for last; "" where nothing is outstanding.
        since: For how long that has been the same: the beginning.
        asked: When the ledger was asked last.
    """

    months: dict[str, str] = field(default_factory=dict)
    listed: dict[str, float] = field(default_factory=dict)
    turn: str = ""
    open: list[str] = field(default_factory=list)
    wanted: str = ""
    since: float = 0.0
    asked: float = 0.0

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

    def covers(self, month: str, sent: float | None) -> bool:
        """Whether the month was listed, and what it needed was asked for, after a message was sent."""
        return sent is not None and sent + _CLOCKS_DIFFER_BY < self.listed.get(month, 0.0)

    def is_due(self) -> bool:
        """Whether the ledger is to be asked again for what is outstanding while nothing else is new.

        In the first minutes each tick asks; then the pauses grow with the time that it lasts, up to an hour. A run that
        fails for good would keep a Redshift Serverless awake, and somebody paying for it, otherwise.
        """
        now = time.time()
        pause = min((now - self.since) / 10, _LONGEST_PAUSE)
        # A clock that was set back asks too often, not never.
        return pause < _SHORTEST_PAUSE or not 0 <= now - self.asked < pause


def _is_right(values: dict[str, Any]) -> bool:
    form = LogCursor()
    return all(
        _is_number(value) if isinstance(getattr(form, name), float) else type(value) is type(getattr(form, name))
        for name, value in values.items()
    ) and (
        all(isinstance(digest, str) for digest in values["months"].values())
        and all(_is_number(moment) for moment in values["listed"].values())
        and all(isinstance(month, str) for month in values["open"])
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
