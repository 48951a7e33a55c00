"""Sensors that can't look: what one says of it in a tick, and for which it has been so for long.

A lake that can't be listed, or a ledger that can't be asked, makes no run fail: nothing runs. It shows at the ticks.

What belongs here: these words, and finding them in the ticks. What doesn't: telling people (``alerts``).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from sparkify_dagster.errors import SparkifyError

if TYPE_CHECKING:
    # Dagster has no public names for what it keeps of sensors and their ticks.
    from dagster._core.scheduler.instigation import InstigatorTick

SECONDS_OF_PATIENCE = 900.0
"""A sensor that has seen nothing for so long will hardly see by itself; what passes in minutes wakes nobody."""

_CANNOT_LOOK = "Nothing could be looked at: "
_OURS = frozenset({"new_logs", "new_songs"})
_SECONDS_A_TICK = 120.0


def cannot_look(error: SparkifyError) -> dg.SkipReason:
    """What a tick says that could not look."""
    return dg.SkipReason(f"{_CANNOT_LOOK}{error}")


def blind_sensors(instance: dg.DagsterInstance, now: float) -> Iterator[tuple[str, str]]:
    """The sensors of the lake that could not look in any tick for SECONDS_OF_PATIENCE.

    Args:
        instance: Dagster's.
        now: The time, in seconds of Unix time.

    Yields:
        Their names, and why the last tick could not.
    """
    # No public names either; and they take long to import, and are for a tick only.
    from dagster._core.scheduler.instigation import InstigatorStatus, InstigatorType  # noqa: PLC0415

    if instance.schedule_storage is None:
        # One that keeps nothing: there are no ticks.
        return
    running = {InstigatorStatus.RUNNING, InstigatorStatus.DECLARED_IN_CODE}
    for state in instance.all_instigator_state(instigator_type=InstigatorType.SENSOR, instigator_statuses=running):
        if state.instigator_name in _OURS:
            after = now - SECONDS_OF_PATIENCE - _SECONDS_A_TICK
            ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, after=after)
            reason = _blind_because(ticks, now - SECONDS_OF_PATIENCE)
            if reason is not None:
                yield state.instigator_name, reason


def _blind_because(ticks: "Sequence[InstigatorTick]", since: float) -> str | None:
    """Why the last tick could not look, where none could and the first of them is long ago; else None."""
    done = sorted((tick for tick in ticks if tick.is_completed), key=lambda tick: tick.timestamp)
    reasons = [_reason(tick) for tick in done]
    if not done or done[0].timestamp > since or None in reasons:
        return None
    return reasons[-1]


def _reason(tick: "InstigatorTick") -> str | None:
    """Why a tick could not look; None where it could."""
    if tick.is_failure:
        return " ".join((tick.error.message if tick.error else "the tick failed").split())
    said = tick.skip_reason or ""
    return said.removeprefix(_CANNOT_LOOK) if said.startswith(_CANNOT_LOOK) else None
