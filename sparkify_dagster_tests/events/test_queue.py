"""The queue: its bounds, and what is said where it does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from sparkify_dagster.events import Announcements, queue
from sparkify_dagster_tests.events.announced import Bucket
from sparkify_dagster_tests.events.conftest import SECRET
from sparkify_dagster_tests.listening import listening


@contextmanager
def answering(status: int, body: bytes, kind: str = "application/x-amz-json-1.0") -> Iterator[str]:
    """Runs a server that gives one answer to everything; gives a queue's URL on it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as address:
        yield f"{address}/123456789012/news"


def problem(url: str) -> str:
    received = Announcements(url, wait=0).receive()
    assert received.messages == []
    assert received.problem is not None
    assert "\n" not in received.problem
    assert SECRET not in received.problem
    return received.problem


def test_all_messages_come_and_once(bucket: Bucket) -> None:
    for number in range(25):
        bucket.put(f"log_data/2018/11/{number}.json")

    received = Announcements(bucket.queue, wait=0).receive()

    keys = {stored.key for message in received.messages for stored in message.objects or []}
    assert len(received.messages) == len(keys) == 25
    assert received.problem is None


def test_the_clock_of_the_queue_comes_with_the_messages(bucket: Bucket) -> None:
    bucket.put("log_data/2018/11/a.json")

    received = Announcements(bucket.queue, wait=0).receive()

    (message,) = received.messages
    assert received.at is not None
    assert message.sent is not None
    assert -1 <= received.at - message.sent <= 5


def test_what_is_deleted_is_gone_and_what_is_not_is_hidden_for_a_while(bucket: Bucket) -> None:
    for number in range(12):
        bucket.put(f"log_data/2018/11/{number}.json")
    reader = Announcements(bucket.queue, wait=0)
    received = reader.receive()

    assert reader.delete(received.messages[:11]) is None

    assert bucket.waiting() == 1
    assert reader.receive().messages == []


def test_a_visit_is_bounded(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_MAX_MESSAGES", 20)
    for number in range(45):
        bucket.put(f"log_data/2018/11/{number}.json")
    reader = Announcements(bucket.queue, wait=0)

    assert [len(reader.receive().messages) for _ in range(4)] == [20, 20, 5, 0]


def test_a_queue_that_is_not_there_is_named_with_its_setting(bucket: Bucket) -> None:
    said = problem(f"{bucket.queue}-gone")

    assert f"{bucket.name}-gone" in said
    assert "SPARKIFY_EVENTS_QUEUE" in said


def test_a_forbidden_queue_is_named_with_the_permission() -> None:
    body = b'{"__type": "com.amazon.coral.service#AccessDeniedException", "message": "not you"}'
    for status in (400, 403):
        with answering(status, body) as url:
            said = problem(url)
            assert "the permission sqs:ReceiveMessage on queue 'news'" in said
            assert "not you" in said


def test_a_place_that_is_no_queue_is_said_in_one_line() -> None:
    for status, body in [(404, b""), (200, b"<html>Log in</html>")]:
        with answering(status, body, "text/html") as url:
            assert "SPARKIFY_EVENTS_QUEUE" in problem(url)


def test_a_place_where_nobody_answers_is_said_in_one_line() -> None:
    assert "takes no connection. Check the endpoint (SPARKIFY_EVENTS_QUEUE)" in problem("http://127.0.0.1:9/1/news")


def test_deleting_that_is_forbidden_is_said_and_does_not_raise(bucket: Bucket) -> None:
    bucket.put("log_data/2018/11/a.json")
    messages = Announcements(bucket.queue, wait=0).receive().messages
    body = b'{"__type": "com.amazon.coral.service#AccessDeniedException", "message": "not you"}'

    with answering(403, body) as url:
        said = Announcements(url).delete(messages)

    assert "sqs:DeleteMessage" in (said or "")


def test_messages_that_the_queue_keeps_are_said() -> None:
    body = b'{"Successful": [], "Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": false}]}'
    with answering(200, body) as url:
        said = Announcements(url).delete([queue.Message("receipt", None, [])])

    assert "InternalError" in (said or "")


def test_the_region_is_that_of_the_url() -> None:
    for url, region in [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/news", "eu-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/news", "cn-north-1"),
        ("https://vpce-0a.sqs.eu-central-1.vpce.amazonaws.com/123456789012/news", "eu-central-1"),
        ("http://127.0.0.1:4566/000000000000/news", "us-east-1"),
    ]:
        assert queue._client(url).meta.region_name == region
