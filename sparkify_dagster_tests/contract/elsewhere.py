"""All that the platform does, by a process of its own, which may be in another time zone than the tests.

``python -m sparkify_dagster_tests.contract.elsewhere FOLDER``, with settings in the environment: loads and builds,
looks with all checks, ticks the sensors before and after, simulates a lake; prints what came of it as JSON.

What belongs here: that process. What doesn't: what is expected of it.
"""

import hashlib
import json
import os
import sys
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from sparkify_dagster.building import BuildRequest, build
from sparkify_dagster.checks.check import Scope
from sparkify_dagster.checks.constraints import constraint_checks
from sparkify_dagster.checks.written import written_checks
from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.lake import Lake
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.months import current_month
from sparkify_dagster.settings import Settings, read_settings
from sparkify_dagster.simulator import generate_lake
from sparkify_dagster.tables import LAKE_TABLES, STAR_TABLES, catalog
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster_tests.contract.deployment import WITH_MONTHS, WITHOUT_MONTHS
from sparkify_dagster_tests.oracle import COLUMNS

SENSORS = ("new_logs", "new_songs")


def main() -> None:
    """Does it all."""
    settings, folder = read_settings(os.environ), Path(sys.argv[1])
    lake, warehouse = lake_of(settings), warehouse_of(settings)
    cursors: dict[str, str | None] = {}
    asked = tick(settings, cursors)
    months = (settings.first_month or "", current_month())
    load(LoadRequest("staging_events", "test", months), lake, warehouse)
    load(LoadRequest("staging_songs", "test"), lake, warehouse)
    for table in WITH_MONTHS:
        build(BuildRequest(table, "test", months), warehouse)
    for table in WITHOUT_MONTHS:
        build(BuildRequest(table, "test"), warehouse)
    came = {
        "hours_east": [time.localtime(moment).tm_gmtoff / 3600 for moment in (1_530_000_000, 1_545_000_000)],
        "month": current_month(),
        "asked": asked,
        "failed": failed_checks(lake, warehouse),
        "rows": {table: rows(warehouse, table) for table in COLUMNS},
        "simulated": simulated(folder / "simulated"),
    }
    warehouse.close()
    came["asked_afterwards"] = tick(settings, cursors)
    print(json.dumps(came))


def tick(settings: Settings, cursors: dict[str, str | None]) -> list[str]:
    """Ticks both sensors; gives the partitions or jobs that runs are asked for."""
    definitions = build_defs(settings)
    repository = definitions.get_repository_def()
    resources = definitions.resources or {}
    asked: list[str] = []
    for sensor in SENSORS:
        with dg.build_sensor_context(
            instance=dg.DagsterInstance.ephemeral(),
            cursor=cursors.get(sensor),
            repository_def=repository,
            resources={name: resources[name] for name in ("lake", "announcements", "warehouse_reader")},
        ) as context:
            data = repository.get_sensor_def(sensor).evaluate_tick(context)
        cursors[sensor] = data.cursor
        asked += [str(request.partition_key or request.job_name) for request in data.run_requests or []]
    return asked


def failed_checks(lake: Lake, warehouse: Warehouse) -> list[str]:
    """Looks with all checks, an hour before the newest event is too old for one of them, and an hour after."""
    names = (*LAKE_TABLES, *STAR_TABLES)
    checks = [*(check for name in names for check in constraint_checks(catalog()[name])), *written_checks()]
    failed: list[str] = []
    with warehouse.reading() as session:
        ((newest,),) = session.query("SELECT MAX(ts) AS newest FROM staging_events")
        for hours in (47, 49):
            scope = Scope(session, lake, None, newest + timedelta(hours=hours))  # type: ignore[operator]
            failed += [f"{check.table}.{check.name} {hours}" for check in checks if not check.find(scope).passed]
        ((loaded,),) = session.query("SELECT MAX(finished_at) AS finished_at FROM loads")
    assert abs(datetime.now(UTC) - loaded.replace(tzinfo=UTC)) < timedelta(minutes=10)  # type: ignore[union-attr]
    return failed


def rows(warehouse: Warehouse, table: str) -> list[str]:
    """The rows of a table, as text."""
    with warehouse.reading() as session:
        return sorted(map(repr, session.query(f"SELECT {', '.join(COLUMNS[table])} FROM {table}")))


def simulated(folder: Path) -> str:
    """A name for a simulated lake of the months in which clocks change."""
    generate_lake(folder, events=300, months=2, songs=5, users=5, first_month="2018-10", seed=1)
    content = hashlib.sha256()
    for path in sorted(folder.rglob("*.json")):
        content.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return content.hexdigest()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
