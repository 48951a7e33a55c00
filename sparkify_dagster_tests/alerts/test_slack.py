"""Slack: what arrives, what is said where it does not, and that the webhook stays a secret."""

import logging
import socket
import time
import traceback

import pytest

from sparkify_dagster.alerts import Alert, slack
from sparkify_dagster.alerts.slack import SlackChannel, slack_text
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Secret
from sparkify_dagster_tests.alerts.receiver import TOKEN, Receiver, Reply

ALERT = Alert("load_logs 2018-11: failed", ("staging_events: no lake",), "error", "https://ui.example.org/runs/1")
TEXT = ":red_circle: *load_logs 2018-11: failed*\nstaging_events: no lake\n<https://ui.example.org/runs/1|Look into it>"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts are none."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.5)))


def send(receiver: Receiver) -> None:
    SlackChannel(Secret(receiver.url)).send(ALERT)


def refused(url: str) -> str:
    """What is said where it is not taken, in which no part of the secret is."""
    with pytest.raises(SparkifyError) as caught:
        SlackChannel(Secret(url)).send(ALERT)
    said = str(caught.value)
    everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "PLANTED" not in everything
    assert "planted" not in everything
    assert "\n" not in said
    return said


def test_a_message_arrives_as_it_was_meant(receiver: Receiver) -> None:
    send(receiver)

    assert receiver.messages == [{"text": TEXT, "unfurl_links": False, "unfurl_media": False}]


@pytest.mark.parametrize("passing", [Reply(500, ""), Reply(503, ""), Reply(closes=True)])
def test_what_passes_in_a_moment_is_tried_again_at_once(receiver: Receiver, passing: Reply) -> None:
    receiver.replies = [passing]

    send(receiver)

    assert receiver.requests == 2
    assert receiver.texts == [TEXT]


@pytest.mark.parametrize(
    ("reply", "requests", "words"),
    [
        (Reply(500, "Cannot POST {path}"), 2, "did not take the message: it answers 500"),
        (Reply(429, "", (("Retry-After", "3600"),)), 1, "asks for a pause (429)"),
        (Reply(404, "no_service"), 1, "it answers 404 no_service. Check that the webhook of SPARKIFY_SLACK_WEBHOOK is"),
        (Reply(404, "Cannot POST {path}"), 1, "it answers 404. Check that the webhook of SPARKIFY_SLACK_WEBHOOK is"),
        (Reply(307, "", (("Location", "http://127.0.0.1:9/"),)), 1, "it answers 307"),
        (Reply(200, "<html>Log in, and go to {path}</html>"), 1, "what answers is not Slack"),
        (Reply(400, "\udcff", (("Content-Type", "text/plain; charset=nonsense"),)), 1, "made no sense (LookupError)"),
        (Reply(closes=True), 2, "the connection broke off"),
    ],
)
def test_a_message_that_is_not_taken_is_said_in_one_line_without_the_secret(
    receiver: Receiver, reply: Reply, requests: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.always = reply if reply.body != "\udcff" else Reply(400, "?", reply.headers)

    assert words in refused(receiver.url)

    assert receiver.requests == requests
    assert not caplog.records


def test_a_receiver_that_does_not_answer_is_not_waited_for(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack, "SECONDS_TO_WAIT", 0.1)
    receiver.always = Reply(seconds=0.4)

    assert "no answer within 0.1 s" in refused(receiver.url)


def test_a_place_where_nobody_listens_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        said = refused(f"http://127.0.0.1:{taken.getsockname()[1]}/services/{TOKEN}")

    assert "Connection refused. Check SPARKIFY_SLACK_WEBHOOK" in said


def test_a_certificate_that_is_not_trusted_is_said(receiver: Receiver) -> None:
    # What listens there speaks no TLS at all.
    assert "SSL_CERT_FILE" in refused(receiver.url.replace("http://", "https://"))


def test_the_proxy_of_the_surroundings_is_not_asked_where_no_proxy_says_so(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    send(receiver)

    assert receiver.texts == [TEXT]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> & <https://evil.example|mend it>", "&lt;!channel&gt; &amp; &lt;https://evil.example|mend it&gt;"),
        ("@here @Channel @everyone @all", "@\u200bhere @\u200bChannel @\u200beveryone @\u200ball"),
        ("a@allies.example", "a@allies.example"),
    ],
)
def test_no_text_is_markup_or_calls_anybody(text: str, shown: str) -> None:
    assert slack_text(Alert(text, (text,), "warning")) == f":warning: *{shown}*\n{shown}"


def test_nothing_shows_the_webhook() -> None:
    channel = SlackChannel(Secret(f"https://hooks.slack.com/services/{TOKEN}"))

    assert "planted" not in repr(channel) + str(vars(channel))
