"""Places to keep a lake in while tests run: both kinds can be filled in the same way.

What belongs here: putting files into places, and servers that stand in for S3. What does not: fixtures and tests.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sparkify_dagster.aws.clients import client_config
from sparkify_dagster.aws.services import S3
from sparkify_dagster.lake import FolderLake, Lake, S3Lake
from sparkify_dagster_tests.listening import listening

NOVEMBER = "log_data/2018/11/2018-11-01-events.json"
SONG = "song_data/A/B/C/TRABCEI128F424C983.json"

_clock = count(1)
_shared: dict[str, Any] = {}


class Place(Protocol):
    """A lake, and a way to change what it holds behind its back."""

    lake: Lake

    def put(self, key: str, content: bytes = b"{}") -> None: ...
    def delete(self, key: str) -> None: ...


class FolderPlace:
    """A lake in folders whose names are not those of the parts."""

    def __init__(self, root: Path) -> None:
        self.logs = root / "somewhere" / "events"
        self.songs = root / "elsewhere"
        self.lake: Lake = FolderLake(self.logs, self.songs, "the test's folder")

    def path(self, key: str) -> Path:
        part, _, rest = key.partition("/")
        return {"log_data": self.logs, "song_data": self.songs}[part] / rest

    def put(self, key: str, content: bytes = b"{}") -> None:
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        # Each write at a time of its own: two within a tick of the file system's clock would look like one.
        moment = 1_600_000_000_000_000_000 + next(_clock)
        os.utime(path, ns=(moment, moment))

    def delete(self, key: str) -> None:
        self.path(key).unlink()


class S3Place:
    """A lake in one bucket, under prefixes whose names are not those of the parts."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        """A lake in a bucket that is made for it; with a prefix, in one that is there."""
        self.client, self.bucket, self._prefix = client, bucket, prefix
        if not prefix:
            client.create_bucket(Bucket=bucket)
        self.lake: Lake = self.lake_with(client)

    def lake_with(self, client: Any) -> S3Lake:
        place = f"s3://{self.bucket}/{self._prefix}"
        return S3Lake(lambda: client, f"{place}raw/events", f"{place}songs/", "the test's S3")

    def s3_key(self, key: str) -> str:
        part, _, rest = key.partition("/")
        return self._prefix + {"log_data": "raw/events/", "song_data": "songs/"}[part] + rest

    def put(self, key: str, content: bytes = b"{}") -> None:
        self.client.put_object(Bucket=self.bucket, Key=self.s3_key(key), Body=content)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.s3_key(key))

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.bucket, Key=self.s3_key(key))["Body"].read()

    def empty(self) -> None:
        """Deletes all objects."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._prefix):
            for entry in page.get("Contents", []):
                self.client.delete_object(Bucket=self.bucket, Key=entry["Key"])


def make_client(endpoint: str, attempts: int = 2) -> Any:
    """Makes a real client as the platform would, for a server of the tests."""
    import botocore.session
    from boto3.session import Session

    session = botocore.session.Session()
    # The description of S3's interface is read once for all clients: it takes longer than most of the tests.
    _shared.setdefault("data_loader", session.get_component("data_loader"))
    session.register_component("data_loader", _shared["data_loader"])
    return Session(botocore_session=session).client("s3", endpoint_url=endpoint, config=client_config(S3, attempts))


@dataclass
class Answer:
    """What a server says; ``promised`` is the content's length in bytes if that is to be a lie."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    promised: int | None = None
    seconds: float = 0


def refusal(status: int, code: str, message: str = "no") -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


def listing(*keys: str, token: str | None = None) -> Answer:
    """Gives a page of a listing; with a token, one that says there are more."""
    contents = "".join(f'<Contents><Key>{key}</Key><ETag>"e"</ETag><Size>2</Size></Contents>' for key in keys)
    more = f"<IsTruncated>{'true' if token is not None else 'false'}</IsTruncated>"
    more += f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return Answer(body=f"<ListBucketResult>{contents}{more}</ListBucketResult>".encode())


@dataclass
class Script:
    """A server whose answers are written beforehand."""

    endpoint: str
    requests: list[str]

    def lake(self, attempts: int = 2) -> S3Lake:
        return S3Lake(
            lambda: make_client(self.endpoint, attempts), "s3://lake/log_data", "s3://lake/song_data", "s3://lake"
        )


@contextmanager
def serving(answer: Callable[[int], Answer]) -> Iterator[Script]:
    """Runs a server on this machine; ``answer`` says what it gives to the request with this number (from 0)."""
    requests: list[str] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with lock:
                requests.append(f"{self.command} {self.path}")
                told = answer(len(requests) - 1)
            time.sleep(told.seconds)
            self.send_response(told.status)
            for name, value in told.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body) if told.promised is None else told.promised))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told.body)
            if told.promised is not None:
                self.close_connection = True

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as address:
        yield Script(address, requests)


def in_turn(*answers: Answer) -> Callable[[int], Answer]:
    """Gives the answers one after the other, and the last of them from then on."""
    return lambda number: answers[min(number, len(answers) - 1)]
