"""Does what `sparkify load` does to a lake that is not loaded yet, without Dagster; prints the seconds of the work.

What belongs here: loads, builds and checks, one after the other, by the platform's own functions. What doesn't: the
time that imports take.
"""

import time
from datetime import UTC, datetime

from sparkify_dagster.building import BuildRequest, build
from sparkify_dagster.checks.check import Scope
from sparkify_dagster.checks.constraints import constraint_checks
from sparkify_dagster.checks.written import written_checks
from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.lake import Lake
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.settings import read_settings
from sparkify_dagster.tables import LAKE_TABLES, MONTHLY_TABLES, STAR_TABLES, catalog
from sparkify_dagster.warehouse import Warehouse

_RUN = "benchmark"


def make_tables(lake: Lake, warehouse: Warehouse, *, builds: bool = True) -> None:
    """Loads all log months of a lake and its songs, builds every table, and looks at every check.

    Args:
        lake: The lake.
        warehouse: The warehouse; closed in the end.
        builds: Whether to build and to check.
    """
    months = lake.log_months()
    span = (months[0], months[-1])
    load(LoadRequest("staging_events", _RUN, months=span), lake, warehouse)
    load(LoadRequest("staging_songs", _RUN), lake, warehouse)
    if builds:
        for table in STAR_TABLES:
            build(BuildRequest(table, _RUN, span if table in MONTHLY_TABLES else None), warehouse)
        checks = [check for name in (*LAKE_TABLES, *STAR_TABLES) for check in constraint_checks(catalog()[name])]
        with warehouse.reading() as session:
            now = datetime.now(UTC).replace(tzinfo=None)
            scope = Scope(session, lake, (first_day(span[0]), first_day(span[1])), now)
            for check in (*checks, *written_checks()):
                check.find(scope)
    warehouse.close()


if __name__ == "__main__":
    began = time.monotonic()
    read = read_settings()
    make_tables(lake_of(read), warehouse_of(read))
    print(time.monotonic() - began)
