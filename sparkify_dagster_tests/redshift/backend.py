"""A connection to the PostgreSQL behind the double.

What belongs here: sending, receiving, and running statements of the double's own. What doesn't: the client's side.
"""

import contextlib
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from sparkify_dagster_tests.redshift import protocol
from sparkify_dagster_tests.redshift.errors import ServerError
from sparkify_dagster_tests.redshift.protocol import ConnectionEnded, Message

_CHUNK = 1 << 18
_GOODBYE_SECONDS = 5.0


class Backend:
    """One session of PostgreSQL.

    Attributes:
        status: The state of its transaction: ``I`` for none, ``T`` for one that is open, ``E`` after an error in it.
        pid: Its process.
        parameters: What it said of itself when the session began.
    """

    def __init__(self, address: Path, user: str, database: str, application: str = "") -> None:
        self.status = b"I"
        self.pid = 0
        self.parameters: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(address))
            self._input = self._socket.makefile("rb")
            self.send(protocol.startup({"user": user, "database": database, "application_name": application}))
            self._begin()
        except BaseException:
            self._socket.close()
            raise

    def send(self, data: bytes | bytearray) -> None:
        """Sends bytes."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ConnectionEnded from error

    def receive(self) -> Message:
        """The next message; the state of the transaction is noted in passing."""
        code, body = protocol.read_message(self._input)
        if code == b"Z":
            self.status = body
        return code, body

    def query(self, sql: str) -> list[list[str | None]]:
        """Runs a statement of the double's own, and returns its rows.

        Raises:
            ServerError: It failed; an open transaction has then failed too.
        """
        self.send(protocol.message(b"Q", protocol.text(sql)))
        return self._rows()

    def copy_in(self, sql: str, lines: Iterable[str]) -> None:
        """Runs a COPY FROM STDIN."""
        self.send(protocol.message(b"Q", protocol.text(sql)))
        code, body = self.receive()
        if code != b"G":
            self._rows((code, body))
            raise ServerError("XX000", "no COPY")
        chunk = bytearray()
        for line in lines:
            chunk += line.encode()
            if len(chunk) > _CHUNK:
                self.send(protocol.message(b"d", bytes(chunk)))
                chunk.clear()
        self.send(protocol.message(b"d", bytes(chunk)) + protocol.message(b"c"))
        self._rows()

    def fail(self) -> None:
        """Makes the open transaction, if there is one, a failed one."""
        if self.status == b"T":
            with contextlib.suppress(ServerError):
                self.query("FAIL")

    def close(self) -> None:
        """Ends the session, and waits until PostgreSQL has rolled back what was open."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(_GOODBYE_SECONDS)
            self._socket.sendall(protocol.message(b"X"))
            while self._socket.recv(1 << 16):
                pass
        self.cut()

    def cut(self) -> None:
        """Lets go of the connection, whatever another thread does with it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _begin(self) -> None:
        while True:
            code, body = self.receive()
            if code == b"E":
                fields = protocol.fields_of(body)
                raise ServerError(fields["C"], fields["M"])
            if code == b"S":
                name, place = protocol.text_at(body)
                self.parameters[name] = protocol.text_at(body, place)[0]
            elif code == b"K":
                (self.pid,) = struct.unpack("!i", body[:4])
            elif code == b"Z":
                return

    def _rows(self, first: Message | None = None) -> list[list[str | None]]:
        rows: list[list[str | None]] = []
        failure: ServerError | None = None
        code, body = first or self.receive()
        while code != b"Z":
            if code == b"D":
                rows.append(protocol.row_of(body))
            elif code == b"E":
                fields = protocol.fields_of(body)
                failure = ServerError(fields["C"], fields["M"], fields.get("D", ""))
            code, body = self.receive()
        if failure:
            raise failure
        return rows
