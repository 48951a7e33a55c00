"""One client's connection: its messages, passed on to PostgreSQL or answered here.

Messages are gathered until the client's Sync, or Query, and then worked off in order; a client that waits for an
answer to Flush alone would wait for ever (Redshift's driver sends Flush after every message, and Sync before it reads).

What belongs here: logging in, the order of messages, and carrying out plans. What doesn't: making plans
(``translation``), and COPY itself (``copying``).
"""

import contextlib
import socket
import struct
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkify_dagster_tests.redshift import protocol, views
from sparkify_dagster_tests.redshift.backend import Backend
from sparkify_dagster_tests.redshift.copying import CopyFailed, CopyRun
from sparkify_dagster_tests.redshift.errors import ServerError, aborted, in_words_of_redshift
from sparkify_dagster_tests.redshift.lexing import quoted_text
from sparkify_dagster_tests.redshift.protocol import ConnectionEnded, Message
from sparkify_dagster_tests.redshift.translation import Plan, plan

if TYPE_CHECKING:
    from sparkify_dagster_tests.redshift.double import RedshiftDouble

_AT_ONCE = 1 << 16
_LOGIN_SECONDS = 30.0
# What a simple query isn't told: that it was parsed, bound, and has no rows.
_ACKNOWLEDGEMENTS = frozenset({b"1", b"2", b"n"})
_HIDDEN = frozenset({"server_version", "standard_conforming_strings", "is_superuser"})


class _Cut(Exception):
    """The client's connection is to be cut."""


@dataclass(slots=True)
class _Prepared:
    """A statement that the client has prepared.

    Attributes:
        text: As the client sent it.
        plan: What to do with it.
        fresh: Whether it is in the log of statements, but was not run yet.
    """

    text: str
    plan: Plan
    fresh: bool = True


class Session:
    """Serves one connection, in a thread of its own."""

    def __init__(self, double: "RedshiftDouble", client: socket.socket, number: int) -> None:
        self._double = double
        self._socket = client
        self._number = number
        self._backend: Backend | None = None
        self._prepared: dict[str, _Prepared] = {}
        self._portals: dict[str, _Prepared] = {}
        self._forward = bytearray()
        self._answer = bytearray()
        self._failed = False
        self._cut_after = False
        self._silent: frozenset[bytes] = frozenset()
        self._label = self._label_before = ""
        self._timeout = 0.0
        self._copy_id, self._copy_count = -1, 0

    def serve(self) -> None:
        """Serves the client until one side ends it; what is open then is rolled back."""
        try:
            self._log_in()
            self._work()
        except (ConnectionEnded, _Cut, OSError, ValueError):
            pass
        finally:
            if self._backend is not None:
                self._backend.close()
            self.cut()

    def cut(self) -> None:
        """Lets go of the client."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def cut_all(self) -> None:
        """Lets go of both sides at once, whatever they are doing."""
        self.cut()
        if self._backend is not None:
            self._backend.cut()

    @property
    def _server(self) -> Backend:
        assert self._backend is not None
        return self._backend

    # Logging in

    def _log_in(self) -> None:
        self._socket.settimeout(_LOGIN_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        encrypted = False
        while True:
            # Nothing may be read beyond a packet before TLS takes over.
            with self._socket.makefile("rb", buffering=0) as raw:
                code, body = protocol.read_startup(raw)  # type: ignore[arg-type]
            if code == protocol.SSL_REQUEST:
                self._socket.sendall(b"S")
                self._socket = self._double.tls.wrap_socket(self._socket, server_side=True)
                encrypted = True
            elif code == protocol.GSS_REQUEST:
                self._socket.sendall(b"N")
            elif code == protocol.PROTOCOL:
                break
            else:
                raise ConnectionEnded
        self._input = self._socket.makefile("rb")
        try:
            self._authenticate(protocol.parameters_of(body), encrypted=encrypted)
        except ServerError as error:
            error.severity = "FATAL"
            self._socket.sendall(protocol.error(error.fields()))
            raise _Cut from None
        self._socket.settimeout(None)

    def _authenticate(self, parameters: dict[str, str], *, encrypted: bool) -> None:
        user, database = parameters.get("user", ""), parameters.get("database", "")
        if not encrypted:
            raise ServerError("28000", f'no pg_hba.conf entry for user "{user}", database "{database}", SSL off')
        self._socket.sendall(protocol.message(b"R", struct.pack("!i", 3)))
        code, body = protocol.read_message(self._input)
        password = protocol.text_at(body)[0] if code == b"p" else ""
        if not self._double.authenticate(user, password):
            raise ServerError("28000", f'password authentication failed for user "{user}"')
        if database != self._double.database:
            raise ServerError("3D000", f'database "{database}" does not exist')
        self._backend = self._double.backend(parameters.get("application_name", ""))
        said = {name: value for name, value in self._server.parameters.items() if name not in _HIDDEN}
        said |= {"server_version": "8.0.2", "server_protocol_version": "0"}
        answer = protocol.message(b"R", struct.pack("!i", 0))
        for name, value in said.items():
            answer += protocol.message(b"S", protocol.text(name) + protocol.text(value))
        answer += protocol.message(b"K", struct.pack("!ii", self._server.pid, 0))
        self._socket.sendall(answer + protocol.ready(b"I"))

    # Messages

    def _work(self) -> None:
        gathered: list[Message] = []
        while True:
            code, body = protocol.read_message(self._input)
            if code == b"X":
                return
            if code == b"Q":
                self._run_batch(_as_extended(body), simple=True)
            elif code == b"S":
                self._run_batch(gathered)
                gathered = []
            elif code != b"H":
                gathered.append((code, body))

    def _run_batch(self, messages: list[Message], *, simple: bool = False) -> None:
        self._failed = self._cut_after = False
        self._silent = _ACKNOWLEDGEMENTS if simple else frozenset()
        for code, body in messages:
            if self._failed:
                break
            error = self._failure_of(code, body)
            if error is not None:
                self._drain()
                if not self._failed:
                    self._fail(error)
        self._drain()
        if self._cut_after:
            raise _Cut
        self._answer += protocol.ready(self._server.status)
        self._flush()

    def _failure_of(self, code: bytes, body: bytes) -> ServerError | None:
        try:
            self._take(code, body)
        except ServerError as error:
            return error
        except (_Cut, ConnectionEnded, OSError):
            raise
        except Exception as error:
            # So that a test that meets a fault of the double itself says so.
            return ServerError("XX000", f"the double failed: {error!r}", traceback.format_exc())
        return None

    def _take(self, code: bytes, body: bytes) -> None:
        match code:
            case b"P":
                self._parse(body)
            case b"B":
                self._bind(body)
            case b"D":
                self._describe(code, body)
            case b"E":
                self._execute(body)
            case b"C":
                self._close(body)
            case _:
                raise ServerError("08P01", f"invalid frontend message type {code!r}")

    def _parse(self, body: bytes) -> None:
        name, text, types = protocol.parts_of_parse(body)
        self._drain()
        if self._failed:
            return
        self._double.note(text, self._label, self._number)
        prepared = _Prepared(text, self._plan(text))
        self._prepared[name] = prepared
        if prepared.plan.sql:
            if not name:
                # PostgreSQL forgets the nameless statement as soon as the front says something of its own.
                self._fill(prepared.plan)
            self._forward += protocol.parse_message(name, prepared.plan.sql, types)
        else:
            self._acknowledge(b"1")

    def _plan(self, text: str) -> Plan:
        if self._server.status == b"E":
            try:
                found = plan(text)
            except ServerError:
                raise aborted() from None
            if not found.ends:
                raise aborted()
            return found
        return plan(text)

    def _bind(self, body: bytes) -> None:
        portal, place = protocol.text_at(body)
        name, _ = protocol.text_at(body, place)
        prepared = self._find(self._prepared, name)
        self._portals[portal] = prepared
        if prepared.plan.sql:
            # What the front knows has to be in place before the portal takes its snapshot.
            if name:
                self._fill(prepared.plan)
            self._forward += protocol.message(b"B", body)
        else:
            self._acknowledge(b"2")

    def _describe(self, code: bytes, body: bytes) -> None:
        known = self._prepared if body[:1] == b"S" else self._portals
        prepared = self._find(known, protocol.text_at(body, 1)[0])
        if prepared.plan.sql:
            self._forward += protocol.message(code, body)
        else:
            self._answer += protocol.message(b"t", b"\0\0") if body[:1] == b"S" else b""
            self._acknowledge(b"n")

    def _close(self, body: bytes) -> None:
        known = self._prepared if body[:1] == b"S" else self._portals
        name = protocol.text_at(body, 1)[0]
        prepared = known.pop(name, None)
        if prepared is None or prepared.plan.sql:
            self._forward += protocol.message(b"C", body)
        else:
            self._answer += protocol.message(b"3")

    def _execute(self, body: bytes) -> None:
        prepared = self._find(self._portals, protocol.text_at(body)[0])
        if prepared.fresh:
            prepared.fresh = False
        else:
            self._double.note(prepared.text, self._label, self._number)
        self._meet_faults(prepared)
        found = prepared.plan
        if not found.sql:
            self._drain()
            if not self._failed:
                if self._server.status == b"E":
                    raise aborted()
                self._act(prepared)
            return
        self._forward += protocol.message(b"E", body)
        self._drain()
        if not self._failed:
            if found.label is not None:
                self._label = found.label
            if found.timeout is not None:
                self._timeout = found.timeout

    def _meet_faults(self, prepared: _Prepared) -> None:
        for fault in self._double.faults.of(prepared.text):
            if fault.kind == "delay":
                time.sleep(fault.seconds)
            elif fault.kind == "cut before":
                raise _Cut
            elif fault.kind == "cut after":
                self._cut_after = True
            elif fault.error is not None:
                self._forward.clear()
                if prepared.plan.ends:
                    self._roll_back()
                raise fault.error

    def _find(self, known: dict[str, _Prepared], name: str) -> _Prepared:
        found = known.get(name)
        if found is None:
            raise ServerError("26000", f'prepared statement or portal "{name}" does not exist')
        return found

    # What the front does itself

    def _act(self, prepared: _Prepared) -> None:
        found = prepared.plan
        open_ = self._server.status == b"T"
        match found.action:
            case "copy":
                self._copy(prepared)
            case "truncate":
                for step in found.steps:
                    self._run(step)
                if open_:
                    # As in Redshift, it commits: itself, and all that came before it.
                    self._run("COMMIT")
            case "append":
                if open_:
                    raise ServerError("25001", "ALTER TABLE APPEND cannot run inside a transaction block")
                self._in_transaction(found.steps)
            case "vacuum":
                if open_:
                    raise ServerError("25001", "VACUUM cannot run inside a transaction block")
            case "empty":
                self._answer += protocol.message(b"I")
                return
        self._answer += protocol.command_complete(found.tag)

    def _copy(self, prepared: _Prepared) -> None:
        command = prepared.plan.copy
        assert command is not None
        alone = self._server.status == b"I"
        if alone:
            self._run("BEGIN")
        run = CopyRun(
            self._server,
            self._double.storage,
            self._double.loads,
            prepared.text,
            self._label,
            self._double.database,
            self._double.region,
            self._timeout,
        )
        try:
            load = run.run(command)
        except CopyFailed as failed:
            self._copy_id, self._copy_count = failed.load.query_id, 0
            if alone:
                self._roll_back()
            raise failed.error from None
        except ServerError as error:
            if alone:
                self._roll_back()
            raise ServerError(**in_words(error)) from None
        self._copy_id, self._copy_count = load.query_id, load.rows
        if alone:
            self._run("COMMIT")
        table = command.table.replace('"', "").rpartition(".")[2]
        self._answer += protocol.notice(
            f"Load into table '{table}' completed, {load.rows} record(s) loaded successfully."
        )

    def _in_transaction(self, steps: tuple[str, ...]) -> None:
        self._run("BEGIN")
        try:
            for step in steps:
                self._run(step)
        except ServerError:
            self._roll_back()
            raise
        self._run("COMMIT")

    def _run(self, sql: str) -> None:
        try:
            self._server.query(sql)
        except ServerError as error:
            raise ServerError(**in_words(error)) from None

    def _roll_back(self) -> None:
        with contextlib.suppress(ServerError):
            self._server.query("ROLLBACK")
        self._label = self._label_before

    def _fill(self, found: Plan) -> None:
        if not found.mentions or self._server.status == b"E":
            return
        self._drain()
        for name, value in views.settings(found.mentions, self._double.loads, self._copy_id, self._copy_count).items():
            self._run(f"SET {name} TO {quoted_text(value)}")

    # Passing on

    def _drain(self) -> None:
        """Sends what is to be passed on, and takes in all answers to it."""
        if not self._forward:
            return
        server = self._server
        server.send(self._forward + protocol.message(b"S"))
        self._forward.clear()
        before = server.status
        while True:
            code, body = server.receive()
            if code == b"Z":
                break
            if code == b"E":
                self._failed = True
                body = protocol.error(in_words_of_redshift(protocol.fields_of(body)))[5:]
            elif code == b"T":
                body = protocol.with_super(body, self._double.super_oid)
            elif code == b"C" and body == b"ROLLBACK\0":
                self._label = self._label_before
            elif code in self._silent or code == b"S":
                # PostgreSQL tells of its settings' changes; Redshift's clients needn't know.
                continue
            self._answer += protocol.message(code, body)
            if len(self._answer) > _AT_ONCE:
                self._flush()
        if before == b"I" and server.status == b"T":
            self._label_before = self._label

    def _acknowledge(self, code: bytes) -> None:
        if code not in self._silent:
            self._answer += protocol.message(code)

    def _fail(self, error: ServerError) -> None:
        self._failed = True
        self._server.fail()
        self._answer += protocol.error(error.fields())

    def _flush(self) -> None:
        if self._cut_after:
            self._answer.clear()
            return
        self._socket.sendall(self._answer)
        self._answer.clear()


def in_words(error: ServerError) -> dict[str, str]:
    """The arguments of an error as Redshift words it."""
    fields = in_words_of_redshift({"C": error.code, "M": error.message, "D": error.detail, "S": error.severity})
    return {"code": fields["C"], "message": fields["M"], "detail": fields.get("D", "")}


def _as_extended(body: bytes) -> list[Message]:
    """A simple query as the messages that do the same."""
    return [
        (b"P", b"\0" + body + b"\0\0"),
        (b"B", b"\0\0\0\0\0\0\0\0"),
        (b"D", b"P\0"),
        (b"E", b"\0\0\0\0\0"),
    ]
