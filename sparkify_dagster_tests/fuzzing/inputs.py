"""Bytes that are nearly right: records, files, keys and messages that something was done to.

What belongs here: strategies of hypothesis, the seeds that a fuzzer led by coverage begins with, and the words that it
puts in. What doesn't: what must hold of them (``targets``).
"""

import json
from collections.abc import Sequence

from hypothesis import strategies as st

from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.tables import catalog
from sparkify_dagster_tests.lakes import EVENT, SONG, play
from sparkify_dagster_tests.loading.literals import (
    INVALID_LITERALS,
    NUMBERLIKE_TEXTS,
    NUMBERS,
    ODD_LITERALS,
    TEXTS,
    limit_of,
    record,
    texts_around,
)

Bytes = st.SearchStrategy[bytes]

WORDS = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"{}", b"[]", b'""', b"null", b"true", b"false", b"NaN", b"-",
    b"+", b".", b"0", b"00", b".0", b".5", b"e0", b"E1", b"e-1", b"e400", b"e-400", b"E99999999999999999999", b"1",
    b"9", b".00000000000000000000001", b"999999999999999999", b"2147483648", b"9223372036854775807", b"253402300799999",
    b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83c\\udfb5", b"\\u0070", b"\\/", b"\\n", b"\\x41", b" ", b"\t", b"\r",
    b"\n", b"\r\n", b"\n\n", b"\x0b", b"\x0c", b"\x00", b"\x1f\x8b", b"\x1b[31m", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80",
    b"\xed\xa0\x80", b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xe2\x80\xae", b"\xf0\x9f\x8e\xb5",
    b'"ts"', b'"ts": 1', b'"page"', b'"page": "Home"', b'"userId"', b'"length"', b"'; DROP TABLE users; --",
]  # fmt: skip
"""What readers of JSON and of text trip over."""

KEY_WORDS = [
    b"log_data", b"song_data", b"/", b"//", b".", b"..", b"../", b"/./", b"_", b"2018", b"11", b"1970", b"9999", b"00",
    b"13", b".json", b".json.gz", b".gz", b"\\", b"%2F", b"%", b"+", b" ", b"~", b"://", b"@", b"s3://", b"user:pw@",
    *WORDS[-21:-5],
]  # fmt: skip
"""What keys and addresses are made of."""

MESSAGE_WORDS = [
    b'"Records"', b'"eventName"', b'"s3"', b'"bucket"', b'"name"', b'"object"', b'"key"', b'"Type"', b'"Notification"',
    b'"Message"', b'"detail"', b'"detail-type"', b'"source"', b'"aws.s3"', b'"Event"', b'"s3:TestEvent"',
    b'"ObjectCreated:Put"', b'"Object Created"', b'"lake"', b'"raw/log_data/2018/11/a.json"', *WORDS[:24],
    *KEY_WORDS[:12],
]  # fmt: skip
"""What notifications are made of."""

_PLAY = json.dumps(play(1)).encode()
_SONG = json.dumps(SONG).encode()
_EVENT = record()
_MESSAGES = [
    {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "lake"}, "object": {"key": "a+b%2Bc"}}}]},
    {"source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": {"name": "b"}, "object": {"key": "a"}}},
    {"Type": "Notification", "Message": '{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {}}]}'},
    {"Event": "s3:TestEvent"},
]  # fmt: skip
_KEYS = [
    b"log_data/2018/11/2018-11-01-events.json",
    b"log_data/2018/11/01/part 0.json.gz",
    b"song_data/A/B/C/TRABC.json",
    b"log_data/2018/11/../x.json",
    b"s3://user:secret@lake/a@b.json",
    b"2018-11",
]

# One field for each way in which a value is read.
_KINDS = {
    LOG_PART: ["artist", "page", "userId", "status", "ts", "length", "more"],
    SONG_PART: ["title", "duration", "year"],
}


# From pieces, since hypothesis takes long over a regular expression.
_NUMBERS = st.tuples(
    st.sampled_from(["", "", "-"]),
    st.sampled_from(["0", "1", "39", "2147483648", "9007199254740993", "9223372036854775807", "1" * 30])
    | st.integers(0, 2**70).map(str),
    st.sampled_from(["", "", ".0", ".5", ".", ".00000000000000000000001", "." + "0" * 50])
    | st.integers(0, 10**20).map(lambda digits: f".{digits}"),
    st.sampled_from(["", "", "", "e0", "E2", "e-1", "e+18", "E400", "e-400", "e99999999999999999999", "e"]),
).map("".join)  # fmt: skip


def _literals(part: str, field: str) -> list[str]:
    """Values worth trying for a field, as JSON text."""
    column = catalog()["staging_events" if part == LOG_PART else "staging_songs"].keys_of(part).get(field)
    texts = [*TEXTS, *NUMBERLIKE_TEXTS, *(texts_around(limit_of(field)) if column and column.max_bytes else [])]
    return [*NUMBERS, *ODD_LITERALS, *INVALID_LITERALS, *map(json.dumps, texts)]


def _with_values(part: str, plain: dict[str, object]) -> Bytes:
    """Records some of whose fields have values worth trying, or are there twice or not at all."""
    member = st.one_of(
        *(
            st.tuples(st.just(field), st.sampled_from(_literals(part, field)) | _NUMBERS | _NUMBERS.map(json.dumps))
            for field in _KINDS[part]
        ),
        st.tuples(st.text(st.characters(codec="utf-8"), max_size=4), _NUMBERS),
    )
    written = {field: json.dumps(value) for field, value in plain.items()}

    def put_together(members: Sequence[tuple[str, str]], left_out: int, twice: bool) -> bytes:
        kept = [pair for place, pair in enumerate(written.items()) if place != left_out]
        changed = dict(members)
        pairs = [(field, changed.pop(field, value)) for field, value in kept] + list(changed.items())
        pairs += members if twice else []
        return ("{" + ", ".join(f"{json.dumps(field)}: {value}" for field, value in pairs) + "}").encode()

    return st.builds(
        put_together, st.lists(member, max_size=3), st.integers(0, 60), st.sampled_from([False, False, False, True])
    )


def _edited(base: Bytes, words: Sequence[bytes]) -> Bytes:
    """Bytes that were cut into, and had words put in, pieces repeated, moved or taken out."""
    word = st.sampled_from(words) | st.binary(min_size=1, max_size=4)
    edit = st.tuples(st.sampled_from("iiirdtm"), st.integers(0, 1_000), st.integers(0, 12), word)
    return st.builds(_edit, base, st.lists(edit, max_size=3))


def _edit(content: bytes, edits: Sequence[tuple[str, int, int, bytes]]) -> bytes:
    for kind, where, length, word in edits:
        start = where % (len(content) + 1)
        end = start + length
        piece = content[start:end]
        if kind == "i":
            content = content[:start] + word + content[start:]
        elif kind == "r":
            content = content[:start] + word + content[end:]
        elif kind == "d":
            content = content[:start] + content[end:]
        elif kind == "t":
            content = content[:end] + piece + content[end:]
        else:
            content = piece + content[:start] + content[end:]
    return content


def _nested() -> Bytes:
    brackets = st.sampled_from(["[]", '{"a":}'])
    return st.builds(
        lambda shape, depth, field: record({field: shape[:-1] * depth + "1" + shape[-1] * depth}),
        brackets,
        st.sampled_from([1, 2, 30, 250, 1_500]),
        st.sampled_from(["artist", "more"]),
    )


def _recoded(base: Bytes) -> Bytes:
    encodings = st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "cp500"])
    return st.builds(lambda raw, encoding: raw.decode("utf-8", "ignore").encode(encoding, "ignore"), base, encodings)


_EVENTS = _with_values(LOG_PART, EVENT)
_SONGS = _with_values(SONG_PART, SONG)

RECORDS: Bytes = st.one_of(
    _EVENTS,
    _edited(_EVENTS, WORDS),
    _edited(_SONGS | st.sampled_from([_EVENT, _PLAY, _SONG]), WORDS),
    _nested(),
    _recoded(_EVENTS | _SONGS),
    st.binary(max_size=60),
)
"""Records, right and wrong."""

_LINE = st.sampled_from([b"", b" \t", _EVENT, _EVENT, _PLAY, _EVENT + b"\r", b"x", record(more='[1, {"a": "b"}]')])
_TEXT = st.builds(
    lambda mark, lines, end: mark + end.join(lines),
    st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf", b"\xef\xbb"]),
    st.lists(_LINE | RECORDS, max_size=5),
    st.sampled_from([b"\n", b"\n", b"\r\n", b"\n\n", b"\r", b" \n\t"]),
)
CONTENTS: Bytes = st.one_of(_TEXT, _edited(_TEXT, WORDS), st.binary(max_size=40))
"""What is in files."""

FILES: Bytes = st.builds(
    lambda how, place, text: how + bytes([place]) + text,
    st.sampled_from([b"p", b"p", b"z", b"c", b"d", b"m"]),
    st.integers(0, 255),
    CONTENTS,
)
"""Files, with two bytes in front that say how they are packed, and where they are cut or damaged."""

_SEGMENT = st.sampled_from([word.decode("utf-8", "surrogateescape") for word in KEY_WORDS]) | st.text(max_size=4)
KEYS: Bytes = st.one_of(
    _edited(st.sampled_from(_KEYS), KEY_WORDS),
    st.lists(_SEGMENT, max_size=8).map(lambda parts: "/".join(parts).encode("utf-8", "surrogateescape")),
    st.text().map(lambda name: f"log_data/2018/11/{name}.json".encode("utf-8", "replace")),
    st.integers(0, 10_100).map(lambda year: f"{year:04}-12".encode()),
)
"""Keys, months and addresses."""

MESSAGES: Bytes = st.one_of(
    _edited(st.sampled_from([json.dumps(message).encode() for message in _MESSAGES]), MESSAGE_WORDS),
    st.lists(st.sampled_from(MESSAGE_WORDS), max_size=20).map(b"".join),
    KEYS,
)
"""Messages of a queue, and keys that one may tell of."""


def record_seeds() -> list[bytes]:
    """Records to begin with."""
    tried = [record({field: literal}) for field in _KINDS[LOG_PART] for literal in _literals(LOG_PART, field)]
    return [_EVENT, _PLAY, _SONG, *tried]


def file_seeds() -> list[bytes]:
    """Files to begin with."""
    contents = [
        _EVENT,
        _EVENT + b"\r\n" + _PLAY,
        b"\xef\xbb\xbf" + _EVENT + b"\n\nx\n" + _PLAY,
        b"",
        *record_seeds()[:300:10],
    ]
    return [how + b"\x80" + content for content in contents for how in (b"p", b"z", b"c", b"d", b"m")]  # fmt: skip


def content_seeds() -> list[bytes]:
    """What is in files, to begin with."""
    return record_seeds()[::3]


def key_seeds() -> list[bytes]:
    """Keys to begin with."""
    return [*_KEYS, *KEY_WORDS]


def message_seeds() -> list[bytes]:
    """Messages to begin with."""
    return [*(json.dumps(message).encode() for message in _MESSAGES), *_KEYS]
