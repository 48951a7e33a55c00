"""An S3 that misbehaves: a proxy in front of one that doesn't, which does to requests what tests ask for.

What belongs here: the proxy, and what it can do. What doesn't: the S3 behind it, and expectations.
"""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from sparkify_dagster_tests.listening import listening

from .places import refusal

Kind = Literal["list", "read", "write", "look", "remove"]
"""A listing; an object's content; a PUT or POST that writes; a HEAD; a removal."""


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        kind: What it asks for.
        target: Path and query.
        number: How many requests came before it.
    """

    kind: Kind
    target: str
    number: int

    @property
    def goes_on(self) -> bool:
        """Whether it is for a further page of a listing."""
        return "continuation-token" in parse_qs(urlsplit(self.target).query)


@dataclass(frozen=True)
class Fault:
    """What happens to a request.

    Attributes:
        status: The status of a refusal that is given in place of the answer; 0 for none.
        code: Its code.
        keep: The share of the answer's body that comes.
        promised: Whether the whole length is announced all the same, before the connection is closed.
        close: Whether the connection is closed without any answer.
        seconds: How long the answer takes.
        query: What is put into the query of the request, or taken out of it (None).
        before: Something to do before the request is passed on.
    """

    status: int = 0
    code: str = ""
    keep: float = 1.0
    promised: bool = True
    close: bool = False
    seconds: float = 0.0
    query: dict[str, str | None] = field(default_factory=dict)
    before: Callable[[], object] | None = None


SLOW_DOWN = Fault(503, "SlowDown")
SERVER_ERROR = Fault(500, "InternalError")
DENIED = Fault(403, "AccessDenied")
CUT = Fault(keep=0.5)
SHORT = Fault(keep=0.5, promised=False)
CLOSED = Fault(close=True)
LATE = Fault(seconds=0.02)
A_KEY_A_PAGE = Fault(query={"max-keys": "1"})


@dataclass
class Misbehaving:
    """The proxy while it runs.

    Attributes:
        endpoint: Its address.
        fault: Says what happens to a request; None where nothing does. It may be replaced at any time.
        asked: The requests that came.
    """

    endpoint: str = ""
    fault: Callable[[Asked], Fault | None] = lambda asked: None
    asked: list[Asked] = field(default_factory=list)

    def behave(self) -> None:
        """From now on nothing goes wrong."""
        self.fault = lambda asked: None


@contextmanager
def misbehaving(s3_endpoint: str) -> Iterator[Misbehaving]:
    """Runs a proxy in front of an S3."""
    behind = urlsplit(s3_endpoint).netloc
    proxy = Misbehaving()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                asked = Asked(_kind(self.command, self.path), self.path, len(proxy.asked))
                proxy.asked.append(asked)
                fault = proxy.fault(asked) or Fault()
            if fault.before:
                fault.before()
            time.sleep(fault.seconds)
            if fault.close:
                self.close_connection = True
            elif fault.status:
                self.answer(fault.status, [], refusal(fault.status, fault.code).body, Fault())
            else:
                self.answer(*self.passed_on(body, fault), fault)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        def passed_on(self, body: bytes, fault: Fault) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(behind, timeout=60)
            try:
                connection.request(self.command, _changed(self.path, fault.query), body, dict(self.headers))
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                connection.close()

        def answer(self, status: int, headers: list[tuple[str, str]], body: bytes, fault: Fault) -> None:
            self.send_response_only(status)
            length = next((value for name, value in headers if name.lower() == "content-length"), str(len(body)))
            for name, value in headers:
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            kept = body[: int(len(body) * fault.keep)]
            whole = self.command == "HEAD" or fault.promised
            self.send_header("Content-Length", length if whole else str(len(kept)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(kept)
            self.close_connection = len(kept) < len(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as proxy.endpoint:
        yield proxy


def _kind(method: str, target: str) -> Kind:
    if method == "GET":
        return "list" if "list-type" in parse_qs(urlsplit(target).query) else "read"
    if method == "HEAD":
        return "look"
    return "remove" if method == "DELETE" or "delete" in urlsplit(target).query.split("&")[0] else "write"


def _changed(target: str, query: dict[str, str | None]) -> str:
    if not query:
        return target
    parts = urlsplit(target)
    asked: dict[str, str | None] = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **query}
    return f"{parts.path}?{urlencode({name: value for name, value in asked.items() if value is not None})}"
