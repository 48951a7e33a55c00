"""A deployment to be tested: its processes, the lake that it loads, and the bucket for what its runs print.

What belongs here: making it, and asking it. What doesn't: what happens to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from sparkify_dagster_tests.deployment.processes import LOGS, Production
from sparkify_dagster_tests.deployment.standing_in import account, bucket
from sparkify_dagster_tests.lakes import MILLISECONDS_A_DAY, SONG, event, play
from sparkify_dagster_tests.life.machine import (
    OF_ANALYTICS,
    OF_THE_LAKE,
    Machine,
    events,
    launch,
    output_of,
    said_by,
    switch_sensors,
    wait_until,
)
from sparkify_dagster_tests.ui.server import wait_for

MONTHS = ("2018-11", "2018-11")

_BUCKET = "logs-of-a-deployment"
_INTERVALS = {
    "  poll_interval_seconds: 10": "  poll_interval_seconds: 1",
    "free_slots_after_run_end_seconds: 10": "free_slots_after_run_end_seconds: 1",
    "seconds_to_settle: 15": "seconds_to_settle: 4",
    "user_code_failure_retry_delay: 15": "user_code_failure_retry_delay: 1",
    "upload_interval: 30": "upload_interval: 1",
}
_PRINTED = """
query Printed($key: [String!]!) { capturedLogs(logKey: $key) { stderr } }
"""


@dataclass
class Site:
    """A deployment, the lake that it loads, and the bucket for what its runs print."""

    production: Production
    machine: Machine
    s3: Any
    folder: Path

    def day_arrives(self, day: int) -> None:
        """Puts a log file of November into the lake."""
        record = play(day, sessionId=day, ts=play()["ts"] + (day - 1) * MILLISECONDS_A_DAY)
        self.machine.log(f"2018-11-{day:02}", [record])

    def begun(self) -> str:
        """The id of a run that was launched, once it is in the middle of its load."""
        run = launch(self.production.webserver, MONTHS)
        wait_until(self.production.webserver, run, "STARTED")
        return run

    def status(self, run: str) -> str:
        return self.production.webserver.run(run)["status"]

    def second_try(self, run: str) -> str | None:
        """The id of the second try of a run."""
        tries = [each for each in self.production.webserver.runs() if each["tags"].get("dagster/parent_run_id") == run]
        assert len(tries) <= 1
        return tries[0]["runId"] if tries else None

    def replace_code_server(self) -> None:
        """Ends the code server, if it is there, and starts it; waits until the webserver has found it by itself."""
        self.production.code_server.end()
        self.production.code_server.start()
        wait_for("the code server", self.production.code_server_answers, 90, every=0.1)
        wait_for("the code server in the webserver", self._has_found_code_server, 90, every=0.2)

    def _has_found_code_server(self) -> bool:
        try:
            return self.production.webserver.is_up()
        except AssertionError:
            return False

    def knows_all_of(self, run: str) -> bool:
        """Whether the webserver has found all of PostgreSQL again: a request fails for each connection that it kept."""
        webserver = self.production.webserver
        try:
            return bool(webserver.runs() and events(webserver, run) and said_by(webserver, "new_logs") is not None)
        except HTTPError:
            return False

    def kept(self, run: str) -> dict[str, bytes]:
        """What the bucket holds of a run, by the ends of the names."""
        listed = self.s3.list_objects_v2(Bucket=_BUCKET, Prefix=f"{LOGS}/storage/{run}/").get("Contents", [])
        bodies = {each["Key"]: self.s3.get_object(Bucket=_BUCKET, Key=each["Key"])["Body"].read() for each in listed}
        return {name.split("/")[-1].partition(".")[2]: body for name, body in bodies.items()}

    def shown(self, run: str) -> str:
        """What the webserver has to show of what a run printed."""
        key = [run, "compute_logs", output_of(self.production.webserver, run)]
        return self.production.webserver.ask(_PRINTED, key=key)["capturedLogs"]["stderr"]


@contextmanager
def site_in(folder: Path, endpoint: str) -> Iterator[Site]:
    """A deployment on a lake with a day and a song; its sensors are off."""
    (folder / "platform").mkdir()
    machine = Machine(folder / "platform", {})
    s3 = bucket(endpoint, _BUCKET)
    platform = {name: value for name, value in machine.settings.items() if name.startswith("SPARKIFY_")}
    with Production(folder, platform, account(endpoint), _BUCKET, _INTERVALS) as production:
        switch_sensors(production.webserver, on=False, names=OF_THE_LAKE | OF_ANALYTICS)
        machine.log("2018-11-01", [event(), play(1)])
        machine.song("TR1", SONG)
        yield Site(production, machine, s3, folder)
        production.kill()
