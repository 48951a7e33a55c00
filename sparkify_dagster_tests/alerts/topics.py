"""A topic of SNS on this machine, and what comes out of it.

What belongs here: the topic, and the queue that listens to it. What doesn't: what the platform publishes.
"""

import json
import uuid
from typing import Any

from boto3.session import Session

REGION = "eu-west-1"
"""Another one than that of the surroundings."""


class Topic:
    """A topic, and a queue that is subscribed to it."""

    def __init__(self, endpoint: str) -> None:
        session = Session("AKIAPLANTEDBYTESTS", "secret", region_name=REGION)
        sns: Any = session.client("sns", endpoint_url=endpoint)
        self._sqs: Any = session.client("sqs", endpoint_url=endpoint)
        self.name = f"alerts-{uuid.uuid4().hex[:12]}"
        self.arn = sns.create_topic(Name=self.name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=self.name)["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=asked["Attributes"]["QueueArn"])

    def received(self) -> list[tuple[str, str]]:
        """Subject and text of the messages that came since."""
        told: list[tuple[str, str]] = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                body = json.loads(message["Body"])
                told.append((body["Subject"], body["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return told
