"""Brings analytics up to date, for the commands that show them.

What belongs here: finding out whether something is behind, and the run that builds it. What doesn't: what is shown.
"""

import logging

from sparkify_dagster.building.analytics import analytics_behind
from sparkify_dagster.cli.home import prepare_home
from sparkify_dagster.cli.load import tell_outcomes
from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.cli.output import warn
from sparkify_dagster.cli.plan import JobRun, LoadOptions
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.job_names import REFRESH_ANALYTICS
from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.partitions.months import current_month, first_log_month
from sparkify_dagster.settings import Settings
from sparkify_dagster.tables import ANALYTICS_TABLES

_log = logging.getLogger(__name__)


def bring_up_to_date(settings: Settings, *, with_dashboard: bool = False) -> int:
    """Builds the tables of analytics that are behind, through Dagster; quick where none is.

    Args:
        settings: The settings.
        with_dashboard: Whether to make the dashboard too, where one is behind.

    Returns:
        An exit code: not 0 where the run or a check of severity ERROR failed.

    Raises:
        SparkifyError: Nothing is loaded yet.
        WarehouseError: The warehouse can't be reached.
    """
    warehouse = warehouse_of(settings, read_only=True)
    if not warehouse.tables():
        raise SparkifyError(f"Nothing is loaded into {warehouse.location} yet: run `sparkify load` first.")
    with warehouse.reading() as session:
        behind = analytics_behind(session)
    warehouse.close()
    if not behind:
        return 0
    partitions = months_between(first_log_month(settings.first_month, lake_of(settings)), current_month())
    months = [month for month in behind.all_months if month in partitions] or partitions[-1:]
    run = JobRun(REFRESH_ANALYTICS, (months[0], months[-1]), None if with_dashboard else ANALYTICS_TABLES)
    prepare_home(settings)
    _log.info("starting Dagster for %s", run)
    from sparkify_dagster.cli.runs import run_jobs  # noqa: PLC0415 Dagster takes two seconds to import

    return tell_outcomes(run_jobs(settings, [run], LoadOptions()), warn)
