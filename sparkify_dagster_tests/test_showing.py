"""What people are shown of texts that come from elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.showing import printable, without_login


@given(st.text())
def test_whatever_is_shown_of_a_key_is_one_line_that_can_be_written(key: str) -> None:
    shown = printable(key)
    shown.encode()
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)


def test_ordinary_keys_are_shown_as_they_are() -> None:
    assert printable("log_data/é 🎵.json") == "log_data/é 🎵.json"
    assert printable("a\nb\udcff") == "a\\x0ab\\udcff"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://someone:planted@127.0.0.1:9000/a", "http://127.0.0.1:9000/a"),
        ("s3://AKIA:planted@lake/logs and https://u:planted@there", "s3://lake/logs and https://there"),
        ("s3://lake/a@b.json", "s3://lake/a@b.json"),
        ("arn:aws:iam::1:user/x", "arn:aws:iam::1:user/x"),
    ],
)
def test_no_address_is_shown_with_a_login(text: str, shown: str) -> None:
    assert without_login(text) == shown
