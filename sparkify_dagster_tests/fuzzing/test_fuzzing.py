"""Every target, for seconds in `make test` and for a minute in `make test-full`; and that a target finds something.

What belongs here: running the targets, and that they and the tests' own readers are able to fail. What doesn't: what
they found before (``test_found``).
"""

import gzip
import math
import re
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sparkify_dagster.loading.records import GoodRecord, RecordValidator, Rejected
from sparkify_dagster_tests.figures import Figure
from sparkify_dagster_tests.fuzzing import NAMES
from sparkify_dagster_tests.fuzzing.catalogue import TARGETS
from sparkify_dagster_tests.fuzzing.files import made, records_of
from sparkify_dagster_tests.fuzzing.json_text import Kind, NotJson, Number, read_object
from sparkify_dagster_tests.fuzzing.rules import Bad, nearest_double, whole
from sparkify_dagster_tests.fuzzing.running import run_for
from sparkify_dagster_tests.loading.literals import NUMBERS, record

QUICK = sorted(name for name, target in TARGETS.items() if target.quick)
A_MINUTE = 60.0
_NO_HEALTH_CHECKS: list[Any] = list(HealthCheck)


@pytest.mark.parametrize("name", QUICK)
def test_no_input_breaks_a_promise(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=_NO_HEALTH_CHECKS)
    @given(target.inputs)
    def run(data: bytes) -> None:
        target.check(data)

    run()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_seed_breaks_a_promise(name: str) -> None:
    target = TARGETS[name]
    for data in target.seeds() if target.quick else target.seeds()[::40]:
        target.check(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_none_of_a_minute_does(name: str, figure: Figure) -> None:
    began = time.monotonic()
    tried = run_for(TARGETS[name], A_MINUTE, first_seed=time.time_ns())
    figure(f"fuzzing of {name}", inputs=tried, seconds=round(time.monotonic() - began))
    assert tried > 100


def test_each_target_has_a_name_that_the_command_knows() -> None:
    assert set(NAMES) == TARGETS.keys()


def test_the_command_runs_a_target_and_says_how_many_inputs_it_tried() -> None:
    words = ["--target", "keys", "--seconds", "1", "--by", "hypothesis"]
    done = subprocess.run(
        [sys.executable, "-m", "sparkify_dagster_tests.fuzzing", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("keys: ")


EVENT = record()
TWICE = record(song='"a"')[:-1].replace(b'"auth":', b'"auth" :') + b', "song": "b"}'


def refuse_all(validator: RecordValidator, raw: bytes) -> GoodRecord:
    raise Rejected("for nothing")


@pytest.mark.parametrize(
    ("name", "where", "defect", "data"),
    [
        ("records", "sparkify_dagster.loading.records._exact", lambda _, number: int(number), record(userId="1.5")),
        ("records", "sparkify_dagster.loading.records._decimal", float, record(userId="9007199254740993.0")),
        ("records", "sparkify_dagster.loading.records._shortened", str, record(userId=r'"1\n"')),
        ("records", "sparkify_dagster.loading.records.MAX_RECORD_BYTES", 100, record(length="1")),
        ("records", "sparkify_dagster.loading.quick._BLANK_BEFORE_COLON", re.compile(b"never"), TWICE),
        ("records", "sparkify_dagster.loading.quick._DIGITS", re.compile("."), record(userId='"\u0663"')),
        ("records", "sparkify_dagster.loading.records.LAST_TIMESTAMP_MS", 10**15, record(ts="253402300800000")),
        ("files", "sparkify_dagster.loading.validation._BLANKS", b" \t\r\n\v\f\x1c", b"p\x00" + EVENT + b"\n\x1c\n"),
        ("files", "sparkify_dagster.loading.validation._BYTE_ORDER_MARK", b"", b"p\x00\xef\xbb\xbf" + EVENT),
        ("files", "sparkify_dagster.loading.validation.is_packed", lambda _: False, b"z\x00" + EVENT),
        ("keys", "sparkify_dagster_tests.fuzzing.targets.is_safe", lambda _: True, b"a/../b"),
        ("keys", "sparkify_dagster_tests.fuzzing.targets.month_of", lambda _: None, b"log_data/2018/11/a.json"),
        ("keys", "sparkify_dagster_tests.fuzzing.targets.printable", str, b"a\nb"),
        ("notifications", "sparkify_dagster.events.notifications.unquote_plus", str, b"a+b"),
        ("two-paths", "sparkify_dagster.loading.records.RecordValidator.validate", refuse_all, EVENT),
    ],
)  # fmt: skip
def test_a_target_finds_a_defect(
    name: str, where: str, defect: object, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    TARGETS[name].check(data)
    monkeypatch.setattr(where, defect)
    with pytest.raises(AssertionError):
        TARGETS[name].check(data)


def test_a_run_ends_with_what_it_found() -> None:
    def check(data: bytes) -> None:
        assert b"1E400" not in data

    with pytest.raises(AssertionError):
        run_for(replace(TARGETS["records"], check=check), seconds=20.0, first_seed=1)


@pytest.mark.parametrize("text", [*NUMBERS, "0e5", "00.10", "17976931348623158079e289", "1e-324", "5e-324", "3e-324"])
def test_a_number_is_read_as_python_reads_it(text: str) -> None:
    try:
        found = nearest_double(text)
    except Bad:
        found = math.copysign(math.inf, float(text))
    assert found == float(text)
    assert whole(text) in {None, Fraction(text)}
    assert whole(text) is not None or Fraction(text).denominator > 1 or abs(Fraction(text)) > 10**300


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}x", '{"a"}', '{"a":}', '{"a":1,}', "{,}", '{"a":[1,]}', '{"a":[1 2]}', '{"a":{"b"}}', "[", "[}"],
)
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(NotJson):
        read_object(text)


def test_json_is_read_with_its_numbers_as_they_are_written() -> None:
    found = read_object(r' {"a": 1.0, "a": [[], {"b": [1, "x"]}], "\ud83c\udfb5": "\u0041\n", "n": null, "t": true} ')
    assert found is not None
    assert found.pairs == [
        ("a", Number("1.0")), ("a", Kind.COMPOUND), ("\U0001f3b5", "A\n"), ("n", None), ("t", Kind.BOOLEAN),
    ]  # fmt: skip
    assert read_object("[1, {}]") is None


def test_files_are_made_whole_cut_and_damaged() -> None:
    assert made(b"p\x00text").stored == b"text"
    assert gzip.decompress(made(b"z\x00text").stored) == gzip.decompress(made(b"m\x80text").stored) == b"text"
    with pytest.raises(EOFError):
        gzip.decompress(made(b"c\xfftext").stored)
    assert made(b"d\x80text").stored != made(b"z\x00text").stored
    assert records_of(b"\xef\xbb\xbf\n a \r\n\t\nb") == [(2, b"a"), (4, b"b")]
