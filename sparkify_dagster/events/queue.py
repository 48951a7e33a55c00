"""The queue in which notifications of S3 wait: receiving and deleting its messages.

What belongs here: the requests to SQS, and their bounds. What does not: which messages are done with.

Nothing is deleted unless somebody asks for it: a message that is received and not deleted comes again, so that what is
cut off at any point is begun anew. Nothing raises where the queue does not answer: the queue only makes things quicker,
and what it does not tell is found by listing.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sparkify_dagster.aws.clients import LazyClient, configured_region, make_client
from sparkify_dagster.aws.services import SQS
from sparkify_dagster.errors import LakeError
from sparkify_dagster.events.notifications import StoredObject, announced_objects

SECONDS_HIDDEN = 60
"""How long a message that is received stays hidden: as long as a tick may take, so that it comes again in a later one,
when it has turned out whether what this tick asked for was taken down."""

SECONDS_TO_WAIT = 1
"""How long to wait for a message: without, SQS asks only some of its machines, and may miss what is there."""

_MAX_MESSAGES = 1000
_MAX_SECONDS = 8.0
_A_REQUEST = 10
_REGION = re.compile(r"\bsqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.com|api\.aws)")


@dataclass(frozen=True, slots=True)
class Message:
    """A message, received and not deleted.

    Attributes:
        receipt: What it is deleted by.
        sent: When it was sent, by the clock of SQS, in seconds; None where that is not known.
        objects: The objects that it tells of; None if it is no notification of S3.
    """

    receipt: str
    sent: float | None
    objects: list[StoredObject] | None


@dataclass(slots=True)
class Received:
    """What came out of the queue.

    Attributes:
        messages: The messages.
        at: When that began, by the clock of SQS, in seconds; None where that is not known.
        problem: Why there may be more, in words for a person; None where nothing went wrong.
    """

    messages: list[Message] = field(default_factory=list)
    at: float | None = None
    problem: str | None = None


class Announcements:
    """A queue of SQS that S3 sends its notifications to."""

    def __init__(
        self, queue: str, *, hidden: int = SECONDS_HIDDEN, wait: int = SECONDS_TO_WAIT, client: Any = None
    ) -> None:
        """Names the queue; nothing is asked of it yet.

        Args:
            queue: Its URL.
            hidden: Seconds for which a received message stays hidden.
            wait: Seconds to wait for a message where there is none.
            client: A client for SQS; made from what boto3 finds in the surroundings where None.
        """
        self.queue = queue
        self._hidden = hidden
        self._wait = wait
        self._client = LazyClient(SQS, lambda: client or _client(queue))

    def __repr__(self) -> str:
        return f"Announcements({self.queue!r})"

    def receive(self) -> Received:
        """Receives what waits, up to 1,000 messages and some seconds; what is left is for the next time."""
        received = Received()
        seen: set[str] = set()
        end = time.monotonic() + _MAX_SECONDS
        try:
            while len(received.messages) < _MAX_MESSAGES and time.monotonic() < end:
                answer = self._ask("receive from", "sqs:ReceiveMessage", self._receive_some)
                if received.at is None:
                    received.at = _date(answer)
                # SQS may give the same message twice.
                new = [entry for entry in answer.get("Messages", []) if entry.get("MessageId", "") not in seen]
                if not new:
                    break
                seen.update(entry.get("MessageId", "") for entry in new)
                received.messages += map(_message, new)
        except LakeError as error:
            received.problem = str(error)
        return received

    def delete(self, messages: Sequence[Message]) -> str | None:
        """Deletes messages.

        Returns:
            Why some of them may come again, in words for a person; None where all are deleted.
        """
        refused: set[str] = set()
        try:
            for start in range(0, len(messages), _A_REQUEST):
                some = messages[start : start + _A_REQUEST]
                answer = self._ask("delete from", "sqs:DeleteMessage", partial(self._delete_some, some))
                refused.update(str(entry.get("Code")) for entry in answer.get("Failed", []))
        except LakeError as error:
            return str(error)
        return f"the queue {self.queue} did not delete all messages ({', '.join(sorted(refused))})" if refused else None

    def _receive_some(self, client: Any) -> dict[str, Any]:
        return client.receive_message(
            QueueUrl=self.queue,
            MaxNumberOfMessages=_A_REQUEST,
            WaitTimeSeconds=self._wait,
            VisibilityTimeout=self._hidden,
            MessageSystemAttributeNames=["SentTimestamp"],
        )

    def _delete_some(self, messages: Sequence[Message], client: Any) -> dict[str, Any]:
        entries = [{"Id": str(number), "ReceiptHandle": message.receipt} for number, message in enumerate(messages)]
        return client.delete_message_batch(QueueUrl=self.queue, Entries=entries)

    def _ask(self, doing: str, permission: str, ask: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Makes one request.

        Raises:
            LakeError: It failed; the message names the queue and the permission.
        """
        doing, place = f"{doing} {self.queue}", f"queue {self.queue.rpartition('/')[2]!r}"
        with self._client.asking(doing, place, permission, "SPARKIFY_EVENTS_QUEUE") as client:
            answer = ask(client)
        # A proxy's page for logging in must not look like a queue with nothing in it.
        if "json" not in _headers(answer).get("content-type", ""):
            raise LakeError(
                f"cannot {doing}: what {self._client.endpoint} answers is not SQS. Check SPARKIFY_EVENTS_QUEUE"
            )
        return answer


def _client(queue: str) -> Any:
    # The URL says where the queue is, whatever region and endpoint the lake has.
    named = _REGION.search(queue)
    region = named[1] if named else configured_region() or "us-east-1"
    parts = urlsplit(queue)
    return make_client(SQS, region=region, endpoint=f"{parts.scheme}://{parts.netloc}")


def _message(entry: dict[str, Any]) -> Message:
    try:
        sent = int(entry["Attributes"]["SentTimestamp"]) / 1000
    except (KeyError, ValueError):  # stores that are only like SQS
        sent = None
    return Message(entry["ReceiptHandle"], sent, announced_objects(entry.get("Body", "")))


def _headers(answer: dict[str, Any]) -> dict[str, str]:
    return answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})


def _date(answer: dict[str, Any]) -> float | None:
    try:
        date = parsedate_to_datetime(_headers(answer)["date"])
    except (KeyError, ValueError):
        return None
    return date.timestamp() if date.tzinfo else None
