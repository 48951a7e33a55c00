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
from sparkify_dagster.checks import all_checks
from sparkify_dagster.errors import LakeError
from sparkify_dagster.jobs import jobs_by_name
from sparkify_dagster.lake import open_lake
from sparkify_dagster.partitions.definition import log_months
from sparkify_dagster.partitions.months import current_month, first_log_month
from sparkify_dagster.resources.channels import channels_resource
from sparkify_dagster.resources.choice import announcements_resource, lake_resource
from sparkify_dagster.resources.warehouse import warehouse_resource
from sparkify_dagster.sensors import alert_sensor, logs_sensor, songs_sensor
from sparkify_dagster.settings import Settings

_log = logging.getLogger(__name__)


def build_defs(settings: Settings, resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions.

    Args:
        settings: The settings.
        resource_overrides: Resources by name (``lake``, ``announcements``, ``channels``, ``warehouse``,
            ``warehouse_reader``) to use instead.
    """
    months = log_months(_first_month(settings))
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
            assets=all_assets(months, settings.max_rejected, {settings.warehouse, "sql"}),
            asset_checks=all_checks(),
            jobs=list(jobs.values()),
            # One for each channel; where nobody is to be told, none.
            sensors=[
                logs_sensor(months),
                songs_sensor(jobs, months),
                *(alert_sensor(channel, settings.alerts.ui_url) for channel in channels.get()),
            ],
            resources={**resources, **(resource_overrides or {})},
            # DuckDB takes one writing process; on Redshift the steps are statements that wait for the cluster.
            executor=dg.in_process_executor,
        )


def _first_month(settings: Settings) -> str:
    """The first partition. The UI comes up without a lake too: its sensors then say what is missing."""
    try:
        return first_log_month(settings.first_month, open_lake(settings.log_data, settings.song_data, settings.lake))
    except LakeError as error:
        _log.warning("The partitions begin with the current month, since the lake does not answer: %s", error)
        return current_month()
