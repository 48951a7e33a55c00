"""The embedded platform on a machine: `sparkify up`, `sparkify load` beside it, and DuckDB's file, taken for a while.

What belongs here: starting, killing and asking whole processes. What doesn't: what a test wants of them.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb

from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster_tests.lakes import write_log, write_song
from sparkify_dagster_tests.oracle import COLUMNS, Record, expected_rows
from sparkify_dagster_tests.ui.server import Server, environment, wait_for

ROOT = Path(__file__).parent.parent.parent
SPARKIFY = [sys.executable, "-m", "sparkify_dagster.cli"]

LOCATION = "sparkify_dagster.definitions"

OF_THE_LAKE = frozenset({"new_logs", "new_songs"})
"""The sensors that look at the lake."""

OF_ANALYTICS = frozenset({"stale_analytics"})
"""The sensor that follows every load by a run: where loads are looked at, it only takes their time."""

_LAUNCH = """
mutation Launch($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
} }
"""
_EVENTS = """
query Events($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
    ... on MessageEvent { message }
    ... on ErrorEvent { error { message errorChain { error { message } } } }
} } } }
"""
_OUTPUT = """
query Output($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
    ... on LogsCapturedEvent { fileKey }
} } } }
"""
_SENSORS = """
{ repositoriesOrError { ... on RepositoryConnection { nodes { sensors {
    name id sensorState { ticks(limit: 5) { skipReason error { message } } }
} } } } }
"""
_START = """
mutation Start($sensor: SensorSelector!) { startSensor(sensorSelector: $sensor) { __typename } }
"""
_STOP = """
mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }
"""


class Load:
    """A `sparkify load` that runs; nothing is left of it afterwards."""

    def __init__(self, words: Sequence[str], folder: Path, settings: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*SPARKIFY, "load", *words], cwd=folder, env=environment(**settings), stdout=out, stderr=out
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    @property
    def printed(self) -> str:
        """What it printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_until_it_says(self, words: str) -> None:
        """Waits for words of its progress."""

        def said() -> bool:
            assert self.process.poll() is None or words in self.printed, f"it ended:\n{self.printed}"
            return words in self.printed

        wait_for(f"{words!r} of `sparkify load`", said, 60, every=0.02)

    def wait(self) -> int:
        """Waits for its end; returns the exit code."""
        return self.process.wait(120)

    def kill(self) -> None:
        """Kills it."""
        self.process.kill()
        self.process.wait()


class Machine:
    """A folder with a lake, DuckDB's file, and Dagster's home with the project's dagster.yaml.

    Args:
        folder: The folder, empty.
        intervals: Lines of dagster.yaml, and those to put in their place, so that tests don't wait as long as people.
    """

    def __init__(self, folder: Path, intervals: Mapping[str, str]) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        self.warehouse = folder / "warehouse.duckdb"
        self.home = folder / "home"
        self.files: dict[str, list[Record]] = {}
        self.settings = {
            "SPARKIFY_LAKE": str(self.lake),
            "SPARKIFY_DUCKDB_PATH": str(self.warehouse),
            "SPARKIFY_FIRST_MONTH": "2018-11",
            "DAGSTER_HOME": str(self.home),
            # How often Dagster looks for runs to be tried again, in place of 5 seconds.
            "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1",
        }
        for part in ("log_data", "song_data"):
            (self.lake / part).mkdir(parents=True)
        self.home.mkdir()
        text = (ROOT / "dagster.yaml").read_text(encoding="utf-8")
        for line, instead in intervals.items():
            assert text.count(line) == 1, f"dagster.yaml has another {line!r}"
            text = text.replace(line, instead)
        (self.home / "dagster.yaml").write_text(text, encoding="utf-8")

    # --- the lake

    def log(self, day: str, records: Sequence[Record]) -> None:
        """Puts the log file of a day into the lake."""
        self._keep(write_log(self.lake, day, [dict(record) for record in records]), records)

    def song(self, name: str, record: Record) -> None:
        """Puts a song file into the lake."""
        self._keep(write_song(self.lake, name, dict(record)), [record])

    def _keep(self, path: Path, records: Sequence[Record]) -> None:
        self.files[path.relative_to(self.lake).as_posix()] = list(records)

    def check(self) -> None:
        """Checks that every table holds what the contract says of the lake's files, no row more, no row less."""
        with self.taken() as connection:
            for table, columns in COLUMNS.items():
                rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
                assert Counter(rows) == Counter(expected_rows(table, self.files)), table

    # --- DuckDB's file

    @contextmanager
    def taken(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Holds DuckDB's file as soon as it is free, as another process would: whoever wants it waits."""

        def connect() -> duckdb.DuckDBPyConnection | None:
            try:
                return duckdb.connect(self.warehouse)
            except duckdb.IOException:
                return None

        with wait_for("DuckDB's file", connect, 60, every=0.02) as connection:
            yield connection

    # --- processes

    def up(self, name: str) -> Server:
        """`sparkify up`, to be entered; its output goes to a file of the name."""
        return Server([*SPARKIFY, "up"], self.folder, self.settings, self.folder / f"{name}.log")

    def load(self, *words: str) -> Load:
        """`sparkify load`, started."""
        return Load(words, self.folder, self.settings, self.folder / "load.log")


# --- asking a server -------------------------------------------------------------------------------------------------


def launch(server: Server, months: tuple[str, str]) -> str:
    """Launches a run of all that a lake leads to, as the UI does; returns its id."""
    params = {
        "selector": {
            "repositoryLocationName": LOCATION,
            "repositoryName": "__repository__",
            "jobName": "load_lake",
        },
        "runConfigData": {},
        "executionMetadata": {
            "tags": [{"key": RANGE_START, "value": months[0]}, {"key": RANGE_END, "value": months[1]}]
        },
    }
    answer = server.ask(_LAUNCH, params=params)["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return answer["run"]["runId"]


def wait_until(server: Server, run: str, status: str, seconds: float = 180) -> None:
    """Waits until a run has a status."""
    wait_for(f"{status} of run {run}", lambda: server.run(run)["status"] == status, seconds, every=0.2)


def events(server: Server, run: str) -> list[str]:
    """What the log of a run says, with all errors."""
    found: list[dict[str, Any]] = server.ask(_EVENTS, run=run)["logsForRun"]["events"]
    said = [event["message"] for event in found if event]
    errors = [event["error"] for event in found if event and event.get("error")]
    chains = [link["error"] for error in errors for link in error["errorChain"]]
    return [*said, *(error["message"] for error in (*errors, *chains))]


def output_of(server: Server, run: str) -> str:
    """The name that the UI has for what the process of a run printed."""
    found: list[dict[str, Any]] = server.ask(_OUTPUT, run=run)["logsForRun"]["events"]
    (name,) = [event["fileKey"] for event in found if event]
    return name


def worker(server: Server, run: str) -> int:
    """The process that a launched run is in."""

    def pid() -> int | None:
        told = re.search(r"Started process for run \(pid: (\d+)\)", "\n".join(events(server, run)))
        return int(told[1]) if told else None

    return wait_for(f"the process of run {run}", pid, 60, every=0.2)


def switch_sensors(server: Server, on: bool, names: Collection[str] = OF_THE_LAKE) -> None:
    """Switches sensors on or off; one that is switched on ticks soon."""
    for sensor in _sensors(server):
        if sensor["name"] not in names:
            continue
        if on:
            selector = {
                "repositoryLocationName": LOCATION,
                "repositoryName": "__repository__",
                "sensorName": sensor["name"],
            }
            server.ask(_START, sensor=selector)
        else:
            server.ask(_STOP, id=sensor["id"])


def said_by(server: Server, sensor: str) -> str:
    """What the last ticks of a sensor said."""
    (ticks,) = [each["sensorState"]["ticks"] for each in _sensors(server) if each["name"] == sensor]
    return "\n".join(tick["skipReason"] or (tick["error"] or {}).get("message", "") for tick in ticks)


def _sensors(server: Server) -> list[dict[str, Any]]:
    nodes = server.ask(_SENSORS)["repositoriesOrError"]["nodes"]
    return [sensor for node in nodes for sensor in node["sensors"]]


def is_process(pid: int) -> bool:
    """Whether there is a process of a number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
