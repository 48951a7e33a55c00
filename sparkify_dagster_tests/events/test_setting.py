"""The setting that names the queue."""

from pathlib import Path

import pytest

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings import read_settings


@pytest.mark.parametrize(
    "url",
    ["https://sqs.eu-west-1.amazonaws.com/123456789012/name", "http://127.0.0.1:4566/000000000000/news.fifo"],
)
def test_a_queue_is_taken_for_a_lake_on_s3_and_for_no_other(url: str, tmp_path: Path) -> None:
    assert read_settings({"SPARKIFY_LAKE": "s3://bucket", "SPARKIFY_EVENTS_QUEUE": url}, tmp_path).events_queue == url
    assert read_settings({"SPARKIFY_LAKE": "s3://bucket", "SPARKIFY_EVENTS_QUEUE": ""}, tmp_path).events_queue is None
    with pytest.raises(SettingsError, match="SPARKIFY_EVENTS_QUEUE announces files of S3"):
        read_settings({"SPARKIFY_EVENTS_QUEUE": url}, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "news",
        "arn:aws:sqs:eu-west-1:123456789012:news",
        "sqs://news",
        "https://sqs.eu-west-1.amazonaws.com",
        "https://sqs.eu-west-1.amazonaws.com/",
        "https://user:planted@sqs.eu-west-1.amazonaws.com/123456789012/news",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/news\n",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/news?x=planted",
    ],
)
def test_what_is_no_url_of_a_queue_is_refused_in_one_line_and_not_repeated(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SPARKIFY_EVENTS_QUEUE") as refusal:
        read_settings({"SPARKIFY_LAKE": "s3://bucket", "SPARKIFY_EVENTS_QUEUE": text}, tmp_path)

    assert "\n" not in str(refusal.value)
    assert "planted" not in str(refusal.value)
