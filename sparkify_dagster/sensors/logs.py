"""The log sensor: a new, changed or late file in any month leads to one run for that month.

A tick lists the lake and compares each month with what the cursor saw last. Where nothing differs, and nothing that was
asked for is outstanding, the warehouse is left alone. Else the ledger is asked which files are not loaded as they are,
and which months have tables that have not taken in all loads, such as those of a run that was cut off. The cursor is a
cache: where it is lost, the ledger is asked, and nothing is loaded twice. A run key names the versions of the month's
files and the last one that the ledger knows, so that a file which changes back is not taken for one that was loaded.

What belongs here: the tick. What doesn't: loading.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import dagster as dg

from sparkify_dagster.errors import LakeError, WarehouseBusy, WarehouseError
from sparkify_dagster.job_names import LOAD_LOGS
from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.loading.plan import compare
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.sensors.digest import digest
from sparkify_dagster.sensors.ledger import LedgerView, look_into_ledger
from sparkify_dagster.warehouse import Warehouse

SECONDS_BETWEEN_TICKS = 30

_TABLES_OF_EVENTS = frozenset({"users", "user_levels"})


@dataclass(slots=True)
class _Cursor:
    """What the sensor remembers.

    Attributes:
        months: A name for the file versions of each log month that was listed last.
        settled: Whether nothing was outstanding then.
    """

    months: dict[str, str] = field(default_factory=dict)
    settled: bool = False

    @classmethod
    def read(cls, text: str | None) -> "_Cursor":
        return cls(**json.loads(text)) if text else cls()

    def write(self) -> str:
        return json.dumps({"months": self.months, "settled": self.settled}, sort_keys=True)


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
            return busy_skip(busy)
        except (LakeError, WarehouseError) as error:
            return dg.SkipReason(f"Nothing could be looked at: {error}")

    return new_logs


def busy_skip(busy: WarehouseBusy) -> dg.SkipReason:
    """Says that the warehouse is at work; nothing needs to be done about it."""
    return dg.SkipReason(f"The warehouse is being written to; the next tick looks again. ({busy})")


def _tick(
    context: dg.SensorEvaluationContext, lake: Lake, warehouse: Warehouse, partitions: Sequence[str]
) -> dg.SensorResult | dg.SkipReason:
    former = _Cursor.read(context.cursor)
    held = lake.log_months()
    outside = sorted(set(held).difference(partitions))
    listed = {month: lake.list_logs(month).files for month in held if month not in outside}
    now = {month: digest(files) for month, files in listed.items()}
    touched = [month for month in listed if now[month] != former.months.get(month)]
    if former.settled and not touched:
        return dg.SkipReason(f"Nothing is new in {len(listed)} months.{_left_alone(outside)}")
    view = look_into_ledger(warehouse, "staging_events")
    requests = [*_requests_for_files(listed, now, view), *_requests_for_stale(listed, view)]
    cursor = _Cursor(now, settled=not requests)
    return dg.SensorResult(
        run_requests=requests,
        cursor=cursor.write(),
        skip_reason=None if requests else dg.SkipReason(f"All that the lake holds is loaded.{_left_alone(outside)}"),
    )


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


def _requests_for_stale(listed: dict[str, list[LakeFile]], view: LedgerView) -> list[dg.RunRequest]:
    """Runs for what was loaded and not taken in: a run was cut off, or another one came in between."""
    months = set(view.stale_months)
    if view.stale_tables & _TABLES_OF_EVENTS:
        months |= set(view.loaded_months[-1:])
    return [
        dg.RunRequest(run_key=f"stale-{month}-{view.last_load_id}", partition_key=month)
        for month in sorted(months.intersection(listed))
    ]


def _left_alone(outside: Sequence[str]) -> str:
    if not outside:
        return ""
    return (
        f" Left alone, since they are no partitions: {', '.join(outside)}. "
        "Set SPARKIFY_FIRST_MONTH, or reload the definitions, to begin with an earlier month."
    )
