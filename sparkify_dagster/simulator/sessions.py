"""The sessions of a month: whose they are, when they are wished to begin, and the steps taken in them.

What belongs here: how many sessions there are, for whom, and how long, up to the exact number of events. What does
not: the plan a listener is on, what is played, and the clock within a session.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator import habits, pages
from sparkify_dagster.simulator.chance import capped_shares, cumulative, draw
from sparkify_dagster.simulator.listeners import Listeners
from sparkify_dagster.simulator.months import DAY_MS, HOUR_MS, Month
from sparkify_dagster.simulator.pages import Step

NOBODY = -1

_MEDIAN_STEPS = 20
_STEPS_SPREAD = 0.55
_MOST_STEPS = 120
_MEAN_STEPS = 24
_MEAN_SESSION_MS = 1.75 * HOUR_MS
_ANONYMOUS_SHARE = 0.12
# Even the keenest listeners sleep and work: the share of a month that they may be expected to listen.
_MOST_OF_THE_TIME = 0.45


@dataclass(frozen=True)
class Sessions:
    """Sessions in the order of their listeners and then of their time, one entry of each column a session.

    Attributes:
        listener: whose it is, or `NOBODY` (these come first).
        wished_start: when it is wished to begin, in milliseconds since the start of the month.
        steps: the number of steps between its opening and its closing.
        priority: the sessions of least priority are given up if there are too many.
    """

    listener: npt.NDArray[np.int32]
    wished_start: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int32]
    priority: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """The number of sessions."""
        return self.listener.size

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Sessions":
        """The sessions that a mask or a list of positions selects."""
        return Sessions(self.listener[which], self.wished_start[which], self.steps[which], self.priority[which])

    def first_of_listener(self) -> npt.NDArray[np.bool_]:
        """Mark the first session of each listener, and each session of nobody."""
        marks = np.ones(self.count, dtype=bool)
        marks[1:] = self.listener[1:] != self.listener[:-1]
        return marks | (self.listener == NOBODY)


@dataclass(frozen=True)
class Steps:
    """The steps of sessions in their order, one entry of each column a step.

    Attributes:
        session: the session it is taken in.
        kind: a `pages.Step`.
        length: the number of its views that are seen.
    """

    session: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    length: npt.NDArray[np.int8]


def draw_sessions(
    rng: np.random.Generator, month: Month, events: int, listeners: Listeners, free_from: npt.NDArray[np.int64]
) -> Sessions:
    """Draw sessions enough for a number of events.

    Args:
        rng: source of chance.
        month: the month.
        events: how many events are wanted.
        listeners: all listeners.
        free_from: the instant from which on each listener can begin a session, epoch milliseconds (UTC).

    Returns:
        Sessions that give at least so many events, most often some more.
    """
    active = listeners.active(month)
    available = 1 - np.maximum(free_from[active] - month.start_ms, 0) / (month.days * DAY_MS)
    weights = listeners.activity[active] * rng.lognormal(0, 0.35, active.size) * available
    batch = int(events / _MEAN_STEPS * 1.15) + 12
    limits = np.maximum(available * (month.days * DAY_MS * _MOST_OF_THE_TIME / _MEAN_SESSION_MS / batch), 1e-12)
    shares = cumulative(capped_shares(weights, limits))

    # Everybody is heard in time, as far as that leaves half of the sessions to the habits of all.
    debuts = rng.permutation(listeners.due(month))[: batch // 2]
    listener, steps = [debuts.astype(np.int32)], [_draw_steps_count(rng, listeners, debuts)]
    while sum(int(s.sum()) for s in steps) < events:
        who = active[draw(rng, shares, batch)].astype(np.int32)
        # A session of somebody has one event or more for each of its steps, so the loop ends in time.
        count = _draw_steps_count(rng, listeners, who)
        anonymous = rng.random(batch) < _ANONYMOUS_SHARE
        who[anonymous], count[anonymous] = NOBODY, 0
        listener.append(who)
        steps.append(count)
    everybody = np.concatenate(listener)
    start = _wish_starts(rng, month, listeners, everybody, free_from)
    # The debut of a newcomer follows the registration at once.
    start[: debuts.size][listeners.joined[debuts] == month.index] = 0
    sessions = Sessions(everybody, start, np.concatenate(steps), np.arange(everybody.size))
    return sessions.take(np.lexsort((start, everybody)))


def draw_steps(rng: np.random.Generator, sessions: Sessions, events: int) -> tuple[Sessions, Steps]:
    """Draw the steps of the sessions, and give up what is beyond the exact number of events.

    Args:
        rng: source of chance.
        sessions: sessions that are enough for the events.
        events: how many events are wanted.

    Returns:
        The sessions that are left, and their steps.
    """
    last = np.cumsum(sessions.steps + 2) - 1
    first = last - sessions.steps - 1
    session = np.repeat(np.arange(sessions.count, dtype=np.int32), sessions.steps + 2)
    kind = pages.WITHIN.draw(rng, session.size)
    anonymous = sessions.listener == NOBODY
    kind[first] = np.where(
        anonymous, pages.ANONYMOUS.draw(rng, sessions.count), pages.OPENINGS.draw(rng, sessions.count)
    )
    kind[last] = np.where(anonymous, Step.NOTHING, pages.CLOSINGS.draw(rng, sessions.count))
    length = pages.STEP_LENGTH[kind]

    views = np.add.reduceat(length, first, dtype=np.int64)
    by_priority = np.argsort(sessions.priority)
    total = np.cumsum(views[by_priority])
    cut = int(np.searchsorted(total, events))
    keep = np.zeros(sessions.count, dtype=bool)
    keep[by_priority[: cut + 1]] = True
    at_cut = by_priority[cut]
    _shorten(kind, length, slice(first[at_cut], last[at_cut] + 1), int(views[at_cut] - (total[cut] - events)))

    seen = keep[session] & (length > 0)
    renumbered = (np.cumsum(keep) - 1).astype(np.int32)
    return sessions.take(keep), Steps(renumbered[session[seen]], kind[seen], length[seen])


def _draw_steps_count(
    rng: np.random.Generator, listeners: Listeners, who: npt.NDArray[np.integer]
) -> npt.NDArray[np.int32]:
    steps = _MEDIAN_STEPS * listeners.stamina[who] * rng.lognormal(0, _STEPS_SPREAD, who.size)
    return np.clip(steps, 1, _MOST_STEPS).astype(np.int32)


def _wish_starts(
    rng: np.random.Generator,
    month: Month,
    listeners: Listeners,
    who: npt.NDArray[np.int32],
    free_from: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    # Somebody who is not logged in has anybody's habits.
    like = np.where(who == NOBODY, rng.integers(0, listeners.count, who.size), who)
    # Who is not free before noon waits until the next day.
    first_day = np.where(who == NOBODY, 0, (free_from[like] - month.start_ms + DAY_MS // 2) // DAY_MS)
    return habits.draw_instants(
        rng,
        month,
        habits.draw_day_steps(rng, month),
        listeners.weekday_profile[like],
        listeners.hour_profile[like],
        listeners.hours_from_utc[like],
        np.clip(first_day, 0, month.days - 1),
    )


def _shorten(kind: npt.NDArray[np.int8], length: npt.NDArray[np.int8], span: slice, views: int) -> None:
    """Cut the steps of one session down to its first `views` views, in place."""
    after = np.cumsum(length[span], dtype=np.int64)
    before = after - length[span]
    length[span] = np.clip(views - before, 0, length[span])
    # Who is cut off before the second view of a change of plan has only looked at it.
    undone = (kind[span] == Step.CHANGE_PLAN) & (length[span] == 1)
    kind[span][undone] = Step.LOOK_AT_PLAN
