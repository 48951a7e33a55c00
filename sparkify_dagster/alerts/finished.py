"""Runs that ended, as Dagster's event log has them.

What belongs here: finding those that are still to be told of, and their events. What doesn't: what is told of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from sparkify_dagster.alerts.memory import Memory

MOST_RUNS = 100
"""So many runs are looked at in one tick, the first to end before others; a tick has 60 s."""

SECONDS_TO_SETTLE = 5.0
"""So long after a run ended, Dagster has noted whether it runs it again, and events of other machines are there."""

_A_PAGE = 500
_MOST_PAGES = 20

# Canceled runs were ended by somebody who knows.
_ENDS = (dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_SUCCESS)
_TOLD_OF = {
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ENGINE_EVENT,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.STEP_FAILURE,
}


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that ended.

    Attributes:
        run: The run.
        failed: Whether it failed.
        events: Its events, of the kinds that something is told of.
    """

    run: dg.DagsterRun
    failed: bool
    events: Sequence[dg.EventLogEntry]

    @property
    def is_retried(self) -> bool:
        """Whether Dagster runs it again by itself; it can't where a command line ran it."""
        return self.run.tags.get("dagster/will_retry") == "true" and self.run.remote_job_origin is not None


@dataclass(frozen=True, slots=True)
class End:
    """That a run ended: its id, the moment in seconds of Unix time, and how."""

    run_id: str
    moment: float
    failed: bool


def new_ends(instance: dg.DagsterInstance, memory: Memory, now: float) -> list[End]:
    """The ends of runs that are not remembered, the first before others."""
    ends = [
        end
        for end in _ends_after(instance, memory.looked_at_from(now))
        if not memory.knows(end.run_id, end.moment) and not 0 <= now - end.moment < SECONDS_TO_SETTLE
    ]
    return sorted(ends, key=lambda end: end.moment)[:MOST_RUNS]


def finished(instance: dg.DagsterInstance, end: End, location: str | None) -> Finished | None:
    """The run that ended; None where it was deleted since, or is not of this code location.

    Args:
        instance: Dagster's.
        end: Its end.
        location: The name of the code location; None where that is not known.
    """
    run = instance.get_run_by_id(end.run_id)
    if run is None or not _is_of(location, run):
        return None
    return Finished(run, end.failed, instance.all_logs(end.run_id, of_type=_TOLD_OF))


def _ends_after(instance: dg.DagsterInstance, moment: float) -> Iterator[End]:
    for kind in _ENDS:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = instance.fetch_run_status_changes(
                dg.RunStatusChangeRecordsFilter(kind, after_timestamp=moment), _A_PAGE, cursor, ascending=True
            )
            for record in page.records:
                yield End(record.run_id, record.timestamp, kind == dg.DagsterEventType.RUN_FAILURE)
            cursor = page.cursor
            if not page.has_more:
                break


def _is_of(location: str | None, run: dg.DagsterRun) -> bool:
    # A run of the command line has no origin.
    origin = run.remote_job_origin
    return origin is None or location in (None, origin.repository_origin.code_location_origin.location_name)
