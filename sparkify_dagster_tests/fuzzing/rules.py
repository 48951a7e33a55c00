"""What the contract makes of a record, said a second time.

What belongs here: the rules of ``loading.records``, written for the tests from the contract and without its code, on
the tests' own reader of JSON. What doesn't: the wording of a rejection, of which there is one only.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from sparkify_dagster.tables import Column, Table
from sparkify_dagster_tests.fuzzing.json_text import Member, Members, NotJson, Number, read_object

MOST_BYTES = 4 * 1024 * 1024
LAST_MOMENT_MS = 253_402_300_799_999

_WHOLE_TEXT = re.compile(r"-?[0-9]{1,19}")
_NUMBER_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WRITTEN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE][-+]?[0-9]+)?")
_BITS = {"INTEGER": 32, "BIGINT": 64}
_MOST_DIGITS = 400

Value = str | int | float | None


class Bad(Exception):
    """A record must be rejected."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must become of a good record.

    Attributes:
        values: Its values by column.
        unknown: Its fields that no column is made from.
        deep: Whether it is nested so deeply that a reader may give up, and reject it.
    """

    values: dict[str, Value]
    unknown: set[str]
    deep: bool


class Rules:
    """The rules for the records of one part of the lake."""

    def __init__(self, table: Table, part: str) -> None:
        self._columns = table.keys_of(part)

    def expected(self, raw: bytes) -> Expected | None:
        """Gives what must become of a record; None where it must be rejected."""
        try:
            found = _members(raw)
            names = [name for name, _ in found.pairs]
            if any(names.count(name) > 1 for name in self._columns):
                return None
            members = dict(found.pairs)
            values = {column.name: _value(members.get(name), column) for name, column in self._columns.items()}
        except (NotJson, UnicodeDecodeError, Bad):
            return None
        return Expected(values, set(names) - self._columns.keys(), found.deep)


def _members(raw: bytes) -> Members:
    if len(raw) > MOST_BYTES:
        raise Bad
    found = read_object(raw.decode("utf-8"))
    if found is None:
        raise Bad
    return found


def _value(member: Member, column: Column) -> Value:
    value = None if member is None or member == "" else _read(member, column)
    if member == "" and column.type == "TIMESTAMP":
        raise Bad
    if value is None and not column.nullable:
        raise Bad
    return value


def _read(member: Member, column: Column) -> Value:
    if column.type == "VARCHAR":
        if not isinstance(member, str) or "\x00" in member or any("\ud800" <= letter <= "\udfff" for letter in member):
            raise Bad
        if len(member.encode()) > (column.max_bytes or 0):
            raise Bad
        return member
    if isinstance(member, str):
        pattern = _NUMBER_TEXT if column.type.startswith("DOUBLE") else _WHOLE_TEXT
        if column.type == "TIMESTAMP" or not pattern.fullmatch(member):
            raise Bad
        text = member
    elif isinstance(member, Number):
        text = member.text
    else:
        raise Bad
    if column.type.startswith("DOUBLE"):
        return nearest_double(text)
    number = None if _power(text) is None else whole(text)
    bits = _BITS.get(column.type)
    low, high = (0, LAST_MOMENT_MS) if bits is None else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if number is None or not low <= number <= high:
        raise Bad
    return number


def whole(text: str) -> int | None:
    """Gives the number that a text is, if it is a whole one of some hundred digits at most."""
    digits, exponent, sign = _taken_apart(text)
    if not digits:
        return 0
    if exponent < 0 or len(digits) + exponent > _MOST_DIGITS:
        return None
    return sign * int(digits) * 10**exponent


def nearest_double(text: str) -> float:
    """Gives the double next to the number that a text is.

    Raises:
        Bad: There is none.
    """
    digits, exponent, sign = _taken_apart(text)
    magnitude = len(digits) + exponent
    if not digits or magnitude < -_MOST_DIGITS:
        return 0.0
    if magnitude > _MOST_DIGITS:
        raise Bad
    # More digits than these decide nothing but on which side of the middle between two doubles a number lies.
    kept = digits[:900] + ("1" if len(digits) > 900 else "")
    try:
        return sign * float(Fraction(int(kept)) * Fraction(10) ** (magnitude - len(kept)))
    except OverflowError:
        raise Bad from None


def _taken_apart(text: str) -> tuple[str, int, int]:
    """The digits of a number without zeros at the ends, the power of ten of the last of them, and the sign."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise Bad
    before, after = match[2], match[3] or ""
    digits = (before + after).rstrip("0")
    power = _power(text)
    if power is None:
        power = -(10**18) if "-" in text[1:] else 10**18
    exponent = power - len(after) + len(before + after) - len(digits)
    return digits.lstrip("0"), exponent, -1 if match[1] else 1


def _power(text: str) -> int | None:
    """The power of ten that a number is written with; None where that has more than 18 digits itself."""
    written = text.lower().partition("e")[2]
    digits = written.lstrip("+-").lstrip("0") or "0"
    sign = -1 if written.startswith("-") else 1
    return sign * int(digits) if len(digits) <= 18 else None
