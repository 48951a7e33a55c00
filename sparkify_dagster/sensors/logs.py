"""The log sensor: a new, changed or late file in any month leads to one run for that month.

A tick lists the lake and compares each month with what the cursor saw last. Where nothing differs, and nothing that was
asked for is outstanding, the warehouse is left alone. Else the ledger is asked which files are not loaded as they are,
and which months have tables that have not taken in all loads, such as those of a run that was cut off. The cursor is a
cache: where it is lost, the ledger is asked, and nothing is loaded twice. A run key names the versions of the month's
files and the last one that the ledger knows, so that a file which changes back is not taken for one that was loaded.

For lakes too large to list, a queue announces what comes: a tick then lists the months that are announced, and a few
more in turn, so that what was never announced is found too.

What belongs here: the tick. What doesn't: loading.
"""

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.events import Announcements
from sparkify_dagster.job_names import LOAD_LOGS
from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.loading.plan import compare
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.resources.announcements import AnnouncementsResource
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.cursor import LogCursor
from sparkify_dagster.sensors.digest import digest
from sparkify_dagster.sensors.ledger import LedgerView, look_into_ledger
from sparkify_dagster.sensors.listing import list_all, list_some
from sparkify_dagster.sensors.mail import Mail
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
            return dg.SkipReason(f"Nothing could be looked at: {error}")

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
    former = LogCursor.read(context.cursor)
    # Before the lake is listed: what is announced is there then, or gone again.
    mail = Mail(announcements, lake, partitions, former, context.log)
    held = lake.log_months()
    outside = sorted(set(held).difference(partitions))
    inside = [month for month in held if month not in outside]
    if announcements:
        listed, turn = list_some(lake, inside, mail.months, former)
    else:
        listed, turn = list_all(lake, inside), ""
    now = {month: digest(files) for month, files in listed.items()}
    touched = [month for month in listed if now[month] != former.months.get(month)]
    mail.let_go(set(listed).difference(touched))
    cursor = _listed(former, inside, now, mail.at, turn)
    if not touched and not (cursor.open and cursor.is_due()):
        left = " What was asked for is not loaded yet; later, the warehouse is asked again." if cursor.open else ""
        many = f"{len(listed)} of {len(inside)}" if announcements else str(len(listed))
        return _nothing(f"Nothing is new in {many} months.{left}", outside, mail, cursor)
    asked = {*touched, *cursor.open}
    view = look_into_ledger(warehouse, "staging_events", first_day(min(asked)), first_day(max(asked)))
    requests = [
        *_requests_for_files({month: files for month, files in listed.items() if month in asked}, now, view),
        *_requests_for_stale(inside, view),
    ]
    still_open = [
        month for month in cursor.open if month not in listed and not _is_loaded(month, cursor.months[month], view)
    ]
    _remember(cursor, requests, still_open, anew=bool(touched))
    if requests:
        return dg.SensorResult(run_requests=requests, cursor=cursor.write())
    if still_open:
        return _nothing(f"Not seen to be loaded yet: {len(still_open)} months.", outside, mail, cursor)
    return _nothing("All that the lake holds is loaded.", outside, mail, cursor)


def _nothing(reason: str, outside: Sequence[str], mail: Mail, cursor: LogCursor) -> dg.SensorResult:
    said = " ".join([f"{reason}{_left_alone(outside)}", *mail.said])
    return dg.SensorResult(skip_reason=dg.SkipReason(said), cursor=cursor.write())


def _listed(former: LogCursor, inside: Sequence[str], now: Mapping[str, str], at: float | None, turn: str) -> LogCursor:
    """What is remembered of the lake after some of its months were listed."""
    months = {month: name for month, name in former.months.items() if month in inside} | dict(now)
    moments = {month: moment for month, moment in former.listed.items() if month in months}
    if at is not None:
        moments |= dict.fromkeys(now, at)
    still_open = [month for month in former.open if month in months]
    return LogCursor(months, moments, turn, still_open, former.wanted, former.since, former.asked)


def _remember(cursor: LogCursor, requests: Sequence[dg.RunRequest], still_open: Iterable[str], *, anew: bool) -> None:
    """What is remembered of the ledger after it was asked."""
    cursor.open = sorted({*still_open, *(str(request.partition_key) for request in requests)})
    keys = sorted(str(request.run_key) for request in requests)
    wanted = hashlib.sha256("\n".join([*keys, *cursor.open]).encode()).hexdigest()[:20] if cursor.open else ""
    cursor.asked = time.time()
    if anew or wanted != cursor.wanted:
        cursor.since = cursor.asked
    cursor.wanted = wanted


def _is_loaded(month: str, name: str, view: LedgerView) -> bool:
    """Whether the ledger knows exactly the file versions that were listed last."""
    known = [
        LakeFile(key, file.etag, 0)
        for key, file in view.known.items()
        if file.log_month == first_day(month) and file.etag
    ]
    return month not in view.stale_months and digest(known) == name


def _requests_for_files(
    listed: dict[str, list[LakeFile]], now: dict[str, str], view: LedgerView
) -> list[dg.RunRequest]:
    requests: list[dg.RunRequest] = []
    for month, files in listed.items():
        known = {key: file for key, file in view.known.items() if file.log_month == first_day(month)}
        if compare(files, known).take:
            last = max((file.last_id for file in known.values()), default=0)
            requests.append(dg.RunRequest(run_key=f"logs-{month}-{now[month]}-{last}", partition_key=month))
    return requests


def _requests_for_stale(inside: Sequence[str], view: LedgerView) -> list[dg.RunRequest]:
    """Runs for what was loaded and not taken in: a run was cut off, or another one came in between."""
    months = set(view.stale_months)
    if view.stale_tables & _TABLES_OF_EVENTS:
        months |= set(view.loaded_months[-1:])
    return [
        dg.RunRequest(run_key=f"stale-{month}-{view.last_load_id}", partition_key=month)
        for month in sorted(months.intersection(inside))
    ]


def _left_alone(outside: Sequence[str]) -> str:
    if not outside:
        return ""
    return (
        f" Left alone, since they are no partitions: {', '.join(outside)}. "
        "Set SPARKIFY_FIRST_MONTH, or reload the definitions, to begin with an earlier month."
    )
