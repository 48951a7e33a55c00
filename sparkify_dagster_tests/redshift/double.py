"""The double's switches and gauges: start, stop, faults, and what it saw.

What belongs here: what tests call. What doesn't: how it is done.
"""

import contextlib
import itertools
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from sparkify_dagster_tests.redshift import functions, views
from sparkify_dagster_tests.redshift.backend import Backend
from sparkify_dagster_tests.redshift.certificates import make_certificates
from sparkify_dagster_tests.redshift.errors import ServerError, serialization_failure
from sparkify_dagster_tests.redshift.faults import Fault, Faults, Matching
from sparkify_dagster_tests.redshift.postgres import SUPERUSER, Postgres
from sparkify_dagster_tests.redshift.session import Session
from sparkify_dagster_tests.redshift.storage import Storage
from sparkify_dagster_tests.redshift.views import Load, LoadLog

_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that a client sent.

    Attributes:
        text: As it was sent, with ``$1`` for parameters.
        label: The query group of the connection then.
        connection: The number of the connection, from 1.
    """

    text: str
    label: str
    connection: int


class RedshiftDouble:
    """A server that redshift_connector connects to, as it would to Redshift; see the package for what it proves.

    Args:
        s3_endpoint: Address of the server that stands in for S3.
        serverless: Whether the STL views are missing, as in Redshift Serverless.
        region: The region that it is in: COPY without REGION then refuses buckets of other regions. None for any.

    Attributes:
        host: Where it listens.
        port: Where it listens.
        database: The only database.
        user: The user that ``authenticate`` lets in.
        password: Their password.
        ca_file: The certificate of the authority that has to be trusted, such as by ``trusted``.
        statements: What clients sent, in order: each execution once, and what was refused. The list may be cleared.
        authenticate: Says whether a user and a password are let in; tests may put another function there.
        faults: The faults to come.
    """

    def __init__(self, s3_endpoint: str, *, serverless: bool = False, region: str | None = None) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.database = "sparkify"
        self.user = "loader"
        self.password = secrets.token_urlsafe(12)
        self.ca_file = Path()
        self.statements: list[Statement] = []
        self.faults = Faults()
        self.loads = LoadLog()
        self.storage = Storage(s3_endpoint)
        self.region = region
        self.super_oid = 0
        self.authenticate: Callable[[str, str], bool] = lambda user, password: (
            user == self.user and secrets.compare_digest(password, self.password)
        )
        self._serverless = serverless
        self._postgres = Postgres()
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._sessions: dict[int, tuple[Session, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    @property
    def copies(self) -> list[Load]:
        """Every COPY that began to read: statement, files, rows, errors, in order. The list may be cleared."""
        return self.loads.loads

    def start(self) -> None:
        """Starts it; it listens when this returns."""
        try:
            self._postgres.start(self.database)
            self.ca_file, self.tls = make_certificates(self._postgres.folder, "localhost")
            self._set_up()
        except BaseException:
            self._postgres.stop()
            raise
        self._listener = socket.create_server((self.host, 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), name="redshift", daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """Cuts all connections, ends the database, and removes all files."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.drop_all_connections()
        if self._acceptor is not None:
            self._acceptor.join(_STOP_SECONDS)
        self._postgres.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def connect_arguments(self) -> dict[str, Any]:
        """What ``redshift_connector.connect`` takes; the authority has to be trusted besides."""
        return {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.user,
            "password": self.password,
            "sslmode": "verify-full",
        }

    def environment(self) -> dict[str, str]:
        """The variable that makes the driver, in this process or another, trust the double's authority.

        The driver trusts the authorities in a file of its own, and those of OpenSSL's default; SSL_CERT_FILE names a
        file of these. It is read at every connection.
        """
        return {"SSL_CERT_FILE": str(self.ca_file)}

    def fail_next(self, matching: Matching, error: Literal["1023"] | ServerError = "1023", times: int = 1) -> None:
        """Makes the next statements that match fail, instead of being run; an open transaction fails with them.

        Args:
            matching: A regular expression, found anywhere in the text whatever its case; or a function of the text.
            error: ``1023`` for the serializable isolation violation, or any error.
            times: How many statements.
        """
        found = serialization_failure() if isinstance(error, str) else error
        self.faults.add(Fault("fail", matching, times, error=found))

    def drop_connection(self, matching: Matching, when: Literal["before", "after"], times: int = 1) -> None:
        """Cuts the connections of the next statements that match.

        Args:
            matching: As with ``fail_next``.
            when: ``before``: the statement isn't run, and what was open is rolled back when the client notices.
                ``after``: it is run to its end, and the client never gets the answer.
            times: How many statements.
        """
        self.faults.add(Fault("cut before" if when == "before" else "cut after", matching, times))

    def delay(self, matching: Matching, seconds: float, times: int = 1) -> None:
        """Makes the next statements that match wait before they are run; statement_timeout doesn't count it."""
        self.faults.add(Fault("delay", matching, times, seconds=seconds))

    def refuse_connections(self, times: int = 1) -> None:
        """Closes the next connections as soon as they come."""
        self.faults.refuse_connections(times)

    def drop_all_connections(self) -> None:
        """Cuts all connections there are, whatever they do, and waits until what was open is rolled back."""
        with self._lock:
            sessions = list(self._sessions.values())
        for session, _ in sessions:
            session.cut_all()
        for _, thread in sessions:
            thread.join(_STOP_SECONDS)

    def clear(self) -> None:
        """Forgets statements, loads, and faults that haven't come; for between tests."""
        self.statements.clear()
        self.loads.loads.clear()
        self.faults.clear()

    def new_schema(self) -> str:
        """Creates an empty schema, and names it."""
        name = f"t_{secrets.token_hex(6)}"
        with self._administrator(self.user) as backend:
            backend.query(f"CREATE SCHEMA {name}")
        return name

    def drop_schema(self, name: str) -> None:
        """Drops a schema with all that is in it; cuts no connections, and waits for none."""
        with self._administrator(self.user) as backend:
            backend.query("SET lock_timeout TO 2000")
            with contextlib.suppress(ServerError):
                backend.query(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def note(self, text: str, label: str, connection: int) -> None:
        """Remembers a statement."""
        self.statements.append(Statement(text, label, connection))

    def backend(self, application: str) -> Backend:
        """A connection to the database for a client's session."""
        return Backend(self._postgres.address, self.user, self.database, application)

    def _set_up(self) -> None:
        with self._administrator(SUPERUSER) as backend:
            backend.query("SET allow_system_table_mods TO on")
            for sql in [*functions.definitions(), *views.definitions(serverless=self._serverless)]:
                backend.query(sql)
            backend.query(f'CREATE ROLE "{self.user}" LOGIN')
            backend.query(f'ALTER DATABASE "{self.database}" OWNER TO "{self.user}"')
            backend.query("GRANT ALL ON SCHEMA public TO PUBLIC")
            ((oid,),) = backend.query("SELECT 'super'::regtype::oid")
            self.super_oid = int(str(oid))

    @contextlib.contextmanager
    def _administrator(self, user: str) -> Iterator[Backend]:
        backend = Backend(self._postgres.address, user, self.database)
        try:
            yield backend
        finally:
            backend.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if not self.faults.takes_connection():
                client.close()
                continue
            number = next(self._numbers)
            session = Session(self, client, number)
            thread = threading.Thread(
                target=self._serve, args=(session, number), name=f"redshift {number}", daemon=True
            )
            with self._lock:
                self._sessions[number] = session, thread
            thread.start()

    def _serve(self, session: Session, number: int) -> None:
        try:
            session.serve()
        finally:
            with self._lock:
                self._sessions.pop(number, None)
