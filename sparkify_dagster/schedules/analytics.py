"""The nightly look at analytics: what is behind is brought up to date.

While the daemon runs, a sensor does that after each load. This picks up what it left behind, since its run failed or
since the tables of the star were built elsewhere, as by the command line with another instance of Dagster.

What belongs here: when, and whether there is anything to do. What doesn't: what is behind, and building it.
"""

import dagster as dg

from sparkify_dagster.errors import WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import REFRESH_ANALYTICS
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.analytics import look_behind, refresh_tags


def nightly_analytics(months: dg.MonthlyPartitionsDefinition) -> dg.ScheduleDefinition:
    """The schedule of analytics.

    Args:
        months: The log months.
    """

    @dg.schedule(
        name="nightly_analytics",
        job_name=REFRESH_ANALYTICS,
        cron_schedule="0 4 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Brings the tables of analytics up to date each night at 04:00 UTC, where any is behind.",
    )
    def schedule(
        context: dg.ScheduleEvaluationContext, warehouse_reader: WarehouseResource
    ) -> dg.RunRequest | dg.SkipReason:
        try:
            behind = look_behind(warehouse_reader.get())
        except WarehouseBusy as busy:
            return dg.SkipReason(f"The warehouse is being written to; after a load, analytics follow. ({busy})")
        except WarehouseError as error:
            return dg.SkipReason(f"The ledger could not be asked what is behind; the next night tries again. {error}")
        tags = refresh_tags(behind, months.get_partition_keys(context.scheduled_execution_time)) if behind else None
        if tags is None:
            return dg.SkipReason("All analytics are up to date.")
        return dg.RunRequest(run_key=f"analytics-{context.scheduled_execution_time:%Y-%m-%d}", tags=tags)

    return schedule
