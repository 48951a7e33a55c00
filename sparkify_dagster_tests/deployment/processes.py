"""The processes of a deployment, each started as its container starts it: PostgreSQL, code server, webserver, daemon.

They share nothing but the network: PostgreSQL over TCP with a password, the code server over gRPC, a bucket for what
runs print. Lake and warehouse are the code server's alone. Each process has a folder for temporary files and a process
group of its own; the group is killed as a whole, as a container is.

What belongs here: starting, killing and starting again. What doesn't: what a test wants of them.
"""

import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

# What a container's health check asks with.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._grpc.client import DagsterGrpcClient

from sparkify_dagster_tests.redshift.postgres import Login, Postgres
from sparkify_dagster_tests.ui.server import Server, free_port, wait_for

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
DATABASE = "dagster"
LOGS = "compute-logs"
"""The prefix of what runs print."""

HOST = "127.0.0.1"

_SECONDS_TO_COME_UP = 90


class Process(Server):
    """A process that can be started again, at the port that it had.

    Args:
        command: The command, with its port.
        folder: A folder of its own, that it runs in.
        settings: Its settings.
        port: The port that it listens on; the daemon has none.

    Attributes:
        folder: The folder, where what it prints is in ``printed.log``.
    """

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, str], port: int = 0) -> None:
        folder.mkdir()
        self.folder = folder
        super().__init__(command, folder, {**settings, "TMPDIR": str(folder)}, folder / "printed.log")
        self._command = list(command)
        self.port = port
        self.address = f"http://{HOST}:{port}"

    def start(self) -> None:
        """Starts it."""
        self.__enter__()

    def is_up(self) -> bool:
        """Whether it answers, with its definitions loaded.

        Raises:
            AssertionError: It has ended, or they can't be loaded.
        """
        return self._is_up()

    def tell_to_end(self) -> None:
        """Tells the process itself to end in good order, as a container's is."""
        assert self._process is not None
        self._process.terminate()

    def exit_code(self) -> int | None:
        """How it ended; None while it is there."""
        return self._process.poll() if self._process is not None else None


class Production:
    """All processes of a deployment, with the files of ``deploy``.

    Args:
        folder: An existing folder for all that they write.
        platform: The platform's settings; the code server alone gets them.
        aws: What leads to AWS, or to what stands in for it.
        bucket: An existing bucket.
        intervals: Lines of dagster.yaml, and those to put in their place, so that tests don't wait as long as people.
        port: The webserver's; a free one where it is 0.
    """

    def __init__(
        self,
        folder: Path,
        platform: Mapping[str, str],
        aws: Mapping[str, str],
        bucket: str,
        intervals: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.home = folder / "home"
        self.login = Login("dagster", f"{secrets.token_urlsafe()}@:/%&", free_port())
        self.database = Postgres(self.login)
        self._copy_configuration(intervals or {})
        code_port, web_port = free_port(), port or free_port()
        settings = {
            **aws,
            **connection_to(self.login),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_LOGS_BUCKET": bucket,
            "DAGSTER_LOGS_PREFIX": LOGS,
            "DAGSTER_CODE_LOCATION_HOST": HOST,
            "DAGSTER_CODE_LOCATION_PORT": str(code_port),
            # How often Dagster looks for runs to be tried again, in place of 5 seconds.
            "DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS": "1",
        }
        module = ["-m", "sparkify_dagster.definitions"]
        workspace = ["-w", str(self.home / "workspace.yaml")]
        self.code_server = Process(
            [_program("dagster"), "api", "grpc", *module, "-h", HOST, "-p", str(code_port)],
            folder / "code-server",
            {**settings, **platform},
            code_port,
        )
        self.webserver = Process(
            [_program("dagster-webserver"), *workspace, "-h", HOST, "-p", str(web_port)],
            folder / "webserver",
            settings,
            web_port,
        )
        self.daemon = Process([_program("dagster-daemon"), "run", *workspace], folder / "daemon", settings)
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        with self._ending:
            self._ending.callback(self.database.stop)
            self.database.start(DATABASE)
            self._start(self.code_server)
            # As compose.yaml has it: else the others look in vain at first, and again only after ten seconds.
            wait_for("the code server", self.code_server_answers, _SECONDS_TO_COME_UP, every=0.1)
            self._start(self.webserver)
            self._start(self.daemon)
            self.webserver.wait_until_up()
            self._ending = self._ending.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ending.close()

    def kill(self) -> None:
        """Kills the three at once; there is nothing in them to end well for."""
        for process in (self.daemon, self.webserver, self.code_server):
            process.kill()

    def code_server_answers(self) -> bool:
        """Whether the code server is there."""
        try:
            DagsterGrpcClient(self.code_server.port, host=HOST).ping("")
        except DagsterUserCodeUnreachableError:
            return False
        return True

    def _start(self, process: Process) -> None:
        self._ending.callback(process.end)
        process.start()

    def _copy_configuration(self, intervals: Mapping[str, str]) -> None:
        text = (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")
        for line, instead in intervals.items():
            assert text.count(line) == 1, f"deploy/dagster.yaml has another {line!r}"
            text = text.replace(line, instead)
        self.home.mkdir()
        (self.home / "dagster.yaml").write_text(text, encoding="utf-8")
        (self.home / "workspace.yaml").write_bytes((DEPLOY / "workspace.yaml").read_bytes())


def connection_to(login: Login) -> dict[str, str]:
    """The variables that lead Dagster to its PostgreSQL."""
    return {
        "DAGSTER_PG_HOST": HOST,
        "DAGSTER_PG_PORT": str(login.port),
        "DAGSTER_PG_DB": DATABASE,
        "DAGSTER_PG_USER": login.user,
        "DAGSTER_PG_PASSWORD": login.password,
    }


def _program(name: str) -> str:
    """One of the programs that come with Dagster, as the image has them."""
    return str(Path(sys.executable).parent / name)
