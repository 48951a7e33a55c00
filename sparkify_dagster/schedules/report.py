"""The monthly report: of the month that ended, once its last day had a day to arrive.

What belongs here: when, and of which month. What doesn't: the report.
"""

from datetime import timedelta

import dagster as dg

from sparkify_dagster.job_names import MAKE_MONTHLY_REPORT


def monthly_report_schedule(months: dg.MonthlyPartitionsDefinition) -> dg.ScheduleDefinition:
    """The schedule of the report.

    (Dagster's own schedule for partitioned jobs would ask for the current month, which is a partition too.)

    Args:
        months: The log months.
    """

    @dg.schedule(
        name="monthly_report",
        job_name=MAKE_MONTHLY_REPORT,
        cron_schedule="0 6 2 * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Makes the report of the month that ended, on the second of each month at 06:00 UTC.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        now = context.scheduled_execution_time
        month = f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
        if month not in months.get_partition_keys(now):
            return dg.SkipReason(f"{month} is no log month: see SPARKIFY_FIRST_MONTH.")
        return dg.RunRequest(run_key=f"report-{month}", partition_key=month)

    return schedule
