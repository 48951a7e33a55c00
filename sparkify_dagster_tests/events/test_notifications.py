"""What messages say, in each of the forms in which they come, and that nothing in them does harm."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkify_dagster.events import StoredObject, announced_objects
from sparkify_dagster.lake import S3Lake

KEY = "raw/log_data/2018/11/a b+c'\"🎵.json"
ENCODED = "raw/log_data/2018/11/a+b%2Bc%27%22%F0%9F%8E%B5.json"


def s3_message(key: str, name: str = "ObjectCreated:Put", bucket: str = "lake") -> dict[str, Any]:
    return {"Records": [{"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]}


def eventbridge_message(key: str, kind: str = "Object Created") -> dict[str, Any]:
    detail = {"bucket": {"name": "lake"}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": kind, "detail": detail}


def sns_message(message: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "1", "Message": json.dumps(message)}


@pytest.mark.parametrize(
    "message",
    [
        s3_message(ENCODED),
        s3_message(ENCODED, "s3:ObjectCreated:CompleteMultipartUpload"),
        s3_message(ENCODED, "ObjectRemoved:DeleteMarkerCreated"),
        s3_message(ENCODED, "LifecycleExpiration:Delete"),
        eventbridge_message(KEY),
        eventbridge_message(KEY, "Object Deleted"),
        sns_message(s3_message(ENCODED)),
        sns_message(eventbridge_message(KEY)),
    ],
)
def test_each_form_of_message_names_the_object(message: dict[str, Any]) -> None:
    assert announced_objects(json.dumps(message)) == [StoredObject("lake", KEY)]


@pytest.mark.parametrize(
    "message",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "lake"},
        sns_message({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
        s3_message(ENCODED, "ObjectTagging:Put"),
        eventbridge_message(KEY, "Object Tags Added"),
        {"Records": []},
    ],
)
def test_messages_that_change_no_listing_name_nothing(message: dict[str, Any]) -> None:
    assert announced_objects(json.dumps(message)) == []


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", "null", '{"a": 1}', "[" * 100_000, "9" * 5_000, '{"Type": "Notification", "Message": "no"}'],
)
def test_anything_else_is_no_notification(text: str) -> None:
    assert announced_objects(text) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Records",
                    "eventName",
                    "s3",
                    "bucket",
                    "name",
                    "object",
                    "key",
                    "Type",
                    "Message",
                    "detail",
                    "detail-type",
                    "source",
                    "Event",
                ]
            ),
            inner | st.sampled_from(["Notification", "aws.s3", "ObjectCreated:Put", "Object Created", "%ff%zz+"]),
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON.map(json.dumps) | st.text() | st.binary().map(lambda content: content.decode("utf-8", "surrogateescape")))
def test_no_text_raises(text: str) -> None:
    lake = S3Lake(lambda: None, "s3://lake/raw/log_data", "s3://lake/raw/song_data", "the lake")

    for stored in announced_objects(text) or []:
        lake.log_month_at(*stored)


@pytest.mark.parametrize(
    ("bucket", "key", "month"),
    [
        ("lake", KEY, "2018-11"),
        ("lake", "raw/log_data/2018/11/a/b.json.gz", "2018-11"),
        ("other", KEY, None),
        ("lake", "log_data/2018/11/a.json", None),
        ("lake", "raw/log_data-old/2018/11/a.json", None),
        ("lake", "raw/song_data/2018/11/a.json", None),
        ("lake", "raw/log_data/2018/13/a.json", None),
        ("lake", "raw/log_data/2018/11/../12/a.json", None),
        ("lake", "raw/log_data/2018/11/_SUCCESS", None),
        ("lake", "", None),
    ],
)
def test_which_objects_are_log_files_of_the_lake(bucket: str, key: str, month: str | None) -> None:
    lake = S3Lake(lambda: None, "s3://lake/raw/log_data", "s3://lake/raw/song_data", "the lake")

    assert lake.log_month_at(bucket, key) == month
