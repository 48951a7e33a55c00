"""A platform on a bucket that tells a queue what comes, whose log sensor is ticked by hand.

What belongs here: that platform, its bucket and its queue. What does not: fixtures and tests.
"""

import json
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from boto3.session import Session

from sparkify_dagster.building.build import BuildRequest, build
from sparkify_dagster.events import Announcements
from sparkify_dagster.lake import Lake, open_lake
from sparkify_dagster.loading.load import LoadRequest, load
from sparkify_dagster.resources.announcements import AnnouncementsResource, SqsAnnouncementsResource
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import warehouse_resource
from sparkify_dagster.sensors import logs
from sparkify_dagster.sensors.listing import Tour
from sparkify_dagster.settings import read_settings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse


def aws_clients(endpoint: str) -> tuple[Any, Any]:
    """Clients for S3 and SQS."""
    session = Session("AKIAPLANTEDBYTESTS", "secret", region_name="us-east-1")
    return session.client("s3", endpoint_url=endpoint), session.client("sqs", endpoint_url=endpoint)


@cache
def _instance() -> dg.DagsterInstance:
    # Nothing of a tick is kept in it: one does for all tests.
    return dg.DagsterInstance.ephemeral()


class Paged:
    """The client of a bucket, whose listings have pages as small as the bucket says."""

    def __init__(self, bucket: "Bucket") -> None:
        self._bucket = bucket

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket.s3, name)

    def list_objects_v2(self, **question: Any) -> dict[str, Any]:
        return self._bucket.s3.list_objects_v2(**{"MaxKeys": self._bucket.page, **question})


def lake_on(bucket: "Bucket") -> LakeResource:
    """The lake of a bucket, through a client that is there: to make one takes longer than a tick."""

    class OnBucket(LakeResource):
        def get(self) -> Lake:
            return open_lake(self.logs, self.songs, self.location, lambda: Paged(bucket))

    place = f"s3://{bucket.name}/raw"
    return OnBucket(logs=f"{place}/log_data", songs=f"{place}/song_data", location=place)


def queue_of(bucket: "Bucket") -> AnnouncementsResource:
    """The queue of a bucket, through a client that is there; messages come again at once, and not after a minute."""

    class OfBucket(AnnouncementsResource):
        def get(self) -> Announcements:
            return Announcements(bucket.queue, hidden=0, wait=0, client=bucket.sqs)

    return OfBucket()


class Bucket:
    """A bucket with a lake below "raw", and the queue that it tells of everything."""

    def __init__(self, s3: Any, sqs: Any) -> None:
        self.s3, self.sqs = s3, sqs
        self.page = 1000
        self.name = f"lake-{uuid.uuid4().hex}"
        s3.create_bucket(Bucket=self.name)
        self.queue = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        told = {"QueueArn": answer["Attributes"]["QueueArn"], "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
        s3.put_bucket_notification_configuration(
            Bucket=self.name, NotificationConfiguration={"QueueConfigurations": [told]}
        )
        self.empty_queue()

    def put(self, key: str, content: bytes = b"{}") -> None:
        self.s3.put_object(Bucket=self.name, Key=f"raw/{key}", Body=content)

    def log(self, day: str, records: Sequence[dict[str, Any]]) -> None:
        """Writes the log file of a day."""
        lines = "".join(f"{json.dumps(record)}\n" for record in records)
        self.put(f"log_data/{day[:4]}/{day[5:7]}/{day}-events.json", lines.encode())

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.name, Key=f"raw/{key}")

    def send(self, *bodies: Any) -> None:
        """Puts messages into the queue; what is no text is sent as JSON."""
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=text)

    def empty_queue(self) -> None:
        """Deletes all messages; a real purge is allowed once a minute."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def waiting(self) -> int:
        """Messages in the queue, hidden or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)


class Announced:
    """The log sensor on such a lake."""

    def __init__(self, definitions: dg.Definitions, bucket: Bucket, warehouse: Path, queue: str | None = None) -> None:
        """Takes a queue's URL in place of that of the bucket's queue, which is then asked in earnest."""
        self.bucket, self.warehouse = bucket, warehouse
        environment = {
            "SPARKIFY_LAKE": f"s3://{bucket.name}/raw",
            "SPARKIFY_FIRST_MONTH": "2018-06",
            "SPARKIFY_EVENTS_QUEUE": queue or bucket.queue,
            "SPARKIFY_DUCKDB_PATH": str(warehouse),
        }
        self.settings = read_settings(environment, warehouse.parent)
        self.repository = definitions.get_repository_def()
        self.resources = {
            "lake": lake_on(bucket),
            "announcements": SqsAnnouncementsResource(queue=queue) if queue else queue_of(bucket),
            "warehouse_reader": warehouse_resource(self.settings, read_only=True),
        }
        self.cursor: str | None = None
        self.skipped = ""
        self.listed: list[str] = []

    def tick(self) -> list[dg.RunRequest]:
        """Ticks the sensor; returns the runs that it asks for."""
        self.listed = []
        with dg.build_sensor_context(
            instance=_instance(), cursor=self.cursor, repository_def=self.repository, resources=self.resources
        ) as context:
            data = self.repository.get_sensor_def("new_logs").evaluate_tick(context)
        self.cursor = data.cursor
        self.skipped = data.skip_message or ""
        return list(data.run_requests or [])

    def months(self) -> list[str]:
        """Ticks; gives the months that a run is asked for, sorted."""
        return sorted(str(request.partition_key) for request in self.tick())

    def remembered(self) -> dict[str, Any]:
        """What the sensor remembers."""
        return json.loads(self.cursor or "{}")

    def remember(self, **values: Any) -> None:
        """Makes the sensor remember something else."""
        self.cursor = json.dumps({**self.remembered(), **values})

    def load(self) -> None:
        """Loads what the lake holds."""
        lake = self.resources["lake"].get()
        warehouse = DuckDBWarehouse(self.warehouse)
        span = ("2018-06", "2019-12")
        load(LoadRequest("staging_events", "test", span), lake, warehouse)
        for table in ("songplays", "time"):
            build(BuildRequest(table, "test", span), warehouse)
        for table in ("users", "user_levels", "songs", "artists"):
            build(BuildRequest(table, "test"), warehouse)
        warehouse.close()

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keeps the months of which ticks list the end in ``listed``."""
        list_logs = logs.list_logs

        def noting(*arguments: Any) -> Tour:
            tour = list_logs(*arguments)
            self.listed = sorted([*tour.files, *tour.seen])
            return tour

        monkeypatch.setattr(logs, "list_logs", noting)
