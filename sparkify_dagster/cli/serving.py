"""Serves the dashboard and the reports to browsers of this machine, while ``sparkify up`` runs.

A page of the UI can't link to a file: browsers follow no link from a site to their own disk.

What belongs here: answering for these files, and for no others. What doesn't: making them (``dashboard``).
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

_REPORT = re.compile(r"/(reports/[0-9]{4}-[0-9]{2}\.html)")
_SECONDS_BETWEEN_LOOKS = 1.0


def serve_beside(dashboard: Path, host: str, port: int) -> str:
    """Starts a process that serves the dashboard, and ends with this one.

    Args:
        dashboard: The file; it need not be there yet. Reports are in the folder ``reports`` beside it.
        host: An address of this machine.
        port: A port that is free.

    Returns:
        Where people reach it.
    """
    words = [host, str(port), str(dashboard), str(os.getpid())]
    subprocess.Popen([sys.executable, "-m", __name__, *words], stdin=subprocess.DEVNULL)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{dashboard.name}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a browser that leaves early is no error."""


class _Pages(BaseHTTPRequestHandler):
    dashboard: ClassVar[Path]

    def do_GET(self) -> None:
        """Answers with the file that is asked for, as it is now."""
        path = self.path.partition("?")[0]
        report = _REPORT.fullmatch(path)
        wanted = self.dashboard if path in {"/", f"/{self.dashboard.name}"} else None
        if report:
            wanted = self.dashboard.parent / report[1]
        try:
            content = wanted.read_bytes() if wanted else None
        except OSError:
            content = None
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that it has there
        """Says nothing."""


def _serve(host: str, port: int, dashboard: Path, parent: int) -> None:
    # It ends with its parent, whatever ends that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Pages.dashboard = dashboard
    _Server.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with _Server((host, port), _Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Once its parent is gone, a process has another.
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN_LOOKS)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
