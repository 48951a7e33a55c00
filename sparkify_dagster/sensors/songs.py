"""The song sensor: new or changed song files lead to one run, which also matches the plays again that they explain.

What belongs here: the tick. What doesn't: loading.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import LOAD_CATALOGUE, LOAD_SONGS
from sparkify_dagster.loading.plan import KnownFile, compare, known_files
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.digest import digest
from sparkify_dagster.sensors.logs import SECONDS_BETWEEN_TICKS
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.counts import loaded_months


def songs_sensor(jobs: Mapping[str, Any]) -> dg.SensorDefinition:
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
            listed = lake.get().list_songs().files
            now = digest(listed)
            if now == context.cursor:
                return dg.SkipReason(f"Nothing is new in {len(listed):,} song files.")
            known, months = _ledger(warehouse_reader.get())
        except WarehouseBusy as busy:
            return dg.SkipReason(f"Will look again in the next tick: {busy}")
        except (LakeError, WarehouseError) as error:
            return dg.SkipReason(f"Nothing could be looked at: {error}")
        if not compare(listed, known).take:
            return dg.SensorResult(cursor=now, skip_reason=dg.SkipReason("What is new in the lake is loaded already."))
        last = max((file.last_id for file in known.values()), default=0)
        request = dg.RunRequest(
            run_key=f"songs-{now}-{last}",
            job_name=LOAD_SONGS if months else LOAD_CATALOGUE,
            tags={RANGE_START: months[0], RANGE_END: months[-1]} if months else {},
        )
        return dg.SensorResult(run_requests=[request], cursor=now)

    return new_songs


def _ledger(warehouse: Warehouse) -> tuple[dict[str, KnownFile], list[str]]:
    """The song files that the ledger knows, and the log months that are loaded."""
    try:
        if not warehouse.tables():
            return {}, []
        with warehouse.reading() as session:
            return known_files(session, "staging_songs"), loaded_months(session)
    finally:
        warehouse.close()
