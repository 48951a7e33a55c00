"""What a good record is: the one definition, which both engines follow.

What belongs here: the check of one record's bytes against the columns of a table, and the reasons for a rejection.
What doesn't: files, lines and the ledger. The rules are those of the contract: a field of the wrong type is never
rounded, cut or made NULL without a word; a missing field is NULL unless its column must not be.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from sparkify_dagster.loading.quick import LIMITS, MAX_RECORD_BYTES, QuickValidator, Value
from sparkify_dagster.tables import LAST_TIMESTAMP_MS, Column, Table

_INTEGER_TEXT = re.compile(r"-?[0-9]{1,19}")
_NUMBER_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


class Rejected(Exception):
    """A record is not good; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class GoodRecord:
    """A record that is good.

    Attributes:
        values: Its values by column; timestamps in epoch milliseconds, UTC.
        unknown_fields: Its fields that no column is made from.
    """

    values: dict[str, Value]
    unknown_fields: frozenset[str]


class _Object(dict[str, Any]):
    """An object, and which of its fields are there more than once."""

    repeated: frozenset[str] = frozenset()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    fields = _Object(pairs)
    if len(fields) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        fields.repeated = frozenset(key for key, count in counted.items() if count > 1)
    return fields


class _Decimal(float):
    """A number with a point or an exponent; of what was written, a double may hold a part only."""

    __slots__ = ("written",)
    written: str


def _decimal(text: str) -> _Decimal:
    number = _Decimal(text)
    number.written = text
    return number


class RecordValidator:
    """Checks the records of one part of the lake against the table that they go to."""

    def __init__(self, table: Table, part: str) -> None:
        self._fields = [(key, column, _reader(column)) for key, column in table.keys_of(part).items()]
        self._known = frozenset(key for key, _, _ in self._fields)
        self._quick = QuickValidator([(key, column) for key, column, _ in self._fields])

    def validate(self, raw: bytes) -> GoodRecord:
        """Checks one record.

        Raises:
            Rejected: It is not good.
        """
        record = self._quick.parse(raw)
        if record is not None:
            values = self._quick.values(record)
            if values is not None:
                return GoodRecord(values, frozenset(record.keys() - self._known))
        return self._validate_closely(raw)

    def _validate_closely(self, raw: bytes) -> GoodRecord:
        record = parse_object(raw)
        for key in sorted(record.repeated & self._known):
            raise Rejected(f"the field {key} is there twice")
        found: dict[str, Value] = {}
        for key, column, read in self._fields:
            value = record.get(key)
            found[column.name] = None if value is None else read(key, value)
            if found[column.name] is None and not column.nullable:
                raise Rejected(f"{key} is missing")
        return GoodRecord(found, frozenset(record.keys() - self._known))

    def accepts(self, raw: bytes) -> bool:
        """Whether a record is good."""
        try:
            self.validate(raw)
        except Rejected:
            return False
        return True


def parse_object(raw: bytes) -> _Object:
    """Parses a record that must be one JSON object.

    Raises:
        Rejected: It is not.
    """
    if len(raw) > MAX_RECORD_BYTES:
        raise Rejected(f"longer than {MAX_RECORD_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(f"not UTF-8 at byte {error.start + 1}") from None
    try:
        record = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_decimal,
            parse_int=_integer_or_infinity,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise Rejected(f"invalid JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise Rejected("invalid JSON: nested too deeply") from None
    except ValueError as error:
        raise Rejected(f"invalid JSON: {error}") from None
    if not isinstance(record, _Object):
        raise Rejected(f"not a JSON object but {_kind(record)}")
    return record


def _integer_or_infinity(text: str) -> int | float:
    # Python refuses to read very long ones; no column holds them.
    return int(text) if len(text) <= 400 else float(text)


def _refuse_constant(word: str) -> NoReturn:
    raise Rejected(f"invalid JSON: {word} is no number")


def _reader(column: Column) -> Callable[[str, Any], Value]:
    if column.type == "VARCHAR":
        return lambda key, value: _text(key, value, column.max_bytes or 0)
    if column.type == "TIMESTAMP":
        return _timestamp
    if column.type.startswith("DOUBLE"):
        return _number
    limit = LIMITS[column.type]
    return lambda key, value: _integer(key, value, limit)


def _text(key: str, value: Any, max_bytes: int) -> str | None:
    if not isinstance(value, str):
        raise Rejected(f"{key} is {_kind(value)} where text belongs")
    if "\x00" in value:
        raise Rejected(f"{key} holds a NUL character")
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise Rejected(f"{key} holds a lone surrogate, which is no text") from None
    if size > max_bytes:
        raise Rejected(f"{key} is longer than {max_bytes:,} bytes")
    return value or None


def _integer(key: str, value: Any, limit: int) -> int | None:
    number = value
    if isinstance(value, str):
        if not value:
            return None
        if not _INTEGER_TEXT.fullmatch(value):
            raise Rejected(f"{key} is the text {_shortened(value)} where an integer belongs")
        number = int(value)
    return _whole(key, number, -limit, limit - 1)


def _timestamp(key: str, value: Any) -> int:
    return _whole(key, value, 0, LAST_TIMESTAMP_MS)


def _whole(key: str, number: Any, smallest: int, largest: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Rejected(f"{key} is {_kind(number)} where an integer belongs")
    if isinstance(number, float):
        number = _exact(key, number)
    if not smallest <= number <= largest:
        raise Rejected(f"{key} is {_shortened(str(number))}, which is out of range")
    return int(number)


def _exact(key: str, number: float) -> int:
    """The whole number that was written: the double next to 39.0000000000000001 is whole, and that one is not."""
    written = number.written if isinstance(number, _Decimal) else str(number)
    try:
        # Where a double is that large, it is out of range whatever its last digits are.
        exact = Decimal(written) if abs(number) < 1e20 else Decimal(number)
        if exact == int(exact):
            return int(exact)
    except (InvalidOperation, OverflowError, ValueError):
        # Infinity, or a power of ten of twenty digits.
        pass
    raise Rejected(f"{key} is {written if len(written) <= 40 else written[:40] + '…'} where an integer belongs")


def _number(key: str, value: Any) -> float | None:
    if isinstance(value, str):
        if not value:
            return None
        if not _NUMBER_TEXT.fullmatch(value):
            raise Rejected(f"{key} is the text {_shortened(value)} where a number belongs")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(f"{key} is {_kind(value)} where a number belongs")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Rejected(f"{key} is out of range")
    return number


def _kind(value: Any) -> str:
    kinds = {
        bool: "a Boolean",
        int: "a number",
        float: "a number",
        _Decimal: "a number",
        str: "a text",
        list: "an array",
        _Object: "an object",
    }
    return kinds.get(type(value), "null")


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
