"""The process that works on a run.

What belongs here: finding it in the run's events, and whether it still lives. What doesn't: what follows from that.
"""

from dataclasses import dataclass

import dagster as dg
import psutil

_FIRST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that said of itself that it works on a run.

    Attributes:
        pid: Its number.
        seen_at: When it said so, as a Unix timestamp.
    """

    pid: int
    seen_at: float

    def lives(self) -> bool:
        """Whether it is still there, and no later process has its number."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() <= self.seen_at and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def find_worker(instance: dg.DagsterInstance, run_id: str) -> Worker | None:
    """Finds the process of a run; None where none has said yet that it is.

    It is the first that an event of Dagster's engine names: the subprocess of a code server, or the process that
    executes the run in itself. Those that an executor starts for single steps come later.
    """
    records = instance.get_records_for_run(
        run_id, of_type=dg.DagsterEventType.ENGINE_EVENT, limit=_FIRST_EVENTS, ascending=True
    ).records
    for record in records:
        event = record.event_log_entry.dagster_event
        pid = event.engine_event_data.metadata.get("pid") if event is not None else None
        if pid is not None:
            return Worker(int(str(pid.value)), record.event_log_entry.timestamp)
    return None
