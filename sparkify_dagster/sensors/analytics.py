"""The analytics sensor: after the star schema was built, one run brings the tables of analytics up to date.

A tick asks Dagster when the tables of the star were last materialized. Only where that is news, the ledger is asked
which months are behind; then one run builds these, whatever number of runs loaded them. What a run of this sensor
leaves behind, since it failed, the next load or the nightly schedule picks up.

What belongs here: the tick. What doesn't: building.
"""

import json
from collections.abc import Sequence

import dagster as dg

from sparkify_dagster.building.analytics import Behind, analytics_behind
from sparkify_dagster.errors import WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import REFRESH_ANALYTICS
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.logs import SECONDS_BETWEEN_TICKS, busy_skip
from sparkify_dagster.warehouse import Warehouse

_WATCHED = ("songplays", "user_levels", "songs", "artists")
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def analytics_sensor(months: dg.MonthlyPartitionsDefinition) -> dg.SensorDefinition:
    """The sensor that keeps analytics up to date."""

    @dg.sensor(
        name="stale_analytics",
        job_name=REFRESH_ANALYTICS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        description="Brings the tables of analytics up to date after the star schema was built.",
    )
    def stale_analytics(
        context: dg.SensorEvaluationContext, warehouse_reader: WarehouseResource
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            return _tick(context, warehouse_reader.get(), months.get_partition_keys())
        except WarehouseBusy as busy:
            return busy_skip(busy)
        except WarehouseError as error:
            return dg.SkipReason(f"The ledger could not be asked what is behind; the next tick tries again. {error}")

    return stale_analytics


def look_behind(warehouse: Warehouse) -> Behind:
    """What is behind; the warehouse is let go afterwards.

    Raises:
        WarehouseError: It can't be reached.
    """
    try:
        if not warehouse.tables():
            return Behind()
        with warehouse.reading() as session:
            return analytics_behind(session)
    finally:
        warehouse.close()


def refresh_tags(behind: Behind, partitions: Sequence[str]) -> dict[str, str] | None:
    """The tags of a run that builds what is behind; None where there is no month that it could name."""
    months = [month for month in behind.all_months if month in partitions] or list(partitions[-1:])
    return {RANGE_START: months[0], RANGE_END: months[-1]} if months else None


def _tick(
    context: dg.SensorEvaluationContext, warehouse: Warehouse, partitions: Sequence[str]
) -> dg.SensorResult | dg.SkipReason:
    seen = _last_materializations(context.instance)
    cursor = json.dumps(seen)
    if cursor == context.cursor or not any(seen):
        return dg.SkipReason("The star schema was not built since.")
    if context.instance.get_runs_count(dg.RunsFilter(job_name=REFRESH_ANALYTICS, statuses=_UNDER_WAY)):
        return dg.SkipReason("A run brings analytics up to date; what comes meanwhile is looked at after it.")
    behind = look_behind(warehouse)
    tags = refresh_tags(behind, partitions) if behind else None
    if tags is None:
        return dg.SensorResult(skip_reason=dg.SkipReason("All analytics are up to date."), cursor=cursor)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"analytics-{cursor}", job_name=REFRESH_ANALYTICS, tags=tags)],
        cursor=cursor,
    )


def _last_materializations(instance: dg.DagsterInstance) -> list[int]:
    """Dagster's numbers of the last materializations of the tables watched; 0 for none."""
    records = [instance.fetch_materializations(dg.AssetKey(name), limit=1).records for name in _WATCHED]
    return [found[0].storage_id if found else 0 for found in records]
