"""The log sensor: a new, changed or late file in any month leads to one run for that month.

A tick lists the lake and compares each month with what the cursor saw last. Where nothing differs, and nothing that was
asked for is outstanding, the warehouse is left alone. Else the ledger is asked which files are not loaded as they are,
and which months have tables that have not taken in all loads, such as those of a run that was cut off. The cursor is a
cache: where it is lost, the ledger is asked, and nothing is loaded twice. A run key names the versions of the month's
files and the last one that the ledger knows, so that a file which changes back is not taken for one that was loaded.

Of a lake too large for a tick, each tick lists the newest months, and the others in turn (``listing``). A queue may
announce what comes: then a tick lists what is announced, and only little more in turn, so that what was never announced
is found too.

What belongs here: the tick. What doesn't: loading.
"""

from collections.abc import Collection, Sequence

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.events import Announcements
from sparkify_dagster.job_names import LOAD_LOGS
from sparkify_dagster.lake import Lake
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.resources.announcements import AnnouncementsResource
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.blindness import cannot_look
from sparkify_dagster.sensors.cursor import Cursor
from sparkify_dagster.sensors.ledger import LedgerView, lacking, look_into_ledger, not_seen_loaded
from sparkify_dagster.sensors.listing import Tour, list_logs
from sparkify_dagster.sensors.mail import Mail
from sparkify_dagster.sensors.spaces import Logs
from sparkify_dagster.sensors.stretches import group_of
from sparkify_dagster.sensors.walking import place_of
from sparkify_dagster.warehouse import Warehouse

SECONDS_BETWEEN_TICKS = 30

_TABLES_OF_EVENTS = frozenset({"users", "user_levels"})


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
        announcements: AnnouncementsResource,
        warehouse_reader: WarehouseResource,
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            return _tick(context, lake.get(), announcements.get(), warehouse_reader.get(), months.get_partition_keys())
        except WarehouseBusy as busy:
            return busy_skip(busy)
        except (LakeError, WarehouseError) as error:
            return cannot_look(error)

    return new_logs


def busy_skip(busy: WarehouseBusy) -> dg.SkipReason:
    """Says that the warehouse is at work; nothing needs to be done about it."""
    return dg.SkipReason(f"The warehouse is being written to; the next tick looks again. ({busy})")


def _tick(
    context: dg.SensorEvaluationContext,
    lake: Lake,
    announcements: Announcements | None,
    warehouse: Warehouse,
    partitions: Sequence[str],
) -> dg.SensorResult:
    former = Cursor.read(context.cursor)
    # Before the lake is listed: what is announced is there then, or gone again.
    mail = Mail(announcements, lake, partitions, former, context.log)
    if not partitions:
        return _nothing("No log month has begun yet: see SPARKIFY_FIRST_MONTH.", mail, former)
    known = former.known(partitions)
    space = Logs(lake, partitions, former.outside)
    tour = list_logs(lake, space, known, mail.stretches, place_of(former.turn), place_of(former.newest))
    cursor = former.after(tour, mail.at)
    cursor.outside = space.outside
    touched = [stretch for stretch in tour.files if cursor.digests[stretch] != former.digests.get(stretch)]
    mail.let_go({*touched, *set(tour.stretches).difference(tour.files)})
    if not touched and not (cursor.open and cursor.is_due()):
        left = " What was asked for is not loaded yet; later, the warehouse is asked again." if cursor.open else ""
        return _nothing(f"Nothing is new in {_listed(tour, cursor)}.{left}", mail, cursor)
    asked = {*touched, *cursor.open}
    months = sorted(map(group_of, asked))
    view = look_into_ledger(warehouse, "staging_events", first_day(months[0]), first_day(months[-1]))
    lack = lacking(tour, asked, view)
    unseen = {*not_seen_loaded(cursor, tour, view)}
    unseen |= {
        stretch for stretch in cursor.open if stretch not in tour.files and group_of(stretch) in view.stale_months
    }
    wanted = [month for month in sorted(set(map(group_of, lack))) if cursor.may_ask(month)]
    stale = _stale(cursor.groups, view)
    requests = [*_requests_for_files(wanted, cursor, view), *_requests_for_stale(stale, view)]
    for month in wanted:
        cursor.ask(month, tour)
    cursor.remember([str(request.run_key) for request in requests], {*lack, *unseen, *stale}, anew=bool(touched))
    if requests:
        return dg.SensorResult(run_requests=requests, cursor=cursor.write())
    if cursor.open:
        return _nothing(f"Not seen to be loaded yet: {len(set(map(group_of, cursor.open)))} months.", mail, cursor)
    return _nothing("All that the lake holds is loaded.", mail, cursor)


def _listed(tour: Tour, cursor: Cursor) -> str:
    """Of which months the listing came to its end."""
    months = cursor.groups
    ended = len([*filter(tour.has_seen_all, months)])
    more = "" if cursor.is_complete() else ", and there may be more: the lake has not been listed to its end yet"
    return f"{ended} of {len(months)} months{more}" if ended < len(months) or more else f"{ended} months"


def _nothing(reason: str, mail: Mail, cursor: Cursor) -> dg.SensorResult:
    said = " ".join([f"{reason}{_left_alone(cursor.outside)}", *mail.said])
    return dg.SensorResult(skip_reason=dg.SkipReason(said), cursor=cursor.write())


def _requests_for_files(months: Sequence[str], cursor: Cursor, view: LedgerView) -> list[dg.RunRequest]:
    last = {f"{day:%Y-%m}": 0 for file in view.known.values() if (day := file.log_month) is not None}
    for file in view.known.values():
        if file.log_month is not None:
            month = f"{file.log_month:%Y-%m}"
            last[month] = max(last[month], file.last_id)
    return [
        dg.RunRequest(run_key=f"logs-{month}-{cursor.digest_of(month)}-{last.get(month, 0)}", partition_key=month)
        for month in months
    ]


def _stale(inside: Collection[str], view: LedgerView) -> list[str]:
    """Months with something loaded and not taken in: a run was cut off, or another one came in between."""
    months = set(view.stale_months)
    if view.stale_tables & _TABLES_OF_EVENTS:
        months |= set(view.loaded_months[-1:])
    return sorted(months.intersection(inside))


def _requests_for_stale(months: Sequence[str], view: LedgerView) -> list[dg.RunRequest]:
    return [dg.RunRequest(run_key=f"stale-{month}-{view.last_load_id}", partition_key=month) for month in months]


def _left_alone(outside: Sequence[str]) -> str:
    if not outside:
        return ""
    return (
        f" Left alone, since they are no partitions: {', '.join(outside)}. "
        "Set SPARKIFY_FIRST_MONTH, or reload the definitions, to begin with an earlier month."
    )
