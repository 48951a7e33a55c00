"""Dagster's processes as the tests start them: a command, a port, GraphQL to wait for and to verify what it shows.

What belongs here: starting, asking and ending them, each in a process group of its own. What doesn't: the browser.
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psutil

_SECONDS_TO_COME_UP = 90
_SECONDS_TO_END = 30

T = TypeVar("T")

_LOCATIONS = """
{ workspaceOrError {
    __typename
    ... on Workspace { locationEntries { loadStatus locationOrLoadError {
        __typename
        ... on PythonError { message }
    } } }
} }
"""
_RUNS = """
query Runs($limit: Int) { runsOrError(limit: $limit) { ... on Runs { results {
    runId jobName status creationTime startTime endTime
    assetSelection { path }
    tags { key value }
} } } }
"""


def wait_for(what: str, look: Callable[[], T | None], seconds: float, every: float = 0.5) -> T:
    """Looks until there is something to see, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(every)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """The environment without settings of the machine, and with those named."""
    foreign = ("SPARKIFY_", "DAGSTER_", "AWS_", "REDSHIFT_")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(foreign)}, **settings}


class Server:
    """A process that serves Dagster's UI, with all that it starts.

    Args:
        command: The command, without the port.
        folder: Where it runs.
        settings: Its settings, over the environment without any.
        log: File for what it prints.
    """

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._command = [*command, "--port", str(self.port)]
        self._folder = folder
        self._settings = settings
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=environment(**self._settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    @property
    def printed(self) -> str:
        """What it printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_until_up(self) -> None:
        """Waits until it answers, with its definitions loaded."""
        wait_for("the UI", self._is_up, _SECONDS_TO_COME_UP)

    def end(self) -> None:
        """Ends it as Ctrl-C does, then without asking; nothing of its group is left."""
        if self._process is None:
            return
        group = self._process.pid
        for how in (signal.SIGINT, signal.SIGKILL):
            if not _signal(group, how):
                break
            try:
                self._process.wait(_SECONDS_TO_END)
                wait_for("the end of its processes", lambda: not _signal(group, 0), _SECONDS_TO_END, 0.1)
            except (subprocess.TimeoutExpired, AssertionError):
                continue
        self._process = None

    def kill(self) -> None:
        """Kills all of its processes at once, without a word."""
        assert self._process is not None
        _signal(self._process.pid, signal.SIGKILL)
        self._process.wait(_SECONDS_TO_END)

    def processes(self) -> list[psutil.Process]:
        """All of its processes that there are now."""
        assert self._process is not None
        group = self._process.pid
        return [process for process in psutil.process_iter() if _group_of(process.pid) == group]

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Asks over GraphQL."""
        request = urllib.request.Request(
            f"{self.address}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        assert not answer.get("errors"), answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def runs(self, limit: int = 50) -> list[dict[str, Any]]:
        """The runs, the newest first, with their tags as a mapping and their assets as a set of names."""
        results: list[dict[str, Any]] = self.ask(_RUNS, limit=limit)["runsOrError"]["results"]
        for run in results:
            run["tags"] = {tag["key"]: tag["value"] for tag in run["tags"]}
            run["assets"] = {"/".join(key["path"]) for key in run["assetSelection"] or []}
        return results

    def run(self, run_id: str) -> dict[str, Any]:
        """The run whose id begins so."""
        (found,) = [run for run in self.runs() if run["runId"].startswith(run_id)]
        return found

    def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"it ended:\n{self.printed}"
        try:
            workspace = self.ask(_LOCATIONS)["workspaceOrError"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        entries = workspace.get("locationEntries", [])
        for entry in entries:
            location = entry["locationOrLoadError"] or {}
            assert location.get("__typename") != "PythonError", location["message"]
        return bool(entries) and all(entry["loadStatus"] == "LOADED" for entry in entries)


def _group_of(process: int) -> int | None:
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return None


def _signal(group: int, number: int) -> bool:
    """Signals a process group; False where nothing is left of it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
