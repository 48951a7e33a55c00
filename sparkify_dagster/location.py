"""The code location, put together for settings.

What belongs here: putting assets, checks, jobs, sensors and resources together. What doesn't: any of them, and how
Dagster comes by it (``definitions``).
"""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from sparkify_dagster.assets import all_assets
from sparkify_dagster.assets.promises import logs_come_daily, with_promises
from sparkify_dagster.checks import all_checks
from sparkify_dagster.errors import LakeError
from sparkify_dagster.jobs import jobs_by_name
from sparkify_dagster.lake import open_lake
from sparkify_dagster.partitions.definition import log_months
from sparkify_dagster.partitions.months import current_month
from sparkify_dagster.resources.channels import channels_resource
from sparkify_dagster.resources.choice import announcements_resource, lake_resource
from sparkify_dagster.resources.warehouse import warehouse_resource
from sparkify_dagster.schedules import monthly_report_schedule, nightly_analytics, nightly_reconciliation
from sparkify_dagster.sensors import alert_sensor, analytics_sensor, logs_sensor, songs_sensor
from sparkify_dagster.settings import Settings

_log = logging.getLogger(__name__)


def build_defs(settings: Settings, resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions.

    Args:
        settings: The settings.
        resource_overrides: Resources by name (``lake``, ``announcements``, ``channels``, ``warehouse``,
            ``warehouse_reader``) to use instead.
    """
    in_lake = _months_in_lake(settings)
    months = log_months(settings.first_month or next(iter(in_lake or []), current_month()))
    jobs = jobs_by_name()
    channels = channels_resource(settings.alerts)
    resources = {
        "lake": lake_resource(settings),
        "announcements": announcements_resource(settings),
        "channels": channels,
        "warehouse": warehouse_resource(settings),
        "warehouse_reader": warehouse_resource(settings, read_only=True),
    }
    with warnings.catch_warnings():
        # Ranges in one run, and the pool, are features that Dagster calls beta: a user can't do anything about it.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.Definitions(
            assets=with_promises(
                all_assets(months, settings.max_rejected, {settings.warehouse}, settings.dashboard),
                logs_come_daily=logs_come_daily(in_lake),
            ),
            asset_checks=all_checks(),
            jobs=list(jobs.values()),
            # One for each channel; where nobody is to be told, none.
            sensors=[
                logs_sensor(months),
                songs_sensor(jobs, months),
                analytics_sensor(months),
                *(alert_sensor(channel, settings.alerts.ui_url) for channel in channels.get()),
            ],
            schedules=[nightly_reconciliation(months), nightly_analytics(months), monthly_report_schedule(months)],
            resources={**resources, **(resource_overrides or {})},
            # DuckDB takes one writing process; on Redshift the steps are statements that wait for the cluster.
            executor=dg.in_process_executor,
        )


def _months_in_lake(settings: Settings) -> list[str] | None:
    """The log months that the lake holds; None where it does not answer.

    The UI comes up without a lake too: its sensors then say what is missing.
    """
    try:
        return open_lake(settings.log_data, settings.song_data, settings.lake).log_months()
    except LakeError as error:
        _log.warning("The lake does not answer, so that the partitions begin as set, or now: %s", error)
        return None
