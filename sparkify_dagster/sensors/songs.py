"""The song sensor: new or changed song files lead to one run, which also matches the plays again that they explain.

A tick lists the songs and compares them with what the cursor saw last; of a catalogue too large for a tick it lists a
part, and the next tick goes on. A run takes all that is new, so one is asked for in a round. The rest is as with the
logs (``logs``).

What belongs here: the tick. What doesn't: loading.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import LOAD_CATALOGUE, LOAD_SONGS
from sparkify_dagster.lake import Lake
from sparkify_dagster.lake.base import Page
from sparkify_dagster.lake.keys import month_of
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.blindness import cannot_look
from sparkify_dagster.sensors.cursor import Cursor
from sparkify_dagster.sensors.ledger import LedgerView, lacking, look_into_ledger, not_seen_loaded
from sparkify_dagster.sensors.listing import Tour, list_songs
from sparkify_dagster.sensors.logs import SECONDS_BETWEEN_TICKS, busy_skip
from sparkify_dagster.sensors.stretches import SONGS, beginning_of
from sparkify_dagster.sensors.walking import place_of
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
            return cannot_look(error)

    return new_songs


def _tick(
    context: dg.SensorEvaluationContext, lake: Lake, warehouse: Warehouse, partitions: dg.MonthlyPartitionsDefinition
) -> dg.SensorResult:
    former = Cursor.read(context.cursor)
    tour = list_songs(lake, former.known([SONGS]), place_of(former.turn))
    cursor = former.after(tour, None)
    touched = [stretch for stretch in tour.files if cursor.digests[stretch] != former.digests.get(stretch)]
    if not touched and not (cursor.open and cursor.is_due()):
        left = " What was asked for is not loaded yet; later, the warehouse is asked again." if cursor.open else ""
        return _nothing(f"Nothing is new in {_listed(tour)}.{left}", cursor)
    view = look_into_ledger(warehouse, "staging_songs")
    lack = lacking(tour, {*touched, *cursor.open}, view)
    unseen = not_seen_loaded(cursor, tour, view)
    stale = bool(view.stale_tables & _TABLES_OF_SONGS)
    requests: list[dg.RunRequest] = []
    if (lack or unseen) and cursor.may_ask(SONGS):
        last = max((file.last_id for file in view.known.values()), default=0)
        requests = [_request(f"songs-{cursor.digest_of(SONGS)}-{last}", lake, partitions, view)]
        cursor.ask(SONGS, tour)
    elif stale and not (lack or unseen):
        requests = [_request(f"stale-songs-{view.last_load_id}", lake, partitions, view)]
    still_open = {*lack, *unseen, *([SONGS] if stale else [])}
    cursor.remember([str(request.run_key) for request in requests], still_open, anew=bool(touched))
    if requests:
        return dg.SensorResult(run_requests=requests, cursor=cursor.write())
    if cursor.open:
        return _nothing(f"Not seen to be loaded yet: songs that were asked for, or found in {_listed(tour)}.", cursor)
    return _nothing("All songs that the lake holds are loaded.", cursor)


def _listed(tour: Tour) -> str:
    count = f"{sum(map(len, tour.files.values())):,} song files"
    return count if len(tour.files) == len(tour.stretches) else f"{count}, a part of all"


def _nothing(reason: str, cursor: Cursor) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=cursor.write())


def _request(key: str, lake: Lake, partitions: dg.MonthlyPartitionsDefinition, view: LedgerView) -> dg.RunRequest:
    # To the last month, not to the last that is loaded: one that arrives before the run begins is matched too.
    held = {*view.loaded_months, *_first_month(lake, partitions)}
    inside = [month for month in held if partitions.has_partition_key(month)]
    return dg.RunRequest(
        run_key=key,
        job_name=LOAD_SONGS if inside else LOAD_CATALOGUE,
        tags={RANGE_START: min(inside), RANGE_END: str(partitions.get_last_partition_key())} if inside else {},
    )


def _first_month(lake: Lake, partitions: dg.MonthlyPartitionsDefinition) -> list[str]:
    """The first month of which the lake holds logs, as far as one page shows it."""
    first = partitions.get_first_partition_key()
    page = next(lake.log_pages(beginning_of(first))) if first else Page([], None)
    return [month for file in page.files[:1] if (month := month_of(file.key))]
