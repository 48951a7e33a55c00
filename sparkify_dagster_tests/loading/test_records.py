"""What is a good record, rule by rule, and with what values.

What belongs here: one record's bytes, and the validator. What does not: files, lines, and the engine.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.loading.records import (
    LAST_TIMESTAMP_MS,
    MAX_RECORD_BYTES,
    GoodRecord,
    RecordValidator,
    Rejected,
)
from sparkify_dagster.showing import printable
from sparkify_dagster.tables import catalog
from sparkify_dagster_tests.lakes import EVENT, SONG, event
from sparkify_dagster_tests.loading.literals import (
    EVENTS,
    INVALID_LITERALS,
    NUMBERLIKE_TEXTS,
    record,
    texts_around,
    without,
)

VALIDATOR = RecordValidator(EVENTS, LOG_PART)
SONG_VALIDATOR = RecordValidator(catalog()["staging_songs"], SONG_PART)
TEXT_FIELDS = [key for key, column in EVENTS.keys_of(LOG_PART).items() if column.type == "VARCHAR"]
INTEGER_FIELDS = [key for key, column in EVENTS.keys_of(LOG_PART).items() if column.type in {"INTEGER", "BIGINT"}]
DECIMAL_FIELDS = [key for key, column in EVENTS.keys_of(LOG_PART).items() if column.type.startswith("DOUBLE")]
REQUIRED = {"page", "ts"}


def value_of(field: str, literal: str) -> object:
    """The value that a field gets from JSON text."""
    return VALIDATOR.validate(record({field: literal})).values[EVENTS.keys_of(LOG_PART)[field].name]


def reason(raw: bytes, validator: RecordValidator = VALIDATOR) -> str:
    """Why a record is rejected."""
    with pytest.raises(Rejected) as rejection:
        validator.validate(raw)
    return str(rejection.value)


def outcome(raw: bytes, validator: RecordValidator = VALIDATOR) -> GoodRecord | str:
    """A record if it is good, else why it is rejected."""
    try:
        return validator.validate(raw)
    except Rejected as rejection:
        return str(rejection)


def reason_of(field: str, literal: str) -> str:
    return reason(record({field: literal}))


def test_an_event_keeps_every_value_under_its_columns_name() -> None:
    good = VALIDATOR.validate(json.dumps(event(artist="Des'ree", length=246.30812, song="You Gotta Be")).encode())
    assert good.values == {
        "artist": "Des'ree",
        "auth": "Logged In",
        "first_name": "Ada",
        "gender": "F",
        "item_in_session": 0,
        "last_name": "Byron",
        "length": 246.30812,
        "level": "free",
        "location": "London",
        "method": "GET",
        "page": "Home",
        "registration": 1540919166796.0,
        "session_id": 1,
        "song": "You Gotta Be",
        "status": 200,
        "ts": 1541105830796,
        "user_agent": '"Mozilla/5.0"',
        "user_id": 39,
    }
    assert good.unknown_fields == frozenset()


def test_a_song_keeps_every_value_and_its_empty_text_is_null() -> None:
    assert SONG_VALIDATOR.validate(json.dumps(SONG).encode()).values == {**SONG, "artist_location": None}


class TestWhatIsNoRecord:
    @pytest.mark.parametrize("length", [1, 2, 30, 200, len(record()) - 1])
    def test_a_cut_line(self, length: int) -> None:
        assert reason(record()[:length]).startswith("invalid JSON: ")

    @pytest.mark.parametrize("literal", INVALID_LITERALS)
    @pytest.mark.parametrize("field", ["artist", "auth", "length", "userId", "unknown"])
    def test_what_is_no_json(self, field: str, literal: str) -> None:
        assert reason_of(field, literal).startswith("invalid JSON: ")

    @pytest.mark.parametrize("raw", [record()[:-1] + b",}", b"\x0c" + record(), record() + b"\x0b", record() + b"\x00"])
    def test_what_only_lenient_readers_take(self, raw: bytes) -> None:
        assert reason(raw).startswith("invalid JSON: ")

    def test_what_is_not_utf8_with_the_place(self) -> None:
        assert reason(b'{"page": "Caf\xe9", "ts": 1}') == "not UTF-8 at byte 14"

    def test_utf16(self) -> None:
        assert reason(record().decode().encode("utf-16")).startswith("not UTF-8")

    @pytest.mark.parametrize("literal", [r'"\ud800"', r'"a\udc00b"', r'"\udfb5\ud83c"'])
    @pytest.mark.parametrize("field", TEXT_FIELDS)
    def test_a_lone_surrogate(self, field: str, literal: str) -> None:
        assert reason_of(field, literal) == f"{field} holds a lone surrogate, which is no text"

    def test_a_lone_surrogate_in_bytes(self) -> None:
        assert reason(b'{"page": "\xed\xa0\x80", "ts": 1}').startswith("not UTF-8")

    @pytest.mark.parametrize(
        ("raw", "kind"),
        [
            (b"[]", "an array"),
            (b"[" + record() + b"]", "an array"),
            (b'"text"', "a text"),
            (b"39", "a number"),
            (b"3.9", "a number"),
            (b"true", "a Boolean"),
            (b"null", "null"),
        ],
    )
    def test_json_that_is_no_object(self, raw: bytes, kind: str) -> None:
        assert reason(raw) == f"not a JSON object but {kind}"

    @pytest.mark.parametrize("rest", [b" x", b",", b"]", b"}", b"{}", record(), b" " + record()])
    def test_text_after_the_object(self, rest: bytes) -> None:
        assert reason(record() + rest).startswith("invalid JSON: Extra data")

    @pytest.mark.parametrize("field", ["page", "ts", "artist", "userId"])
    def test_a_field_that_is_there_twice(self, field: str) -> None:
        value = json.dumps(EVENT[field])
        assert reason(record()[:-1] + f', "{field}": {value}}}'.encode()) == f"the field {field} is there twice"

    def test_a_field_that_is_there_twice_in_two_spellings(self) -> None:
        assert reason(record()[:-1] + rb', "p\u0061ge": "Home"}') == "the field page is there twice"

    @pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
    def test_words_that_are_no_numbers(self, word: str) -> None:
        assert reason_of("length", word) == f"invalid JSON: {word} is no number"

    @pytest.mark.parametrize("literal", ["[" * 100_000 + "]" * 100_000, "[" * 100_000, '{"a": ' * 100_000])
    @pytest.mark.parametrize("field", ["artist", "unknown"])
    def test_what_is_nested_deeply(self, field: str, literal: str) -> None:
        assert reason_of(field, literal).startswith("invalid JSON: ")

    def test_what_is_larger_than_4_mb(self) -> None:
        padding = " " * (MAX_RECORD_BYTES - len(record()))
        assert isinstance(VALIDATOR.validate(record() + padding.encode()), GoodRecord)
        assert reason(record() + padding.encode() + b" ") == "longer than 4,194,304 bytes"

    def test_an_empty_record_and_one_without_fields(self) -> None:
        assert reason(b"").startswith("invalid JSON")
        assert reason(b"{}") == "page is missing"


class TestWhatMustBeThere:
    @pytest.mark.parametrize("field", sorted(REQUIRED))
    def test_a_required_field_that_is_missing_or_null_rejects(self, field: str) -> None:
        assert reason(without(field)) == f"{field} is missing"
        assert reason_of(field, "null") == f"{field} is missing"

    def test_an_empty_page_is_a_missing_one(self) -> None:
        assert reason_of("page", '""') == "page is missing"

    @pytest.mark.parametrize("field", sorted(set(EVENT) - REQUIRED))
    def test_any_other_field_that_is_missing_or_null_is_null(self, field: str) -> None:
        column = EVENTS.keys_of(LOG_PART)[field].name
        good = VALIDATOR.validate(without(field))
        assert good.values[column] is None
        assert good.values.keys() == {column.name for column in EVENTS.keys_of(LOG_PART).values()}
        assert value_of(field, "null") is None

    @pytest.mark.parametrize("field", ["TS", "Ts", " ts", "ts\\u0000"])
    def test_a_field_is_known_by_its_exact_name_only(self, field: str) -> None:
        raw = without("ts")[:-1] + f', "{field}": 1}}'.encode()
        assert reason(raw) == "ts is missing"

    def test_a_name_may_be_written_with_escapes(self) -> None:
        assert VALIDATOR.validate(without("ts")[:-1] + rb', "t\u0073": 1}').values["ts"] == 1

    def test_unknown_fields_are_named_and_harmless(self) -> None:
        good = VALIDATOR.validate(record(device='"phone"', extra='{"a": [1, null]}'))
        assert good.unknown_fields == {"device", "extra"}
        assert good.values == VALIDATOR.validate(record()).values


class TestText:
    @pytest.mark.parametrize("field", TEXT_FIELDS)
    @pytest.mark.parametrize(
        ("literal", "kind"),
        [
            ("39", "a number"),
            ("39.7", "a number"),
            ("true", "a Boolean"),
            ("{}", "an object"),
            ('{"a": 1}', "an object"),
            ("[]", "an array"),
            ('["x"]', "an array"),
        ],
    )
    def test_another_kind_of_value_is_no_text(self, field: str, literal: str, kind: str) -> None:
        assert reason_of(field, literal) == f"{field} is {kind} where text belongs"

    @pytest.mark.parametrize(
        "text", ["39", "true", "[1]", "{}", "NaN", " x ", 'a "quoted" word', "\U0001f3b5", "a\nb\t"]
    )
    def test_text_stays_as_it_is(self, text: str) -> None:
        assert value_of("artist", json.dumps(text)) == text
        assert value_of("artist", json.dumps(text, ensure_ascii=False)) == text

    @pytest.mark.parametrize("field", sorted(set(TEXT_FIELDS) - REQUIRED))
    def test_empty_text_is_null_and_a_blank_is_not(self, field: str) -> None:
        assert value_of(field, '""') is None
        assert value_of(field, '" "') == " "

    @pytest.mark.parametrize("field", TEXT_FIELDS)
    def test_what_counts_is_the_length_in_bytes(self, field: str) -> None:
        limit = EVENTS.keys_of(LOG_PART)[field].max_bytes or 0
        assert limit > 0
        for text in texts_around(limit):
            if len(text.encode()) > limit:
                assert reason_of(field, json.dumps(text)) == f"{field} is longer than {limit:,} bytes"
            else:
                assert value_of(field, json.dumps(text)) == text

    @pytest.mark.parametrize("field", TEXT_FIELDS)
    def test_a_nul_character_rejects(self, field: str) -> None:
        assert reason_of(field, r'"a\u0000b"') == f"{field} holds a NUL character"

    def test_an_escaped_backslash_before_u0000_is_no_nul_character(self) -> None:
        assert value_of("artist", r'"a\\u0000b"') == r"a\u0000b"


class TestIntegers:
    @pytest.mark.parametrize(("literal", "value"), [("39", 39), ('"39"', 39), ('""', None), ("null", None)])
    def test_a_user_is_a_number_or_the_same_as_text_and_empty_text_is_nobody(
        self, literal: str, value: int | None
    ) -> None:
        assert value_of("userId", literal) == value

    @pytest.mark.parametrize("field", INTEGER_FIELDS)
    @pytest.mark.parametrize("literal", ["39.7", "-0.5", "1e-7", "397E-1", "1E400", "-1E400"])
    def test_a_fraction_is_never_rounded(self, field: str, literal: str) -> None:
        assert reason_of(field, literal).endswith("where an integer belongs")

    @pytest.mark.parametrize("field", INTEGER_FIELDS)
    @pytest.mark.parametrize(("literal", "value"), [("39.0", 39), ("-0", 0), ("3.9e1", 39), ("1e2", 100), ("-39", -39)])
    def test_a_whole_number_may_be_written_in_any_way_that_json_has(self, field: str, literal: str, value: int) -> None:
        found = value_of(field, literal)
        assert found == value
        assert type(found) is int

    @pytest.mark.parametrize(
        "text", [text for text in NUMBERLIKE_TEXTS if not text.removeprefix("-").isdecimal() or not text.isascii()]
    )
    def test_text_that_is_not_plainly_a_whole_number_rejects(self, text: str) -> None:
        assert reason_of("userId", json.dumps(text)).startswith("userId is ")

    @pytest.mark.parametrize(("text", "value"), [("-5", -5), ("-0", 0), ("007", 7)])
    def test_text_of_digits_alone_is_a_number(self, text: str, value: int) -> None:
        assert value_of("userId", json.dumps(text)) == value

    @pytest.mark.parametrize("field", INTEGER_FIELDS)
    @pytest.mark.parametrize(
        ("literal", "kind"), [("true", "a Boolean"), ("false", "a Boolean"), ("[39]", "an array"), ("{}", "an object")]
    )
    def test_another_kind_of_value_is_no_integer(self, field: str, literal: str, kind: str) -> None:
        assert reason_of(field, literal) == f"{field} is {kind} where an integer belongs"

    @pytest.mark.parametrize("field", INTEGER_FIELDS)
    def test_the_columns_range_is_the_limit(self, field: str) -> None:
        limit = 2**31 if EVENTS.keys_of(LOG_PART)[field].type == "INTEGER" else 2**63
        for number in (limit - 1, -limit):
            assert value_of(field, str(number)) == number
            assert value_of(field, f'"{number}"') == number
        for number in (limit, -limit - 1, 10**30):
            assert "out of range" in reason_of(field, str(number))
        assert reason_of(field, str(-(10**400))).startswith(f"{field} is ")
        for text in (f'"{limit}"', f'"{-limit - 1}"', f"{limit}.0", "1e300"):
            assert "out of range" in reason_of(field, text)


class TestTimestamps:
    @pytest.mark.parametrize(
        "literal",
        ['"1541105830796"', '""', '"2018-11-01"', "true", "false", "[]", "{}", "1541105830796.5", "0.1", "1E400"],
    )
    def test_what_is_no_whole_number_rejects(self, literal: str) -> None:
        assert reason_of("ts", literal).endswith("where an integer belongs")

    @pytest.mark.parametrize(
        ("literal", "value"), [("0", 0), ("1541105830796.0", 1541105830796), ("1.5e12", 1_500_000_000_000)]
    )
    def test_a_whole_number_is_kept_to_the_millisecond(self, literal: str, value: int) -> None:
        assert value_of("ts", literal) == value

    def test_years_from_1970_to_9999(self) -> None:
        assert value_of("ts", str(LAST_TIMESTAMP_MS)) == LAST_TIMESTAMP_MS
        assert "out of range" in reason_of("ts", str(LAST_TIMESTAMP_MS + 1))
        assert "out of range" in reason_of("ts", "-1")


class TestDecimals:
    @pytest.mark.parametrize("field", DECIMAL_FIELDS)
    @pytest.mark.parametrize(
        ("literal", "value"),
        [
            ("246.30812", 246.30812),
            ("0.1", 0.1),
            ("39", 39.0),
            ("1e-7", 1e-7),
            ("1540919166796.0", 1540919166796.0),
            ("1.7976931348623157e308", 1.7976931348623157e308),
            ("123456789012345678901234567890", 123456789012345678901234567890.0),
            ('"246.30812"', 246.30812),
            ('""', None),
        ],
    )
    def test_numbers_keep_their_full_precision(self, field: str, literal: str, value: float | None) -> None:
        assert value_of(field, literal) == value

    @pytest.mark.parametrize(
        "text", ["abc", " 39", "39 ", "+5", ".5", "39.", "1_000", "1,5", "0x10", "nan", "inf", "٣٩"]
    )
    def test_text_that_is_not_plainly_a_number_rejects(self, text: str) -> None:
        assert reason_of("length", json.dumps(text)).endswith("where a number belongs")

    @pytest.mark.parametrize("field", DECIMAL_FIELDS)
    @pytest.mark.parametrize(
        ("literal", "kind"), [("true", "a Boolean"), ("false", "a Boolean"), ("[1]", "an array"), ("{}", "an object")]
    )
    def test_another_kind_of_value_is_no_number(self, field: str, literal: str, kind: str) -> None:
        assert reason_of(field, literal) == f"{field} is {kind} where a number belongs"

    @pytest.mark.parametrize("literal", ["1E400", "-1E400", '"1e400"', "1" + "0" * 400])
    def test_what_no_double_holds_is_out_of_range(self, literal: str) -> None:
        assert reason_of("length", literal) == "length is out of range"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
MANGLED = st.builds(
    lambda raw, start, length, new: raw[:start] + new + raw[start + length :],
    st.sampled_from([record(), json.dumps(SONG).encode()]),
    st.integers(0, len(record())),
    st.integers(0, 20),
    st.binary(max_size=8),
)
LONE_SURROGATES = st.text(st.characters(categories=["Cs", "Cc", "Ll"]), max_size=4)
REPEATED = st.builds(
    lambda key, value: record()[:-1] + f", {json.dumps(key)}: {json.dumps(value)}".encode() * 2 + b"}",
    st.text() | LONE_SURROGATES | st.sampled_from(sorted(EVENT)),
    JSON,
)
OTHER_VALUES = st.builds(
    lambda fields: json.dumps({**EVENT, **fields}).encode(),
    st.dictionaries(st.sampled_from([*EVENT, *SONG]) | st.text() | LONE_SURROGATES, JSON | LONE_SURROGATES, max_size=4),
)


@settings(deadline=None, max_examples=400)
@given(raw=st.binary() | MANGLED | REPEATED | OTHER_VALUES, songs=st.booleans())
def test_any_bytes_are_a_good_record_or_rejected_for_a_reason_that_fits_on_a_line(raw: bytes, songs: bool) -> None:
    validator, table = (SONG_VALIDATOR, catalog()["staging_songs"]) if songs else (VALIDATOR, EVENTS)
    good = outcome(raw, validator)
    if isinstance(good, str):
        assert good
        assert good == printable(good), "control characters or lone surrogates in the reason"
        return
    part = SONG_PART if songs else LOG_PART
    assert good.values.keys() == {column.name for column in table.keys_of(part).values()}
    for column in table.keys_of(part).values():
        value = good.values[column.name]
        assert value is not None or column.nullable
        if isinstance(value, str):
            assert column.type == "VARCHAR"
            assert 0 < len(value.encode()) <= (column.max_bytes or 0)
            assert "\x00" not in value
        elif value is not None:
            assert isinstance(value, float) == column.type.startswith("DOUBLE")


@pytest.mark.parametrize("name", [r"a\nb", r"\u0000", r"\u001b[31m", r"\u0085", r"\ud800"])
def test_a_repeated_field_with_a_strange_name_gives_no_reason_that_cannot_be_shown(name: str) -> None:
    found = outcome(record()[:-1] + f', "{name}": 1, "{name}": 2}}'.encode())
    assert not isinstance(found, str) or found == printable(found)
