"""Small servers for tests of connecting: one speaks the beginning of Redshift's protocol, one is an AWS service.

What belongs here: what goes over the wire until somebody is logged in.
What doesn't: SQL.
"""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from sparkify_dagster_tests.listening import listening
from sparkify_dagster_tests.redshift.certificates import make_certificates

_READY = b"Z" + struct.pack("!i", 5) + b"I"


class Authority:
    """A certificate authority that nobody trusts by himself, and a server's certificate of its making."""

    def __init__(self, folder: Path) -> None:
        self.file, self.context = make_certificates(folder)


class FakeRedshift:
    """Takes connections; the first is treated as the first behaviour says, and so on, the last one for all the rest.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        connections: How many came.
        startups: The parameters of those that got to the start-up.
        passwords: The passwords that came.
    """

    def __init__(self, authority: Authority, behaviours: Sequence[Callable[["FakeRedshift", socket.socket], None]]):
        self.authority = authority
        self.behaviours = behaviours
        self.connections = 0
        self.startups: list[dict[str, str]] = []
        self.passwords: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            behaviour = self.behaviours[min(self.connections, len(self.behaviours) - 1)]
            self.connections += 1
            threading.Thread(target=self._treat, args=(behaviour, connection), daemon=True).start()

    def _treat(self, behaviour: Callable[["FakeRedshift", socket.socket], None], connection: socket.socket) -> None:
        connection.settimeout(10)
        try:
            behaviour(self, connection)
        except OSError:
            pass
        finally:
            connection.close()

    def log_in(self, connection: socket.socket) -> ssl.SSLSocket:
        """Speaks TLS, and reads start-up and password."""
        secured = self.over_tls(connection)
        (length,) = struct.unpack("!i", _read(secured, 4))
        words = _read(secured, length - 4)[4:].split(b"\0")
        self.startups.append(
            {name.decode(): value.decode() for name, value in zip(words[::2], words[1::2], strict=False) if name}
        )
        secured.sendall(b"R" + struct.pack("!ii", 8, 3))
        _, length = struct.unpack("!ci", _read(secured, 5))
        self.passwords.append(_read(secured, length - 4).rstrip(b"\0").decode())
        return secured

    def over_tls(self, connection: socket.socket) -> ssl.SSLSocket:
        """Says yes to TLS, and shakes hands."""
        _read(connection, 8)
        connection.sendall(b"S")
        return self.authority.context.wrap_socket(connection, server_side=True)

    @contextmanager
    def running(self) -> Iterator["FakeRedshift"]:
        self._thread.start()
        try:
            yield self
        finally:
            # Closing alone would not wake the thread that waits for a connection.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._thread.join(5)


def reset(_: FakeRedshift, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close_unanswered(_: FakeRedshift, connection: socket.socket) -> None:
    _read(connection, 8)


def refuse_tls(_: FakeRedshift, connection: socket.socket) -> None:
    _read(connection, 8)
    connection.sendall(b"N")


def say_nothing(_: FakeRedshift, connection: socket.socket) -> None:
    while connection.recv(1024):
        pass


def say_nothing_over_tls(server: FakeRedshift, connection: socket.socket) -> None:
    secured = server.over_tls(connection)
    while secured.recv(1024):
        pass


def close_in_the_handshake(_: FakeRedshift, connection: socket.socket) -> None:
    _read(connection, 8)
    connection.sendall(b"S")
    connection.recv(1024)


def close_after_the_handshake(server: FakeRedshift, connection: socket.socket) -> None:
    server.over_tls(connection).close()


def talk_nonsense(server: FakeRedshift, connection: socket.socket) -> None:
    """Answers with a message of a kind that there is not."""
    secured = server.over_tls(connection)
    secured.sendall(b"?" + struct.pack("!i", 5) + b"x")
    while secured.recv(1024):
        pass


def refuse(code: str, message: str) -> Callable[[FakeRedshift, socket.socket], None]:
    """Refuses who has given a password; "{password}" in the message stands for that."""

    def behaviour(server: FakeRedshift, connection: socket.socket) -> None:
        secured = server.log_in(connection)
        secured.sendall(_error(code, message.replace("{password}", server.passwords[-1])))
        secured.recv(1)

    return behaviour


def let_in(server: FakeRedshift, connection: socket.socket) -> None:
    """Lets everyone in, and answers the first statement with an error after a while."""
    secured = server.log_in(connection)
    secured.sendall(b"R" + struct.pack("!ii", 8, 0) + _READY)
    if not secured.recv(4096):
        return
    time.sleep(1.3)
    secured.sendall(_error("57014", "slow") + _READY)
    while secured.recv(4096):
        pass


def _error(code: str, message: str) -> bytes:
    fields = b"SFATAL\0C" + code.encode() + b"\0M" + message.encode() + b"\0\0"
    return b"E" + struct.pack("!i", len(fields) + 4) + fields


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


@contextmanager
def fake_service(answers: dict[str, tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Runs an AWS service that speaks JSON.

    Args:
        answers: Status and body for each action.

    Yields:
        Its address, and the actions and bodies that were asked for, as they come.
    """
    asked: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            action = self.headers["X-Amz-Target"].partition(".")[2]
            asked.append((action, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            status, body = answers[action]
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with listening(Handler) as address:
        yield address, asked
