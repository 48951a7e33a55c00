"""A topic of SNS, and by it mail, text messages, on-call services.

What belongs here: writing an alert as a message of SNS, and publishing it. What doesn't: the alert, and the client.
"""

from functools import partial

from sparkify_dagster.alerts.alert import Alert
from sparkify_dagster.aws.clients import LazyClient, make_client
from sparkify_dagster.aws.services import SNS

_LONGEST_SUBJECT = 100


class SnsChannel:
    """A topic of SNS."""

    name = "sns"

    def __init__(self, topic: str) -> None:
        """Names the topic by its ARN; nothing is asked of it yet."""
        self._topic = topic
        # The ARN says where the topic is, whatever region the lake has.
        self._client = LazyClient(SNS, partial(make_client, SNS, region=topic.split(":")[3]))

    def send(self, alert: Alert) -> None:
        """Publishes it.

        Raises:
            SparkifyError: SNS did not take it, or nobody knows; the message names the topic and the permission.
        """
        place = f"topic {self._topic.rpartition(':')[2]!r}"
        with self._client.asking(f"publish to {self._topic}", place, "sns:Publish", "SPARKIFY_SNS_TOPIC") as client:
            client.publish(TopicArn=self._topic, Subject=sns_subject(alert), Message=sns_message(alert))


def sns_subject(alert: Alert) -> str:
    """What SNS takes as a subject: a line of at most 100 characters of ASCII."""
    text = f"Sparkify {alert.severity}: {alert.title}".encode("ascii", errors="replace").decode("ascii")
    return text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 3]}..."


def sns_message(alert: Alert) -> str:
    """An alert as plain text."""
    return "\n".join([alert.title, *alert.lines, *([alert.link] if alert.link else [])])
