"""What is remembered of what was told, from tick to tick.

What belongs here: its form, and what follows from it alone. What doesn't: reading the event log, and telling.

Dagster's numbers of events are no memory: SQLite gives those of a deleted run to the next one. So the events of the
last minutes are looked at again and again, and it is remembered which runs they are of. That also finds an event that
became visible later than one after it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

SECONDS_LOOKED_BACK = 600.0
"""How much later than others, by the clock of its machine, an event may appear and still be found."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What was told. Moments are seconds of Unix time.

    Attributes:
        began: What ended before is never told.
        until: The latest moment at which a run ended that was told, or needed no telling.
        told: When such runs ended, by id, as far as they are looked at again.
        failing: Names for the findings that were told of checks that fail, by check.
    """

    began: float
    until: float
    told: dict[str, float] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """Understands what was written; None where it is lost, or was written by another version or by hand."""
        try:
            memory = cls(**json.loads(text or "null"))
        except (ValueError, TypeError, RecursionError):
            return None
        return memory if _is_right(asdict(memory)) else None

    def write(self) -> str:
        """The memory as text."""
        return json.dumps(asdict(self), sort_keys=True)

    def looked_at_from(self, now: float) -> float:
        """The moment from which on events are looked at; a clock that was set back must not hide what comes."""
        return max(min(self.until, now) - SECONDS_LOOKED_BACK, self.began)

    def knows(self, run_id: str, ended: float) -> bool:
        """Whether a run that ended at a moment is done with."""
        return ended <= self.told.get(run_id, -1.0)

    def after(self, ended: Mapping[str, float], failing: Mapping[str, str], now: float) -> "Memory":
        """What is remembered once more runs are done with.

        Args:
            ended: When they ended, by id.
            failing: Names for the findings of the checks that fail now.
            now: The time. A machine whose clock is ahead must not hide what others do.
        """
        until = min(max([self.until, *ended.values()]), now)
        kept = Memory(self.began, until, {**self.told, **ended}, dict(failing))
        first = kept.looked_at_from(now)
        return Memory(
            self.began, until, {run_id: moment for run_id, moment in kept.told.items() if moment >= first}, kept.failing
        )


def _is_right(values: dict[str, Any]) -> bool:
    return (
        all(_is_number(values[name]) for name in ("began", "until"))
        and all(isinstance(values[name], dict) for name in ("told", "failing"))
        and all(_is_number(moment) for moment in values["told"].values())
        # What was found begins with a number.
        and all(isinstance(name, str) and name.partition(" ")[0].isdecimal() for name in values["failing"].values())
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
