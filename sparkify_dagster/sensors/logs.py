"""The log sensor: a new, changed or late file in any month leads to one run for that month.

A tick lists the lake and compares each month with what the cursor saw last; only where that differs is the ledger
asked which files are not loaded as they are. The cursor is a cache: where it is lost, the ledger is asked for every
month, and nothing is loaded twice. A run key names the versions of the month's files and the last load of the month,
so that a file which changes back is not taken for one that was loaded.

What belongs here: the tick. What doesn't: loading.
"""

import json
from collections.abc import Sequence

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import LOAD_LOGS
from sparkify_dagster.lake import Lake
from sparkify_dagster.loading.plan import KnownFile, compare, known_files
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.digest import digest
from sparkify_dagster.warehouse import Warehouse

SECONDS_BETWEEN_TICKS = 30


def logs_sensor(months: dg.MonthlyPartitionsDefinition) -> dg.SensorDefinition:
    """The sensor that watches the logs."""

    @dg.sensor(
        name="new_logs",
        job_name=LOAD_LOGS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        description="Loads each log month that has new, changed or late files.",
    )
    def new_logs(
        context: dg.SensorEvaluationContext,
        lake: LakeResource,
        warehouse_reader: WarehouseResource,
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            return _tick(context, lake.get(), warehouse_reader.get(), months.get_partition_keys())
        except WarehouseBusy as busy:
            return dg.SkipReason(f"Will look again in the next tick: {busy}")
        except (LakeError, WarehouseError) as error:
            return dg.SkipReason(f"Nothing could be looked at: {error}")

    return new_logs


def _tick(
    context: dg.SensorEvaluationContext, lake: Lake, warehouse: Warehouse, partitions: Sequence[str]
) -> dg.SensorResult | dg.SkipReason:
    seen: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    inside = set(partitions)
    listed = {month: lake.list_logs(month).files for month in lake.log_months() if month in inside}
    now = {month: digest(files) for month, files in listed.items()}
    touched = [month for month in listed if now[month] != seen.get(month)]
    if not touched:
        return dg.SkipReason(f"Nothing is new in {len(listed)} months.")
    requests: list[dg.RunRequest] = []
    known = _ledger(warehouse, touched[0], touched[-1])
    for month in touched:
        of_month = {key: file for key, file in known.items() if file.log_month == first_day(month)}
        if compare(listed[month], of_month).take:
            last = max((file.last_id for file in of_month.values()), default=0)
            requests.append(dg.RunRequest(run_key=f"logs-{month}-{now[month]}-{last}", partition_key=month))
    return dg.SensorResult(
        run_requests=requests,
        cursor=json.dumps(now, sort_keys=True),
        skip_reason=None if requests else dg.SkipReason("What is new in the lake is loaded already."),
    )


def _ledger(warehouse: Warehouse, first: str, last: str) -> dict[str, KnownFile]:
    try:
        if not warehouse.tables():
            return {}
        with warehouse.reading() as session:
            return known_files(session, "staging_events", first_day(first), first_day(last))
    finally:
        warehouse.close()
