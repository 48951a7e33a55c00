"""The quick look at a record: what is plainly good, as nearly all is, in a tenth of the time.

A record passes where it says nothing in an unusual way; what does not pass may be good or bad, and ``records`` says
which, and why. What passes has the values that ``records`` would give it.

What belongs here: that look. What doesn't: reasons.
"""

import math
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson

from sparkify_dagster.tables import LAST_TIMESTAMP_MS, Column

MAX_RECORD_BYTES = 4 * 1024 * 1024
"""The largest record, in bytes: Redshift's COPY fails at a larger one."""

LIMITS = {"INTEGER": 2**31, "BIGINT": 2**63}
"""How far the values of a type reach, above and, with one more, below zero."""

Value = str | int | float | None

_KEY_AND_COLON = b'":'
_DIGITS = re.compile("[0-9]{1,18}")
_BLANK_BEFORE_COLON = re.compile(rb'"[ \t\r\n]+:')


_DOUBTFUL = math.nan
"""What a reader gives for a value that is not plainly of its type; known by identity."""


class QuickValidator:
    """Looks at records of one kind.

    Args:
        fields: The columns by JSON key.
    """

    def __init__(self, fields: Sequence[tuple[str, Column]]) -> None:
        self._fields = [(key, column.name, column.nullable, _reader(column)) for key, column in fields]

    def parse(self, raw: bytes) -> dict[str, Any] | None:
        """The fields of a record; None where it is no object, or one in which a field may be there twice."""
        if len(raw) > MAX_RECORD_BYTES:
            return None
        try:
            record = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return None
        # Of a field that is there twice, only the last is seen here. Each has its quote and colon; so have some texts,
        # and fields of objects within, but then there are more of these than of fields, never fewer.
        if not isinstance(record, dict) or raw.count(_KEY_AND_COLON) != len(record) or _BLANK_BEFORE_COLON.search(raw):
            return None
        return record

    def values(self, record: dict[str, Any]) -> dict[str, Value] | None:
        """The values by column; None where one is missing that must be there, or is not plainly of its type."""
        values: dict[str, Value] = {}
        for key, name, nullable, read in self._fields:
            value = record.get(key)
            if value is not None:
                value = read(value)
            if value is _DOUBTFUL or (value is None and not nullable):
                return None
            values[name] = value
        return values


def _reader(column: Column) -> Callable[[Any], Value]:
    if column.type == "VARCHAR":
        return partial(_text, column.max_bytes or 0)
    if column.type == "TIMESTAMP":
        return _moment
    return _double if column.type.startswith("DOUBLE") else partial(_whole, LIMITS[column.type])


def _text(most: int, value: Any) -> Value:
    if type(value) is not str or "\x00" in value:
        return _DOUBTFUL
    if len(value) * 4 > most and len(value.encode()) > most:
        return _DOUBTFUL
    return value or None


def _whole(limit: int, value: Any) -> Value:
    if type(value) is str:
        if not value:
            return None
        if _DIGITS.fullmatch(value):
            value = int(value)
    return value if type(value) is int and -limit <= value < limit else _DOUBTFUL


def _moment(value: Any) -> Value:
    return value if type(value) is int and 0 <= value <= LAST_TIMESTAMP_MS else _DOUBTFUL


def _double(value: Any) -> Value:
    return value if type(value) is float and math.isfinite(value) else _DOUBTFUL
