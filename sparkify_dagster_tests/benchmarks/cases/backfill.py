"""Many months of tiny files in one run: what orchestration costs.

The work itself (loads, builds, checks) is measured by doing it without Dagster, and taken off. What is left has the
start of the process and all imports in it, Dagster's own among them.

What belongs here: Dagster's share. What doesn't: the work.
"""

from collections.abc import Iterator
from pathlib import Path

from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.deployments import Deployment
from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.lakes import log_months
from sparkify_dagster_tests.benchmarks.measuring.processes import Run
from sparkify_dagster_tests.benchmarks.measuring.turns import take_turns


def backfill(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    lake = bench.lake("backfill")
    logs: list[float] = []

    def orchestrated() -> Run:
        with bench.deployment(lake) as deployment:
            run = deployment.load()
            logs.append(_event_log_mb(deployment))
        return run

    turns = take_turns(orchestrated, lambda: _work(bench, lake), bench.pairs)
    months = len(log_months(lake))
    seconds = [run.seconds - float(work.output) for run, work in zip(turns.first, turns.second, strict=True)]
    runs = {"sparkify load": turns.first, "without Dagster": turns.second}
    note = "With the start of the process and the import of Dagster."
    yield Figure(f"{months} months in one run: orchestration", "s", seconds, at_most(5), runs, note)
    yield Figure(f"{months} months in one run: Dagster's event log", "MB", logs)


def _work(bench: Bench, lake: Path) -> Run:
    with bench.deployment(lake) as deployment:
        return deployment.probe("without_dagster")


def _event_log_mb(deployment: Deployment) -> float:
    files = (path for path in (deployment.home / "history").rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) / 1e6
