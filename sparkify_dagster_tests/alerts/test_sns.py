"""SNS: what arrives, what it is ready to take, and what is said where it does not answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.alerts.alert import Alert, make_alert
from sparkify_dagster.alerts.sns import SnsChannel, sns_message, sns_subject
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster_tests.alerts.topics import REGION, Topic

ALERT = Alert("load_logs 2018-11: 1 file refused", ("log_data/ä.json: refused",), "error", "https://ui.example.org/1")


def test_a_message_arrives_wherever_the_lake_is(topic: Topic) -> None:
    SnsChannel(topic.arn).send(ALERT)

    assert f":{REGION}:" in topic.arn
    assert topic.received() == [
        (
            "Sparkify error: load_logs 2018-11: 1 file refused",
            "load_logs 2018-11: 1 file refused\nlog_data/ä.json: refused\nhttps://ui.example.org/1",
        )
    ]


def test_a_topic_that_is_not_there_is_named_with_its_setting_and_permission(topic: Topic) -> None:
    with pytest.raises(SparkifyError) as caught:
        SnsChannel(f"{topic.arn}-gone").send(ALERT)

    said = str(caught.value)
    assert "\n" not in said
    assert f"cannot publish to {topic.arn}-gone: SNS at " in said
    assert "SPARKIFY_SNS_TOPIC" in said
    assert "sns:Publish" in said


def test_a_place_where_nobody_answers_is_said(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:9")

    with pytest.raises(SparkifyError, match=r"takes no connection. Check the endpoint \(AWS_ENDPOINT_URL_SNS\)"):
        SnsChannel(topic.arn).send(ALERT)


@given(st.text(), st.lists(st.text(), max_size=40))
def test_every_text_makes_a_subject_and_a_message_that_sns_takes(title: str, lines: list[str]) -> None:
    alert = make_alert(title, lines, "warning")

    subject = sns_subject(alert)
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
    assert len(sns_message(alert).encode()) < 256 * 1024
