"""Runs jobs in this process, on Dagster's instance, so that the UI knows of them.

What belongs here: Dagster's side of ``sparkify load``. What doesn't: which runs, and what is said of them.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from sparkify_dagster.cli.plan import JobRun, LoadOptions
from sparkify_dagster.definitions import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.settings import Settings
from sparkify_dagster.tables import LAKE_TABLES


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
    with dg.DagsterInstance.get() as instance, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for run in runs:
            job = definitions.resolve_job_def(run.job)
            result = job.execute_in_process(
                instance=instance,
                tags={RANGE_START: run.months[0], RANGE_END: run.months[1]} if run.months else {},
                run_config=_run_config(job, options),
                raise_on_error=False,
            )
            outcomes.append(_outcome(result))
            if not result.success:
                break
    return outcomes


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
            outcome.errors.append(_message(event.step_failure_data))
    return outcome


def _check(data: Any) -> CheckOutcome:
    table = data.metadata.get("examples")
    records = table.value.records if table is not None and hasattr(table.value, "records") else []
    return CheckOutcome(
        table=data.asset_key.to_user_string(),
        name=data.check_name,
        passed=data.passed,
        is_error=data.severity == dg.AssetCheckSeverity.ERROR,
        found=data.metadata["found"].value,
        examples=[", ".join(f"{key} {value}" for key, value in record.data.items()) for record in records],
    )


def _message(data: Any) -> str:
    """The first line of the error that lies at the bottom of a step's failure."""
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    text = error.message if error is not None else "unknown error"
    name, _, message = text.strip().partition(": ")
    return message if name.rpartition(".")[2].isidentifier() and message else text.strip()
