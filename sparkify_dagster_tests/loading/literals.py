"""Records put together from pieces of JSON text, and the pieces that readers of JSON disagree about.

What belongs here: text that tests of more than one module write into files. What does not: what becomes of it.
"""

import json
from collections.abc import Mapping

from sparkify_dagster.lake.keys import LOG_PART
from sparkify_dagster.tables import catalog
from sparkify_dagster_tests.lakes import EVENT

EVENTS = catalog()["staging_events"]
FIELDS = list(EVENTS.keys_of(LOG_PART))
PLAIN = {key: json.dumps(value) for key, value in EVENT.items()}
"""An event that is good, by field, as JSON text."""

NUMBERS = [
    "0", "-0", "0.0", "-0.0", "1", "-1", "2", "39", "39.0", "39.7", "-39.7", "0.1", "0.5", "1e5", "1E5", "1e-7", "1E-7",
    "15e-1", "397E-1", "1.5e12", "1.5E12", "1541105830796.0", "1541105830796.5", "1541105830796E0", "1E400", "-1E400",
    "1e-400", "4.9e-324", "1.7976931348623157e308", "253402300799999", "253402300800000", "-62135596800000",
    "2147483647", "2147483648", "-2147483648", "-2147483649", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9223372036854775807.0",
    "18446744073709551615", "18446744073709551616", "123456789012345678901234567890",
    "0.1000000000000000055511151231257827", "2.2250738585072011e-308",
]  # fmt: skip
"""Numbers as JSON has them."""

NUMBERLIKE_TEXTS = [
    "39", " 39", "39 ", "\t39", "39\n", "\u00a039", "+5", "-5", "--5", "007", "-0", "1_000", "1,000", "1e3", "1E3",
    "8E2", "1E2", " 1E3", "1E+2", "1E-0", "39.0", "39.", ".5", "-.5", "1e", "1E", "0x10", "0xFFFFFFFFF", "0X2540BE400",
    "0b11", "0o17", "1d", "2f", "nan", "NaN", "inf", "-inf", "+inf", "Infinity", "infinity", "1e400", "1e-400",
    "2147483648", "9223372036854775808", "-9223372036854775809", "9007199254740993", "12345678901234567890123",
    "\u0663\u0669", "1541105830796", "1 000", "3 9", "½",
]  # fmt: skip
"""Texts that some reader takes for a number."""

TEXTS = [
    "", " ", "true", "false", "null", "NULL", "[1]", "[", "]", "{}", "{", "}", '{"a": 1}', "-", "0", ":", "|", "\\",
    '"', '""', '"quoted"', "'", "it's", "a\\u0000b", "\\u0000", "\x00", "a\x00b", "a\nb", "\t", "\x7f", "\x85",
    "\u2028", "\ufeff", "é", "e\u0301", "\U0001f3b5", "日本語", "Mötley Crüe", "MÃ¶tley", "//", "</script>", ",}",
    "},", "'; DROP TABLE staging_events; --", "$1", ":name", "%s", "{0}", "\\N", "N\\A", "\ud83c\udfb5",
]  # fmt: skip
"""Texts that some reader takes for something else."""

ODD_LITERALS = [
    "null", "true", "false", "[]", "[39]", '["39"]', "[null]", "{}", '{"a": 39}', '{"page": "Home"}', "[[]]",
    r'"\u0033\u0039"', r'"3\u0039"', r'"\u00e9"', r'"\ud83c\udfb5"', r'"a\/b"', r'"\b\f\n\r\t"', r'"\u0000"',
    r'"a\u0000"', r'"\\u0000"', r'"\\\u0000"', r'"\"39\""', r'"\u0022"', r'"\u005c"', r'"\ud800"', r'"\udc00\ud800"',
    r'"\ud800x"', r'"\ud83c"', '"\x7f"',
]  # fmt: skip
"""JSON values that are neither plain numbers nor plain texts; some are no good JSON."""

INVALID_LITERALS = [
    "NaN", "nan", "NAN", "Nan", "-NaN", "-nan", "Infinity", "infinity", "INFINITY", "-Infinity", "inf", "INF", "-inf",
    "+inf", "True", "None", "undefined", "nul", "01", "1.", ".5", "+1", "1_0", "0x10", "1e", "-", "''", "'39'", '"',
    '"39', "39x", "[1,]", "[,]", '{"a": 1,}', "[1 2]", "/**/ 1", "1 // one", '"\x01"', '"a\tb"', '"\x00"', "\x00", "",
    r'"\x41"', r'"\u12"', r'"\""" "',
]  # fmt: skip
"""Text where a JSON value belongs, which is none."""


def limit_of(field: str) -> int:
    """Most bytes that a field's text may have; any number for a field that is no text."""
    column = EVENTS.keys_of(LOG_PART).get(field)
    return (column.max_bytes if column else None) or 16


def texts_around(limit: int) -> list[str]:
    """Texts that fit, just fit, or just do not, into so many bytes."""
    return [
        "x" * (limit - 1), "x" * limit, "x" * (limit + 1), "é" * (limit // 2), "é" * (limit // 2 + 1),
        "\U0001f3b5" * (limit // 4), "\U0001f3b5" * (limit // 4) + "x", '"' * limit, '"' * (limit // 2), "\\" * limit,
        "1" * limit, " " * limit, " " * (limit + 1), "\n" * limit,
    ]  # fmt: skip


def values_for(field: str) -> list[str]:
    """All that is worth trying as the value of a field, as JSON text, each once."""
    texts = [*TEXTS, *NUMBERLIKE_TEXTS, *texts_around(limit_of(field))]
    quoted = [written for text in texts for written in (json.dumps(text), json.dumps(text, ensure_ascii=False))]
    # A lone surrogate has no bytes in UTF-8.
    quoted = [text for text in quoted if not any("\ud800" <= character <= "\udfff" for character in text)]
    return list(dict.fromkeys([*NUMBERS, *quoted, *ODD_LITERALS, *INVALID_LITERALS]))


def record(fields: Mapping[str, str] | None = None, **more: str) -> bytes:
    """Writes an event that differs from a plain one in these fields, given as JSON text."""
    written = {**PLAIN, **(fields or {}), **more}
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in written.items()) + "}").encode()


def without(*fields: str) -> bytes:
    """Writes a plain event that lacks these fields."""
    return json.dumps({key: value for key, value in EVENT.items() if key not in fields}).encode()
