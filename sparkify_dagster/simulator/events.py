"""The events of a month as columns of numbers.

What belongs here: going through sessions view by view, with the clock running. What does not: how sessions came
about, and the text of events.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator import pages
from sparkify_dagster.simulator.catalogue import Catalogue
from sparkify_dagster.simulator.listeners import Listeners
from sparkify_dagster.simulator.months import DAY_MS, HOUR_MS, Month
from sparkify_dagster.simulator.pages import Step, View
from sparkify_dagster.simulator.plans import settle_plans
from sparkify_dagster.simulator.schedule import lay_out
from sparkify_dagster.simulator.sessions import (
    NOBODY,
    Sessions,
    Steps,
    draw_sessions,
    draw_steps,
)

NO_RECORDING = -1

_LONGEST_LOOK_SECONDS = 300
_SHORTEST_PAUSE_MS, _LONGEST_PAUSE_MS = 5 * 60_000, 90 * 60_000


@dataclass(frozen=True)
class Events:
    """Events, one entry of each column an event.

    Attributes:
        ts: epoch milliseconds (UTC).
        session: session id.
        item: position in the session.
        person: the listener's position, or `NOBODY` if not logged in.
        view: a `pages.View`.
        level: `pages.FREE` or `pages.PAID`.
        recording: position among the catalogue's recordings, or `NO_RECORDING`.
    """

    ts: npt.NDArray[np.int64]
    session: npt.NDArray[np.int64]
    item: npt.NDArray[np.int32]
    person: npt.NDArray[np.int32]
    view: npt.NDArray[np.int8]
    level: npt.NDArray[np.uint8]
    recording: npt.NDArray[np.int32]

    @property
    def count(self) -> int:
        """The number of events."""
        return self.ts.size

    def take(self, which: npt.NDArray[np.intp] | slice) -> "Events":
        """The events that a list of positions or a slice selects."""
        return Events(*(getattr(self, column.name)[which] for column in fields(self)))

    def followed_by(self, other: "Events") -> "Events":
        """These events and then the others."""
        return Events(
            *(np.concatenate([getattr(self, column.name), getattr(other, column.name)]) for column in fields(self))
        )


NO_EVENTS = Events(
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.int32),
    np.zeros(0, np.int32),
    np.zeros(0, np.int8),
    np.zeros(0, np.uint8),
    np.zeros(0, np.int32),
)


class Service:
    """The service over the months: it remembers what one month leaves to the next."""

    def __init__(self, catalogue: Catalogue, listeners: Listeners) -> None:
        self._catalogue = catalogue
        self._listeners = listeners
        self._level = listeners.pays.astype(np.uint8)
        self._free_from = listeners.arrival.copy()
        self._next_session = 1
        self._left_over = NO_EVENTS

    def month(self, rng: np.random.Generator, month: Month, events: int, is_last: bool) -> Events:
        """Let a month pass. The months must come in their order.

        Args:
            rng: source of chance.
            month: the month.
            events: how many events its sessions have.
            is_last: whether all its sessions must end in it; else some run over into the next one.

        Returns:
            The events with an instant in the month, in the order of time and of their sessions.
        """
        happened = self._left_over
        if events:
            happened = happened.followed_by(self._pass(rng, month, events, is_last))
        # Stable: events of a session at the same instant keep their order.
        happened = happened.take(np.argsort(happened.ts, kind="stable"))
        end = int(np.searchsorted(happened.ts, month.end_ms))
        self._left_over = happened.take(slice(end, None))
        return happened.take(slice(0, end))

    def _pass(self, rng: np.random.Generator, month: Month, events: int, is_last: bool) -> Events:
        sessions = draw_sessions(rng, month, events, self._listeners, self._free_from)
        sessions, steps = draw_steps(rng, sessions, events)
        step_level = settle_plans(rng, sessions, steps, self._level)
        view, level, session = _views(steps, step_level)
        del step_level, steps
        first = np.searchsorted(session, np.arange(sessions.count))
        recording = self._recordings(rng, sessions, view, session)
        offset, duration = self._clock(rng, view, session, first, recording)
        start, pace = self._schedule(rng, month, sessions, duration, is_last)
        if (pace < 1).any():
            offset = np.floor(offset * pace[session]).astype(np.int64)
        ids = np.empty(sessions.count, dtype=np.int64)
        ids[np.argsort(start, kind="stable")] = self._next_session + np.arange(sessions.count)
        self._next_session += sessions.count
        return Events(
            ts=np.add(offset, start[session], out=offset),
            session=ids[session],
            item=(np.arange(view.size) - first[session]).astype(np.int32),
            person=np.where(pages.LOGGED_IN[view], sessions.listener[session], np.int32(NOBODY)),
            view=view,
            level=level,
            recording=recording,
        )

    def _recordings(
        self,
        rng: np.random.Generator,
        sessions: Sessions,
        view: npt.NDArray[np.int8],
        session: npt.NDArray[np.int32],
    ) -> npt.NDArray[np.int32]:
        plays = np.flatnonzero(view == View.NEXT_SONG)
        recording = np.full(view.size, NO_RECORDING, dtype=np.int32)
        listeners = sessions.listener[session[plays]]
        recording[plays] = self._catalogue.choose(rng, self._listeners.favourites, listeners)
        return recording

    def _clock(
        self,
        rng: np.random.Generator,
        view: npt.NDArray[np.int8],
        session: npt.NDArray[np.int32],
        first: npt.NDArray[np.intp],
        recording: npt.NDArray[np.int32],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Let the clock run: each event's time since its session's start, each session's duration (milliseconds)."""
        mean = pages.MEAN_SECONDS[view]
        seconds = np.minimum(mean * rng.standard_exponential(view.size, dtype=np.float32), _LONGEST_LOOK_SECONDS)
        seconds = seconds.astype(np.int32)
        # The real log counts a song's whole seconds until the next one begins.
        whole = self._catalogue.recordings.seconds.astype(np.int32)
        plays = np.flatnonzero(recording != NO_RECORDING)
        seconds[plays] = whole[recording[plays]]
        # Who turns to another page does so while a song is playing.
        after = np.minimum(plays + 1, view.size - 1)
        turning = plays[(view[after] != View.NEXT_SONG) & (session[after] == session[plays])]
        listened = rng.random(turning.size, dtype=np.float32)
        seconds[turning] = 1 + (seconds[turning] * listened).astype(np.int32)

        end = np.cumsum(seconds, dtype=np.int64)
        end *= 1000
        offset = np.empty_like(end)
        offset[0], offset[1:] = 0, end[:-1]
        last = np.append(first[1:], view.size) - 1
        duration = end[last] - offset[first]
        offset -= offset[first][session]
        return offset, duration

    def _schedule(
        self,
        rng: np.random.Generator,
        month: Month,
        sessions: Sessions,
        duration: npt.NDArray[np.int64],
        is_last: bool,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Place the sessions in the month: (starts in epoch milliseconds UTC, paces). Notes who is busy until when."""
        busy = duration + rng.integers(_SHORTEST_PAUSE_MS, _LONGEST_PAUSE_MS, sessions.count)
        marks = sessions.first_of_listener()
        who = sessions.listener[marks]
        free_from = np.where(who == NOBODY, 0, self._free_from[who] - month.start_ms)
        # Not everybody stops at the last instant of the month.
        latest = month.days * DAY_MS - rng.integers(1, 2 * HOUR_MS, who.size)
        start, pace = lay_out(
            marks, sessions.wished_start, busy, np.maximum(free_from, 0), latest, may_run_over=not is_last
        )
        start += month.start_ms
        last = np.append(marks[1:], True)
        known = last & (sessions.listener != NOBODY)
        self._free_from[sessions.listener[known]] = start[known] + np.ceil(busy[known] * pace[known]).astype(np.int64)
        return start, pace


def _views(
    steps: Steps, step_level: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Take steps apart into their views: (views, levels, sessions)."""
    first = np.cumsum(steps.length, dtype=np.int64) - steps.length
    step = np.repeat(np.arange(steps.length.size, dtype=np.int32), steps.length)
    position = (np.arange(step.size) - first[step]).astype(np.int8)
    kind, level = steps.kind[step], step_level[step]
    view = pages.STEP_VIEWS[kind, level, position]
    # The level is the new one from the view after the submission on.
    level ^= ((kind == Step.CHANGE_PLAN) & (position > 1)).astype(np.uint8)
    return view, level, steps.session[step]
