"""Runs jobs in this process, on Dagster's instance, so that the UI knows of them.

What belongs here: Dagster's side of ``sparkify load``. What doesn't: which runs, and what is said of them.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from sparkify_dagster.alerts.run_events import examples_of, found_by, reason_of
from sparkify_dagster.cli.home import one_at_a_time
from sparkify_dagster.cli.plan import JobRun, LoadOptions
from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.settings import Settings
from sparkify_dagster.tables import LAKE_TABLES

_NOT_TRIED_AGAIN = {"dagster/max_retries": "0"}
"""Dagster's daemon can't run a run of this process again; what is left of one that is killed, the sensors pick up."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What an asset check said.

    Attributes:
        table: The table that it guards.
        name: Its name.
        passed: Whether all is well.
        is_error: Whether a failure is an error, not a warning.
        found: Number of what should not be.
        examples: A few of it, as text.
    """

    table: str
    name: str
    passed: bool
    is_error: bool
    found: int
    examples: Sequence[str]


@dataclass(slots=True)
class RunOutcome:
    """What came of a run."""

    succeeded: bool
    checks: list[CheckOutcome] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def run_jobs(settings: Settings, runs: Sequence[JobRun], options: LoadOptions) -> list[RunOutcome]:
    """Runs jobs one after the other; after one that failed, none."""
    definitions = build_defs(settings)
    outcomes: list[RunOutcome] = []
    with one_at_a_time(settings.dagster_home):
        opened = dg.DagsterInstance.get()
    with opened as instance, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for run in runs:
            job = definitions.resolve_job_def(run.job)
            result = job.execute_in_process(
                instance=instance,
                tags=_tags(run),
                run_config=_run_config(job, options),
                raise_on_error=False,
                asset_selection=[dg.AssetKey(name) for name in run.assets] if run.assets else None,
            )
            outcomes.append(_outcome(result))
            if not result.success:
                break
    return outcomes


def _tags(run: JobRun) -> dict[str, str]:
    months = {RANGE_START: run.months[0], RANGE_END: run.months[1]} if run.months else {}
    return {**_NOT_TRIED_AGAIN, **months}


def _run_config(job: dg.JobDefinition, options: LoadOptions) -> dict[str, Any]:
    config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if options.rebuild or options.prune:
        staged = {"config": {"rebuild": options.rebuild, "prune": options.prune}}
        config["ops"] = {node: staged for node in LAKE_TABLES if node in {n.name for n in job.nodes}}
    return config


def _outcome(result: dg.ExecuteInProcessResult) -> RunOutcome:
    outcome = RunOutcome(result.success)
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            outcome.checks.append(_check(event.asset_check_evaluation_data))
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            outcome.errors.append(reason_of(event.step_failure_data))
    return outcome


def _check(check: dg.AssetCheckEvaluation) -> CheckOutcome:
    return CheckOutcome(
        table=check.asset_key.to_user_string(),
        name=check.check_name,
        passed=check.passed,
        is_error=check.severity == dg.AssetCheckSeverity.ERROR,
        found=found_by(check),
        examples=examples_of(check),
    )
