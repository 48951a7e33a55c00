"""The nightly reconciliation: ledger and lake are held against each other, over all log months.

Sensors look for what is new, and a load checks what it loaded. This looks for what neither saw: a file that was
announced and lost, rows that somebody deleted, a file that is gone or stays refused, logs that no longer come.

What belongs here: when, and for which months. What doesn't: the checks.
"""

import dagster as dg

from sparkify_dagster.job_names import RECONCILE
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START


def nightly_reconciliation(months: dg.MonthlyPartitionsDefinition) -> dg.ScheduleDefinition:
    """The schedule of the reconciliation.

    Args:
        months: The log months; those of the lake that are none of them are left alone.
    """

    @dg.schedule(
        name="nightly_reconciliation",
        job_name=RECONCILE,
        cron_schedule="30 3 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Holds the ledger against the lake each night at 03:30 UTC, over all log months.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        begun = months.get_partition_keys(context.scheduled_execution_time)
        if not begun:
            return dg.SkipReason("No log month has begun yet: see SPARKIFY_FIRST_MONTH.")
        return dg.RunRequest(
            run_key=f"reconcile-{context.scheduled_execution_time:%Y-%m-%d}",
            tags={RANGE_START: begun[0], RANGE_END: begun[-1]},
        )

    return schedule
