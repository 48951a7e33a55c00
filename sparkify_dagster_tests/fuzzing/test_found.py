"""What fuzzing has found, so that it is not lost again.

What belongs here: the inputs that broke a promise, as small as they can be, and what must become of them. What doesn't:
the search for others.
"""

import json

import pytest

from sparkify_dagster.lake.keys import is_data, is_safe
from sparkify_dagster.loading.validation import unknown_fields
from sparkify_dagster.showing import printable, without_login
from sparkify_dagster_tests.loading.test_records import INTEGER_FIELDS, VALIDATOR, reason_of, value_of


@pytest.mark.parametrize("field", [*INTEGER_FIELDS, "ts"])
@pytest.mark.parametrize("literal", ["39.00000000000000001", "39" + "." + "0" * 5_000 + "1", "1E-400", "0.1e-400"])
def test_a_fraction_that_no_double_can_tell_from_a_whole_number_rejects(field: str, literal: str) -> None:
    shown = literal if len(literal) <= 40 else f"{literal[:40]}…"
    assert reason_of(field, literal) == f"{field} is {shown} where an integer belongs"


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("9007199254740993.0", 9007199254740993),
        ("9.007199254740993e15", 9007199254740993),
        ("9223372036854775807.0", 2**63 - 1),
        ("-9223372036854775808.00", -(2**63)),
        ("0.0e400", 0),
    ],
)
def test_a_whole_number_with_a_point_is_not_rounded_to_the_next_double(literal: str, value: int) -> None:
    assert value_of("userId", literal) == value


@pytest.mark.parametrize("power", ["e99999999999999999999", "e-99999999999999999999"])
@pytest.mark.parametrize("digits", ["0", "0.0", "1", "39.7"])
@pytest.mark.parametrize("field", [*INTEGER_FIELDS, "ts"])
def test_a_power_of_twenty_digits_is_a_reason_and_no_error(field: str, digits: str, power: str) -> None:
    assert reason_of(field, digits + power) == f"{field} is {digits}{power} where an integer belongs"


@pytest.mark.parametrize("mark", ["\u2028", "\u2029"])
def test_what_ends_a_line_in_unicode_is_neither_shown_nor_taken_in_a_key(mark: str) -> None:
    assert printable(f"a{mark}b") == f"a\\u{ord(mark):04x}b"
    assert not is_safe(f"a{mark}b")
    assert not is_data(f"log_data/2018/11/a{mark}b.json")


@pytest.mark.parametrize("password", ["p@ss", "@", "a@b:c@d"])
def test_a_password_that_holds_an_at_sign_is_not_shown_in_part(password: str) -> None:
    assert without_login(f"http://user:{password}@127.0.0.1:9000/a@b") == "http://127.0.0.1:9000/a@b"


def test_a_carriage_return_within_a_record_makes_no_field_of_what_lies_deeper() -> None:
    line = b'{"page": "Home", "ts": 1, "more": \r{"deeper": 1}\r}\n'
    known = frozenset({"page", "ts"})
    assert unknown_fields(line, known) == VALIDATOR.validate(line.strip()).unknown_fields == {"more"}
    assert json.loads(line)["more"] == {"deeper": 1}
