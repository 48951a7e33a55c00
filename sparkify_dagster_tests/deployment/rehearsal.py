"""A deployment on one machine, to look at: all its processes, and the proxy before them where nginx is installed.

What belongs here: starting all of it, telling how it goes, and ending it. What doesn't: the processes themselves
(``processes``, ``nginx``), and the command line (``__main__``).
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError

from sparkify_dagster.cli.generate import write_lake
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster_tests.deployment.nginx import Proxy, what_is_missing
from sparkify_dagster_tests.deployment.processes import HOST, Production
from sparkify_dagster_tests.deployment.standing_in import account, bucket
from sparkify_dagster_tests.moto_server import moto_server

_BUCKET = "rehearsal"
_SECONDS_BETWEEN_LOOKS = 1.0
_TOLD = ("STARTED", "SUCCESS", "FAILURE", "CANCELED")


def rehearse(folder: Path, lake: Path | None, port: int) -> None:
    """Starts everything, and tells of each run, until it is interrupted; then ends everything.

    Args:
        folder: An existing folder for all that is written.
        lake: The lake; where there is None, a small one is made.
        port: The port that people come to.

    Raises:
        SparkifyError: The port is taken, or there is no such lake.
        KeyboardInterrupt: Ctrl-C.
    """
    _refuse_taken_port(port)
    if lake is None:
        lake = _sample(folder / "lake")
    elif not lake.is_dir():
        raise SparkifyError(f"there is no lake at {lake}: name a folder with log_data and song_data in it.")
    lacking = what_is_missing()
    with moto_server() as endpoint:
        bucket(endpoint, _BUCKET)
        platform = {"SPARKIFY_LAKE": str(lake.absolute()), "SPARKIFY_DUCKDB_PATH": str(folder / "warehouse.duckdb")}
        _say("Starting PostgreSQL, code server, webserver and daemon ...")
        with Production(folder, platform, account(endpoint), _BUCKET, port=port if lacking else 0) as production:
            _tell_of(production)
            with _proxy(production, folder, port, lacking):
                _say("Its sensors load the lake now. Ctrl-C ends everything, and removes what was written.")
                _follow(production)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SparkifyError(f"can't listen on {HOST}:{port} ({error.strerror}): choose another --port.") from error


def _sample(folder: Path) -> Path:
    made = write_lake(folder, events=20_000, months=2, songs=200, users=100, first_month="2018-11", seed=1)
    _say(f"Made a sample lake of {made.songs:,} songs and {made.events:,} events in {len(made.months)} months.")
    return folder


def _tell_of(production: Production) -> None:
    _say(f"  PostgreSQL   {HOST}:{production.login.port}, with a password")
    for name, process in (("code server", production.code_server), ("webserver", production.webserver)):
        _say(f"  {name:<12} {HOST}:{process.port}, {process.folder / 'printed.log'}")
    _say(f"  daemon       {production.daemon.folder / 'printed.log'}")
    _say("  moto, in this process, stands in for the S3 bucket of what runs print, DuckDB for Redshift,")
    _say("  and processes of this machine for containers.")


@contextmanager
def _proxy(production: Production, folder: Path, port: int, lacking: str | None) -> Iterator[None]:
    if lacking:
        _say(f"\n{lacking}: without it the UI asks for no password. It is at http://{HOST}:{port}")
        yield
        return
    (folder / "proxy").mkdir()
    proxy = Proxy(production.webserver.port, folder / "proxy", port=port)
    try:
        _say(f"\nThe UI is at {proxy.start()} (user {proxy.user}, password {proxy.password}).")
        _say(f"The certificate is this rehearsal's own, and browsers warn of it; curl takes --cacert {proxy.ca_file}")
        yield
    finally:
        proxy.stop()


def _follow(production: Production) -> None:
    """Tells of each run when it begins and when it ends."""
    told: dict[str, str] = {}
    while True:
        # Somebody may kill a process to see what happens.
        with suppress(URLError, ConnectionError, TimeoutError):
            for run in reversed(production.webserver.runs()):
                if run["status"] in _TOLD and told.get(run["runId"]) != run["status"]:
                    told[run["runId"]] = run["status"]
                    _say(f"  run {run['runId'][:8]}  {_what(run):<40} {run['status']}")
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _what(run: dict[str, Any]) -> str:
    tags = run["tags"]
    months = tags.get("dagster/partition") or tags.get("dagster/asset_partition_range_start", "")
    return f"{run['jobName']} {months}".strip()


def _say(words: str) -> None:
    print(words, flush=True)
