"""`sparkify up` on Redshift: the daemon ticks, queues and runs in processes of its own, and `sparkify load` beside it.

All its secrets are planted ones, and none comes out anywhere, whatever fails. The steps build on each other, and each
is a fixture that does it once.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from boto3.session import Session

from sparkify_dagster.settings import Secret
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.engines import environment_of, settings_of
from sparkify_dagster_tests.events.announced import Bucket
from sparkify_dagster_tests.lakes import MILLISECONDS_A_DAY, SONG, event, play
from sparkify_dagster_tests.life.machine import (
    LOCATION,
    OF_ANALYTICS,
    SPARKIFY,
    Load,
    events,
    launch,
    output_of,
    said_by,
    switch_sensors,
    wait_until,
)
from sparkify_dagster_tests.life.planted import Planted, kept_in
from sparkify_dagster_tests.loading.loads import rows_of
from sparkify_dagster_tests.oracle import COLUMNS, Record, Row, expected_rows
from sparkify_dagster_tests.redshift.errors import ServerError
from sparkify_dagster_tests.redshift.grammar import assert_all_pass
from sparkify_dagster_tests.ui.server import Server, wait_for

if TYPE_CHECKING:
    from sparkify_dagster_tests.redshift.double import RedshiftDouble

# ``life/test_killed_runs`` and ``concurrency`` say the most of it in less time.
pytestmark = pytest.mark.slow

MONTHS = ("2018-11", "2018-11")
FORBIDDEN = "S3ServiceException: Access Denied, Status 403, Error AccessDenied"


PAGES = (
    "/overview/activity/timeline",
    "/runs",
    "/asset-groups",
    "/assets",
    "/assets/staging_events?view=overview",
    "/assets/staging_events?view=events",
    "/assets/staging_events?view=checks",
    "/automation",
    *(f"/locations/{LOCATION}/sensors/{name}" for name in ("new_logs", "new_songs", "alerts_to_slack")),
    *(f"/locations/{LOCATION}/resources{name}" for name in ("", "/lake", "/warehouse", "/announcements", "/channels")),
    f"/locations/{LOCATION}/jobs/load_lake/playground",
    "/deployment/locations",
    "/deployment/daemons",
    "/deployment/concurrency",
    "/deployment/config",
)
FAILING = {"new_songs": "cannot connect", "alerts_to_slack": "Slack can't be reached"}
"""Sensors whose ticks fail, and words of what they say then."""

SENSORS = {"new_logs", *FAILING}


@dataclass(frozen=True)
class Failed:
    """The ids of runs that failed: one that S3 is forbidden to, and one that Redshift does not let in."""

    forbidden: str
    not_let_in: str


@dataclass
class Platform:
    """The platform, its lake and its warehouse.

    Attributes:
        words: The words of all its processes' command lines that were seen.
    """

    server: Server
    bucket: Bucket
    double: RedshiftDouble
    warehouse: RedshiftWarehouse
    folder: Path
    environment: dict[str, str]
    planted: Planted
    files: dict[str, list[Record]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    def day_arrives(self, day: int, *records: Record) -> None:
        """Puts a log file of November into the lake."""
        key = f"log_data/2018/11/2018-11-{day:02}-events.json"
        self.files[key] = list(records) or [
            play(day, sessionId=day, ts=play()["ts"] + (day - 1) * MILLISECONDS_A_DAY, level="paid")
        ]
        self.bucket.put(key, "\n".join(map(json.dumps, self.files[key])).encode())

    def song_arrives(self, name: str, record: Record) -> None:
        """Puts a song file into the lake."""
        key = f"song_data/A/B/C/{name}.json"
        self.files[key] = [record]
        self.bucket.put(key, json.dumps(record).encode())

    def load(self, *words: str) -> Load:
        """Starts `sparkify load`."""
        return Load(words, self.folder, self.environment, self.folder / "load.log")

    def wait_for_the_lock(self, number: int) -> None:
        """Waits until so many processes have asked for the lock of those who write."""

        def asked() -> int:
            return len({each.connection for each in self.double.statements if each.text == "LOCK warehouse_lock"})

        wait_for(f"{number} who want to write", lambda: asked() >= number, 180, every=0.1)
        self.words |= {word for process in self.server.processes() for word in process.cmdline()}

    def rest(self) -> set[str]:
        """Waits until no run is to be done any more; returns how they ended."""

        def ended() -> set[str] | None:
            runs = self.server.runs()
            return {run["status"] for run in runs} if runs and all(run["endTime"] for run in runs) else None

        return wait_for("the end of all runs", ended, 120)

    def check(self) -> None:
        """Checks that every table holds what the contract says of the lake's files, no row more, no row less."""
        for table, columns in COLUMNS.items():
            found: Counter[Row] = Counter(rows_of(self.warehouse, f"SELECT {', '.join(columns)} FROM {table}"))
            assert found == Counter(expected_rows(table, self.files)), table


@pytest.fixture(scope="module")
def platform(double: RedshiftDouble, s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """`sparkify up` on a lake with a day and a song, before which its sensors have ticked."""
    folder, planted = tmp_path_factory.mktemp("redshift"), Planted()
    with pytest.MonkeyPatch.context() as monkeypatch:
        secret, token = planted.values["AWS_SECRET_ACCESS_KEY"], planted.values["AWS_SESSION_TOKEN"]
        pretend_account(monkeypatch, secret=secret, token=token, endpoint=s3_endpoint)
        monkeypatch.setattr(double, "authenticate", lambda user, word: word == planted.values["REDSHIFT_PASSWORD"])
        double.clear()
        session = Session()
        bucket = Bucket(session.client("s3", endpoint_url=s3_endpoint), session.client("sqs", endpoint_url=s3_endpoint))
        settings = settings_of(double, bucket.name, password=Secret(planted.values["REDSHIFT_PASSWORD"]))
        aws = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "NO_PROXY"))}
        environment = {
            **aws,
            **double.environment(),
            **environment_of(settings),
            **planted.values,
            "SPARKIFY_LAKE": f"s3://{bucket.name}/raw",
            "SPARKIFY_EVENTS_QUEUE": bucket.queue,
            "SPARKIFY_FIRST_MONTH": "2018-11",
        }
        monkeypatch.setenv("SSL_CERT_FILE", environment["SSL_CERT_FILE"])
        warehouse = RedshiftWarehouse(settings, lock_wait=5.0, client_factory=lambda: bucket.s3)
        server = Server([*SPARKIFY, "up"], folder, environment, folder / "up.log")
        platform = Platform(server, bucket, double, warehouse, folder, environment, planted)
        platform.day_arrives(1, event(), play(1))
        platform.song_arrives("TR1", SONG)
        with server:
            server.wait_until_up()
            switch_sensors(server, on=False, names=OF_ANALYTICS)
            yield platform
            server.kill()
        warehouse.close()
        double.drop_all_connections()
        double.drop_schema(settings.schema)
        double.clear()


@pytest.fixture(scope="module")
def left_alone(platform: Platform) -> set[str]:
    """How the runs ended that the platform began by itself."""
    jobs = {"load_logs", "load_songs"}
    wait_for("the first runs", lambda: jobs.issubset(run["jobName"] for run in platform.server.runs()), 120)
    return platform.rest()


@pytest.fixture(scope="module")
def together(platform: Platform, left_alone: set[str]) -> tuple[int, set[str]]:
    """A run of the UI and `sparkify load --rebuild` are at work at once; how both ended.

    The lock of those who write is taken until both have asked for it.
    """
    switch_sensors(platform.server, on=False, names=SENSORS)
    platform.check()
    platform.day_arrives(2)
    with platform.warehouse.transaction("a test"):
        platform.double.statements.clear()
        launch(platform.server, MONTHS)
        platform.wait_for_the_lock(1)
        load = platform.load("--rebuild")
        platform.wait_for_the_lock(2)
        assert load.process.poll() is None
        platform.words |= set(psutil.Process(load.process.pid).cmdline())
    with load:
        ended = load.wait(), platform.rest()
    platform.check()
    return ended


@pytest.fixture(scope="module")
def later(platform: Platform, together: tuple[int, set[str]]) -> str:
    """How the run ended that the sensor asked for when another day arrived."""
    platform.day_arrives(3)
    before = len(platform.server.runs())
    switch_sensors(platform.server, on=True, names={"new_logs"})
    wait_for("the run of another day", lambda: len(platform.server.runs()) > before, 180)
    platform.rest()
    platform.check()
    return platform.server.runs()[0]["status"]


@pytest.fixture(scope="module")
def failed(platform: Platform, later: str) -> Failed:
    """Runs and ticks that fail, each in its own way."""
    switch_sensors(platform.server, on=False, names={"new_logs"})
    platform.day_arrives(4)
    platform.song_arrives("TR2", {**SONG, "song_id": "SO2"})
    platform.double.fail_next("^COPY", ServerError("XX000", FORBIDDEN))
    forbidden = launch(platform.server, MONTHS)
    wait_until(platform.server, forbidden, "FAILURE")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(platform.double, "authenticate", lambda user, word: False)
        not_let_in = launch(platform.server, MONTHS)
        wait_until(platform.server, not_let_in, "FAILURE")
        # Only now, when there is something to be told: their next ticks come half a minute after these.
        switch_sensors(platform.server, on=True, names=FAILING)
        for sensor, words in FAILING.items():
            wait_for(f"{words} of {sensor}", lambda s=sensor, w=words: w in said_by(platform.server, s), 180)
    return Failed(forbidden, not_let_in)


def test_it_loads_what_it_finds_by_itself(left_alone: set[str]) -> None:
    assert left_alone == {"SUCCESS"}


def test_a_load_and_a_run_of_the_ui_wait_for_each_other_and_nothing_is_doubled(together: tuple[int, set[str]]) -> None:
    assert together == (0, {"SUCCESS"})


def test_it_loads_what_comes_later_by_itself(platform: Platform, later: str) -> None:
    assert later == "SUCCESS"
    # All that it said until then is Redshift's own language.
    assert_all_pass(statement.text for statement in platform.double.statements)


def test_what_fails_says_why(platform: Platform, failed: Failed) -> None:
    assert FORBIDDEN in " ".join(events(platform.server, failed.forbidden))
    assert "Check REDSHIFT_USER and REDSHIFT_PASSWORD" in " ".join(events(platform.server, failed.not_let_in))


def test_no_secret_is_printed_kept_or_in_the_words_of_a_process(platform: Platform, failed: Failed) -> None:
    kept = list(kept_in(platform.folder))
    # What is looked through is what there is.
    for expected in (platform.warehouse.location, FORBIDDEN, "cannot connect"):
        assert any(expected.encode() in text for _, text in kept), expected
    assert platform.planted.found_in(kept) == set()
    assert "sparkify_dagster.definitions" in platform.words
    assert platform.planted.found_in(("the words of a process", word.encode()) for word in platform.words) == set()


@pytest.mark.browser
def test_no_secret_is_told_to_the_ui(platform: Platform, failed: Failed) -> None:
    pytest.importorskip("playwright", reason="playwright is not installed")
    from sparkify_dagster_tests.life.looking import visited
    from sparkify_dagster_tests.ui.browser import find_chromium

    browser = find_chromium()
    if browser is None:
        pytest.skip("there is no browser")
    runs = [page for run in (failed.forbidden, failed.not_let_in) for page in _pages_of(run, platform.server)]
    told = list(visited(browser, platform.server.address, [*PAGES, *runs]))
    everything = b"".join(text for _, text in told)
    for expected in (platform.warehouse.location, FORBIDDEN, "cannot connect"):
        assert expected.encode() in everything, expected
    assert platform.planted.found_in(told) == set()


def _pages_of(run: str, server: Server) -> list[str]:
    """The pages of a run: its events, and what it printed."""
    name = output_of(server, run)
    return [f"/runs/{run}", *(f"/runs/{run}?logType={kind}&logFileKey={name}" for kind in ("stdout", "stderr"))]
