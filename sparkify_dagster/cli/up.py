"""``sparkify up``: the UI and the daemon.

What belongs here: starting Dagster's own process for both, and beside it what serves the dashboard. What doesn't:
anything that runs in these.
"""

import os
import signal
import socket
import sys
from pathlib import Path

from sparkify_dagster.cli.home import prepare_home
from sparkify_dagster.cli.output import say, warn
from sparkify_dagster.cli.serving import serve_beside
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Settings
from sparkify_dagster.settings.values import is_loopback


def start(settings: Settings, *, host: str, port: int, public: bool) -> None:
    """Becomes Dagster's process; Ctrl-C ends it.

    Raises:
        SparkifyError: The port is taken, or the address is public and nobody said that it may be.
    """
    if not is_loopback(host):
        if not public:
            raise SparkifyError(f"{host} can be reached by others, and the UI asks for no password: add --public.")
        warn(f"Warning: the UI on {host} asks for no password; whoever reaches it can run and delete everything.")
    _refuse_taken_port(host, port)
    home = prepare_home(settings)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    say(f"The UI will be at http://{address} in a moment; its state is in {home}. Stop it with Ctrl-C.")
    _serve_dashboard(settings, host, port + 1)
    sys.stdout.flush()
    # A shell that starts this in the background leaves Ctrl-C ignored, and Dagster's processes would inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    command = ["dagster", "dev", "-m", "sparkify_dagster.definitions", "-h", host, "-p", str(port)]
    quietly = ["-W", "ignore:Function `dev_command` is superseded"]
    os.execv(sys.executable, [sys.executable, *quietly, "-m", *command, "--log-level", "warning"])  # noqa: S606 our own words


def _serve_dashboard(settings: Settings, host: str, port: int) -> None:
    """Serves the dashboard, unless others could reach it or something else does; Dagster's processes are told where."""
    dashboard = settings.dashboard
    if dashboard.url or dashboard.place.startswith("s3://") or not is_loopback(host):
        return
    try:
        _refuse_taken_port(host, port)
    except (SparkifyError, OverflowError):
        warn(f"The dashboard is not served: port {port} is taken. It is the file {dashboard.place}.")
        return
    os.environ["SPARKIFY_DASHBOARD_URL"] = serve_beside(Path(dashboard.place), host, port)
    say(f"The dashboard will be at {os.environ['SPARKIFY_DASHBOARD_URL']} once something is loaded.")


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SparkifyError(f"can't listen on {host}:{port} ({error.strerror}): choose another --port.") from error
