"""A receiver of webhooks on this machine, that answers as it is told to.

What belongs here: that server. What doesn't: what the platform sends.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from sparkify_dagster_tests.listening import listening

TOKEN = "T00PLANTED/B00PLANTED/plantedSECRETofTHEtests"
"""What of the webhook's address is secret."""


@dataclass(frozen=True)
class Reply:
    """What the receiver says to a message: a status, or nothing at all, the connection being closed."""

    status: int = 200
    body: str = "ok"
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    closes: bool = False


@dataclass
class Receiver:
    """What came, and what is said to what comes.

    Attributes:
        url: The webhook.
        replies: What is said to the next messages; when there are no more, "ok".
        always: What is said to all messages, in place of these.
        messages: The messages that were taken, with "ok".
        requests: How many came in all.
    """

    url: str
    replies: list[Reply] = field(default_factory=list)
    always: Reply | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0

    @property
    def texts(self) -> list[str]:
        """The texts of the messages that were taken."""
        return [message["text"] for message in self.messages]

    def reply(self) -> Reply:
        """What is said now."""
        return self.always or (self.replies.pop(0) if self.replies else Reply())


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Runs a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.requests += 1
            reply = receiver.reply()
            time.sleep(reply.seconds)
            if reply.closes:
                self.close_connection = True
                return
            if reply == Reply():
                receiver.messages.append(message)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body.format(path=self.path).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as address:
        receiver = Receiver(f"{address}/services/{TOKEN}")
        yield receiver
