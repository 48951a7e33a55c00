"""What a notification of S3 says.

What belongs here: from the text of a message to the objects that it tells of, in each of the forms in which S3's
notifications reach a queue: straight from S3, by way of SNS, and from EventBridge. What does not: queues, and whose
objects these are.

Whoever may write to the queue writes these texts: nothing of them is believed but which object to look at.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

# What changes a listing. Tags, rights and storage classes do not.
_EVENTS = ("ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:")
_EVENTBRIDGE_EVENTS = frozenset({"Object Created", "Object Deleted"})


class StoredObject(NamedTuple):
    """An object that a notification tells of; it need not be there."""

    bucket: str
    key: str


def announced_objects(body: str) -> list[StoredObject] | None:
    """Gives the objects that a message says came, changed or went.

    Args:
        body: The message; any text.

    Returns:
        The objects, none where the message tells of something else (such as the test that S3 sends to a new queue), or
        None if it is no notification of S3 at all.
    """
    message = _parsed(body)
    # SNS wraps the notification, unless it is told to deliver it raw.
    if message.get("Type") == "Notification" and isinstance(message.get("Message"), str):
        message = _parsed(message["Message"])
    if isinstance(message.get("Records"), list):
        return [*_from_s3(message["Records"])]
    if message.get("Event") == "s3:TestEvent":
        return []
    if message.get("source") == "aws.s3" and "detail-type" in message:
        return [*_from_eventbridge(message)]
    return None


def _parsed(text: str) -> dict[str, Any]:
    """A JSON object; an empty one in place of anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _from_s3(records: list[Any]) -> Iterator[StoredObject]:
    for record in records:
        if str(_at(record, "eventName")).removeprefix("s3:").startswith(_EVENTS):
            bucket, key = _at(record, "s3", "bucket", "name"), _at(record, "s3", "object", "key")
            if isinstance(bucket, str) and isinstance(key, str):
                # As in a form: "+" is a blank, and a plus sign is "%2B".
                yield StoredObject(bucket, unquote_plus(key))


def _from_eventbridge(message: dict[str, Any]) -> Iterator[StoredObject]:
    bucket, key = _at(message, "detail", "bucket", "name"), _at(message, "detail", "object", "key")
    if str(message["detail-type"]) in _EVENTBRIDGE_EVENTS and isinstance(bucket, str) and isinstance(key, str):
        # EventBridge gives the key as it is.
        yield StoredObject(bucket, key)


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
