"""A platform whose alert sensors are ticked by hand.

What belongs here: that platform. What doesn't: fixtures, and the receivers.
"""

from pathlib import Path

import dagster as dg

from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.test_runs import Platform


class Told(Platform):
    """A platform on a lake, with settings that say who is told."""

    def __init__(self, lake: Path, folder: Path, **settings: str) -> None:
        environment = {"SPARKIFY_LAKE": str(lake), "SPARKIFY_FIRST_MONTH": "2018-11", **settings}
        self.settings = read_settings(environment, folder)
        self.definitions = build_defs(self.settings)
        self.instance = dg.DagsterInstance.ephemeral()
        self.repository = self.definitions.get_repository_def()
        self.cursors: dict[str, str | None] = {}

    def load(self, *months: str) -> dg.ExecuteInProcessResult:
        """Loads the logs of log months, and checks them, in a run of that alone."""
        return self.definitions.resolve_job_def("load_logs").execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey("staging_events")],
            tags={RANGE_START: months[0], RANGE_END: months[-1]},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )

    def tick(self, channel: str = "slack") -> str:
        """Ticks a channel's sensor, which gets the cursor that it left; returns what it says."""
        sensor = self.repository.get_sensor_def(f"alerts_to_{channel}")
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(channel),
            repository_def=self.repository,
            resources={"channels": (self.definitions.resources or {})["channels"]},
        ) as context:
            data = sensor.evaluate_tick(context)
        self.cursors[channel] = data.cursor
        assert not data.run_requests
        return data.skip_message or ""
