"""The song sensor: new or changed song files lead to one run, which also matches the plays again that they explain.

What belongs here: the tick. What doesn't: loading.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import LOAD_CATALOGUE, LOAD_SONGS
from sparkify_dagster.lake import Lake
from sparkify_dagster.loading.plan import compare
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.digest import digest
from sparkify_dagster.sensors.ledger import look_into_ledger
from sparkify_dagster.sensors.logs import SECONDS_BETWEEN_TICKS, busy_skip
from sparkify_dagster.warehouse import Warehouse

_TABLES_OF_SONGS = frozenset({"songs", "artists"})


def songs_sensor(jobs: Mapping[str, Any], months: dg.MonthlyPartitionsDefinition) -> dg.SensorDefinition:
    """The sensor that watches the songs; it asks for one of two of the jobs."""

    @dg.sensor(
        name="new_songs",
        jobs=[jobs[LOAD_SONGS], jobs[LOAD_CATALOGUE]],
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        description="Loads new and changed song files, and matches the plays again that they explain.",
    )
    def new_songs(
        context: dg.SensorEvaluationContext,
        lake: LakeResource,
        warehouse_reader: WarehouseResource,
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            return _tick(context, lake.get(), warehouse_reader.get(), months)
        except WarehouseBusy as busy:
            return busy_skip(busy)
        except (LakeError, WarehouseError) as error:
            return dg.SkipReason(f"Nothing could be looked at: {error}")

    return new_songs


def _tick(
    context: dg.SensorEvaluationContext, lake: Lake, warehouse: Warehouse, partitions: dg.MonthlyPartitionsDefinition
) -> dg.SensorResult | dg.SkipReason:
    listed = lake.list_songs().files
    now = digest(listed)
    # The cursor is kept only once nothing is outstanding.
    if now == context.cursor:
        return dg.SkipReason(f"Nothing is new in {len(listed):,} song files.")
    view = look_into_ledger(warehouse, "staging_songs")
    pending = compare(listed, view.known).take
    if not pending and not view.stale_tables & _TABLES_OF_SONGS:
        return dg.SensorResult(cursor=now, skip_reason=dg.SkipReason("All songs that the lake holds are loaded."))
    # To the last month, not to the last that is loaded: one that arrives before the run begins is matched too.
    inside = [month for month in {*view.loaded_months, *lake.log_months()} if partitions.has_partition_key(month)]
    last = max((file.last_id for file in view.known.values()), default=0)
    request = dg.RunRequest(
        run_key=f"songs-{now}-{last}" if pending else f"stale-songs-{view.last_load_id}",
        job_name=LOAD_SONGS if inside else LOAD_CATALOGUE,
        tags={RANGE_START: min(inside), RANGE_END: str(partitions.get_last_partition_key())} if inside else {},
    )
    return dg.SensorResult(run_requests=[request], cursor="")
