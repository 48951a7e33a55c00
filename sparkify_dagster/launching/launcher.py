"""The run launcher: Dagster's own, which can also say whether a run that began is still at work.

Dagster's monitoring asks the launcher of each run that is in progress, and marks as failed those that nobody works on:
a run that was killed would otherwise hold the warehouse's slot for ever. Dagster's default launcher does not know; only
a code server looks after the runs that it started, as long as it lives itself.

What belongs here: what Dagster asks a launcher. What doesn't: finding the process (``worker``), and how often Dagster
asks, which is in dagster.yaml.
"""

import time

import dagster as dg

# Dagster has no public name for what this method gives.
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus

from sparkify_dagster.launching.worker import find_worker

SECONDS_TO_SAY_WHERE = 60.0
"""How long a run that began may take to say which process it is in; it does so in the same breath."""


class LocalRunLauncher(dg.DefaultRunLauncher):
    """Launches runs on this machine, and knows whether the process of a run still lives.

    A run of ``sparkify load`` is in the process of that command, which this launcher did not start and knows all the
    same. Runs must be on the machine, and in the container, that Dagster's monitoring is on: what is elsewhere looks
    as if it were gone. The embedded platform is on one machine anyhow: its state and DuckDB's file are local files.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether ``check_run_worker_health`` may be called: yes."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Says whether somebody works on a run that began."""
        worker = find_worker(self._instance, run.run_id)
        if worker is None:
            return self._without_worker(run)
        if worker.lives():
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        gone = f"the run's process ({worker.pid}) is gone: it was killed, or the machine was restarted"
        return CheckRunHealthResult(WorkerStatus.FAILED, gone)

    def _without_worker(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        record = self._instance.get_run_record_by_id(run.run_id)
        began = record.start_time if record is not None else None
        if began is None or time.time() - began < SECONDS_TO_SAY_WHERE:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "the run began, and was cut off before its first step")
