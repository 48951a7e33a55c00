"""The targets: functions from any bytes to nothing, which raise where a promise is broken.

What belongs here: the promises of whatever takes bytes from elsewhere, without a warehouse. What doesn't: the bytes
(``inputs``), and the target that asks DuckDB (``two_paths``).
"""

import json
import os
import posixpath
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote_plus

from sparkify_dagster.events import StoredObject, announced_objects
from sparkify_dagster.lake import S3Lake
from sparkify_dagster.lake.keys import (
    LOG_PART,
    SONG_PART,
    check_month,
    is_data,
    is_month,
    is_safe,
    is_song,
    month_of,
    months_between,
    next_month,
)
from sparkify_dagster.loading.records import GoodRecord, RecordValidator, Rejected
from sparkify_dagster.loading.validation import (
    ValidatedFile,
    is_good_line,
    unknown_fields,
    validate_document,
    validate_lines,
)
from sparkify_dagster.showing import printable, without_login
from sparkify_dagster.tables import catalog
from sparkify_dagster_tests.fuzzing.files import BYTE_ORDER_MARK, made, records_of
from sparkify_dagster_tests.fuzzing.rules import Rules

MOST_CHARACTERS_OF_A_REASON = 600

_TABLES = {LOG_PART: catalog()["staging_events"], SONG_PART: catalog()["staging_songs"]}
_VALIDATORS = {part: RecordValidator(table, part) for part, table in _TABLES.items()}
_RULES = {part: Rules(table, part) for part, table in _TABLES.items()}
_LAKE = S3Lake(lambda: None, "s3://lake/raw/log_data", "s3://lake/raw/song_data", "the lake")


def check_record(raw: bytes) -> None:
    """A record is taken with exactly the values that it has, or rejected for a reason that fits on a line."""
    for part, validator in _VALIDATORS.items():
        found = _outcome(validator, raw)
        again = _outcome(validator, raw)
        assert found == again, "the same bytes are read in two ways"
        expected = _RULES[part].expected(raw)
        if isinstance(found, str):
            assert 0 < len(found) <= MOST_CHARACTERS_OF_A_REASON, f"a reason of {len(found):,} characters"
            _assert_fit_to_be_shown(found)
            assert expected is None or expected.deep, f"rejected without need: {found}"
            continue
        assert expected is not None, f"taken, though it is no good record of {part}: {found}"
        assert _exactly(found.values) == _exactly(expected.values)
        assert found.unknown_fields == expected.unknown


def check_file(data: bytes) -> None:
    """Of a file, records = loaded + rejected, each with its line and its bytes; a part of a cut gzip never counts."""
    file = made(data)
    kept: list[GoodRecord] = []
    path = _scratch() / "file.json"
    path.write_bytes(file.stored)
    outcome = validate_lines(path, _VALIDATORS[LOG_PART], kept.append)
    _assert_broken_as(outcome, file.whole)
    document: list[GoodRecord] = []
    song = validate_document(file.stored, _VALIDATORS[SONG_PART], document.append)
    assert song.loaded == len(document)
    assert (song.broken is None) == (outcome.broken is None), "lines and documents are unpacked in two ways"
    if outcome.broken or (file.whole is None and file.stored == file.text):
        # Nobody says what is in it.
        return
    records = records_of(file.text)
    _assert_accounted_for(outcome, kept, records)
    assert [is_good_line(raw, _VALIDATORS[LOG_PART]) for _, raw in records] == [
        line not in {found.line for found in outcome.rejected} for line, _ in records
    ]
    text = file.text.removeprefix(BYTE_ORDER_MARK).strip(b" \t\r\n\v\f")
    assert song.records == bool(text)
    if text:
        assert song.loaded == isinstance(_outcome(_VALIDATORS[SONG_PART], text), GoodRecord)
        assert [(found.line, found.raw) for found in song.rejected] == ([] if song.loaded else [(1, text)])
    seen = unknown_fields(file.text, frozenset(_TABLES[LOG_PART].keys_of(LOG_PART)))
    assert outcome.rejected or seen <= outcome.unknown_fields, "a field is said to be unknown that is none"


def check_key(data: bytes) -> None:
    """No key raises; what is accepted lies below its folder, and what is shown of any is one line."""
    key = _any_text(data)
    month = month_of(key)
    assert month == _month_by_hand(key)
    assert month is None or (is_month(month) and not is_song(key))
    assert is_data(key) == (month is not None or is_song(key))
    assert is_safe(key) or not is_data(key)
    if is_safe(key):
        joined = posixpath.join("/lake", key)
        assert posixpath.normpath(joined) == joined, "the key leads elsewhere"
        assert printable(key) == key
    shown = printable(key)
    _assert_fit_to_be_shown(shown)
    assert printable(shown) == shown
    bare = without_login(key)
    assert without_login(bare) == bare, "of an address, a part of the login is still shown"
    _check_month(key)


def check_notification(data: bytes) -> None:
    """No message raises; one that S3 could have sent names its object; nothing else is believed."""
    text = _any_text(data)
    found = announced_objects(text)
    assert found == announced_objects(text)
    for stored in found or []:
        month = _LAKE.log_month_at(stored.bucket, stored.key)
        assert month is None or (is_month(month) and stored.bucket == "lake")
    if any("\ud800" <= character <= "\udfff" for character in text):
        # S3 has no such keys.
        return
    for message in _messages(text):
        assert announced_objects(json.dumps(message)) == [StoredObject("lake", text)]


def _outcome(validator: RecordValidator, raw: bytes) -> GoodRecord | str:
    try:
        return validator.validate(raw)
    except Rejected as rejection:
        return str(rejection)


def _exactly(values: dict[str, Any]) -> dict[str, tuple[type, object]]:
    """Tells 1 from 1.0."""
    return {name: (type(value), value) for name, value in values.items()}


def _assert_fit_to_be_shown(text: str) -> None:
    strange = {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}}
    assert not strange, f"what is shown holds {sorted(map(ascii, strange))}"


def _assert_broken_as(outcome: ValidatedFile, whole: bool | None) -> None:
    if whole is not None:
        assert (outcome.broken is None) == whole
    if outcome.broken is not None:
        _assert_fit_to_be_shown(outcome.broken)


def _assert_accounted_for(
    outcome: ValidatedFile, kept: Sequence[GoodRecord], records: Sequence[tuple[int, bytes]]
) -> None:
    expected = {line: _RULES[LOG_PART].expected(raw) for line, raw in records}
    rejected = {found.line: found.raw for found in outcome.rejected}
    assert outcome.loaded == len(kept)
    assert outcome.records == len(records)
    bad = {line: raw for line, raw in records if expected[line] is None}
    too_deep = {line: raw for line, raw in records if line in rejected and (good := expected[line]) and good.deep}
    assert rejected == bad | too_deep
    assert list(rejected) == sorted(rejected)
    good = [good for line, good in expected.items() if good is not None and line not in rejected]
    assert [_exactly(found.values) for found in kept] == [_exactly(one.values) for one in good]
    assert outcome.unknown_fields == {name for one in good for name in one.unknown}


def _any_text(data: bytes) -> str:
    # As Python reads the names of files that are not UTF-8.
    return data.decode("utf-8", "surrogateescape")


def _month_by_hand(key: str) -> str | None:
    part, *folders = key.split("/")
    if part != "log_data" or len(folders) < 3 or not key.removesuffix(".gz").endswith(".json"):
        return None
    year, month, *below = folders
    if any(not segment or segment[0] in "._" for segment in below):
        return None
    if any(letter == "\\" or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in key):
        return None
    numbers = (year, 4, 1970, 9999), (month, 2, 1, 12)
    right = all(
        text.isascii() and text.isdecimal() and len(text) == length and first <= int(text) <= last
        for text, length, first, last in numbers
    )
    return f"{year}-{month}" if right else None


def _check_month(text: str) -> None:
    try:
        assert check_month(text) == text
        assert months_between(text, text) == [text]
        assert months_between(text, next_month(text)) == [text, next_month(text)]
    except ValueError as error:
        assert not is_month(text) or text == "9999-12"
        _assert_fit_to_be_shown(str(error))


def _messages(key: str) -> list[dict[str, Any]]:
    """What S3 sends of a key: straight, by way of SNS, and from EventBridge."""
    address = {"bucket": {"name": "lake"}, "object": {"key": quote_plus(key)}}
    straight = {"Records": [{"eventName": "ObjectCreated:Put", "s3": address}]}
    return [
        straight,
        {"Type": "Notification", "Message": json.dumps(straight)},
        {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": "lake"}, "object": {"key": key}},
        },
    ]


@cache
def _folder() -> "TemporaryDirectory[str]":
    # In memory, where there is some: a file is written for each input.
    memory = "/dev/shm"
    return TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)


def _scratch() -> Path:
    return Path(_folder().name)
