"""The fast path and the careful path agree: there is one definition of a good record, whoever applies it.

What belongs here: files that both paths read, and what becomes of them. What does not: which path a load takes.
That the fast path refuses what the careful one takes is fine: the careful one then reads the file.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sparkify_dagster.lake import FolderLake
from sparkify_dagster.lake.keys import LOG_PART
from sparkify_dagster.loading.careful import CarefulReader
from sparkify_dagster.loading.ledger import LedgerFile
from sparkify_dagster.loading.records import MAX_RECORD_BYTES, GoodRecord, RecordValidator, Rejected
from sparkify_dagster.loading.validation import RejectedRecord
from sparkify_dagster.tables import Table
from sparkify_dagster.warehouse import BadRecords, Batch, IncomingFile
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.duckdb.ddl import create_statements
from sparkify_dagster.warehouse.duckdb.engine import CONFIGURATION
from sparkify_dagster.warehouse.duckdb.plain import LINES_LOOKED_AT
from sparkify_dagster.warehouse.duckdb.staging import stage
from sparkify_dagster_tests.lakes import event, write
from sparkify_dagster_tests.loading.literals import (
    EVENTS,
    FIELDS,
    INVALID_LITERALS,
    NUMBERLIKE_TEXTS,
    NUMBERS,
    ODD_LITERALS,
    PLAIN,
    TEXTS,
    limit_of,
    record,
    texts_around,
    values_for,
    without,
)
from sparkify_dagster_tests.loading.loads import MONTH_FOLDER, latest, load_events, rejected

VALIDATOR = RecordValidator(EVENTS, LOG_PART)
MONTH = date(2018, 11, 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)

PLAIN_LINE = record()

Rows = list[str]


class BothPaths:
    """Reads files by both paths, into a table that is empty again after each look."""

    def __init__(self, folder: Path, table: Table = EVENTS) -> None:
        self._table = table
        self._validator = RecordValidator(table, LOG_PART)
        self._folder = folder
        self._work = folder / "work"
        self._work.mkdir()
        self._lake = FolderLake(folder / "log_data", folder / "song_data", "the lake of two paths")
        self._connection = duckdb.connect(config=CONFIGURATION)
        for statement in create_statements(table):
            self._connection.execute(statement)

    def close(self) -> None:
        self._connection.close()

    def fast(self, contents: Sequence[bytes]) -> list[Rows | None]:
        """Gives each file's rows, or None for a file that the fast path refuses."""
        files = self._written(contents)
        refused: set[int] = set()
        while True:
            taken = [file for file in files if file.file_id not in refused]
            try:
                rows = self._staged(Batch(self._lake, self._work, originals=taken))
            except BadRecords as bad:
                named = bad.file_ids & {file.file_id for file in taken}
                if named != bad.file_ids or not named:
                    raise AssertionError("the files that are refused are not named") from bad
                refused |= named
            else:
                return [None if file.file_id in refused else rows.get(file.file_id, []) for file in files]

    def careful(self, contents: Sequence[bytes]) -> tuple[list[Rows], list[list[RejectedRecord]]]:
        """Gives each file's rows and rejected records."""
        files = [LedgerFile(incoming) for incoming in self._written(contents)]
        reader = CarefulReader(self._lake, self._validator, self._work, with_months=True)
        rows = self._staged(Batch(self._lake, self._work, validated=reader.read_logs(files, 1.0, 0)))
        return [rows.get(file.incoming.file_id, []) for file in files], [list(file.rejected) for file in files]

    def by_the_rules(self, raw: bytes) -> Rows | str:
        """Gives the one row of a record that is alone in its file, or why it is rejected."""
        try:
            # White space around a record is not a part of it.
            return [expected_row(self._validator.validate(raw.strip()))]
        except Rejected as rejection:
            return f"rejected: {rejection}"

    def disagreements(self, records: Sequence[bytes]) -> dict[bytes, tuple[Rows, Rows | str]]:
        """Gives the records that the fast path takes with other rows than the rules give: (fast path, rules)."""
        found = zip(records, self.fast(records), map(self.by_the_rules, records), strict=True)
        wrong = {raw: (fast, right) for raw, fast, right in found if fast is not None and fast != right}
        return wrong or self._disagreements_behind_plain_lines(records)

    def _disagreements_behind_plain_lines(self, records: Sequence[bytes]) -> dict[bytes, tuple[Rows, Rows | str]]:
        """The same for records that are not seen when it is decided how to read their file."""
        plain = self.by_the_rules(PLAIN_LINE)
        assert not isinstance(plain, str)
        contents = [(PLAIN_LINE + b"\n") * LINES_LOOKED_AT + raw for raw in records]
        wrong = {}
        for raw, fast, right in zip(records, self.fast(contents), map(self.by_the_rules, records), strict=True):
            expected = right if isinstance(right, str) else sorted(plain * LINES_LOOKED_AT + right)
            if fast is not None and fast != expected:
                wrong[raw] = (fast, expected)
        return wrong

    def _written(self, contents: Sequence[bytes]) -> list[IncomingFile]:
        files: list[IncomingFile] = []
        for number, content in enumerate(contents, start=1):
            key = f"{MONTH_FOLDER}/{number}.json"
            write(self._folder / key, content)
            file = self._lake.stat(key)
            assert file is not None
            files.append(IncomingFile(number, file, MONTH))
        return files

    def _staged(self, batch: Batch) -> dict[int, Rows]:
        rows: dict[int, Rows] = {}
        self._connection.begin()
        try:
            if batch.originals or batch.validated:
                stage(self._connection, self._table, batch)
            for row in self._connection.execute("SELECT * FROM staging_events").fetchall():
                named = dict(zip((column.name for column in self._table.columns), row, strict=True))
                assert named.pop("log_month") == MONTH
                rows.setdefault(named.pop("file_id"), []).append(shown(named))
        finally:
            self._connection.rollback()
        return {file_id: sorted(found) for file_id, found in rows.items()}


def shown(row: dict[str, Any]) -> str:
    """Tells every value from every other, also 0.0 from -0.0, and 1 from 1.0."""
    return repr({column: value for column, value in sorted(row.items()) if value is not None})


def expected_row(good: GoodRecord) -> str:
    """The row that a validated record must become."""
    moment = good.values["ts"]
    assert isinstance(moment, int)
    return shown({**good.values, "ts": EPOCH + timedelta(milliseconds=moment)})


# One field for each way to read a value; the others differ from one of these in their name and their limit alone.
FULLY = {"artist", "auth", "itemInSession", "userId", "length", "ts", "unknown"}


def worth_trying(field: str) -> list[str]:
    tried = (
        values_for(field)
        if field in FULLY
        else [*ODD_LITERALS, *map(json.dumps, texts_around(limit_of(field))), *map(json.dumps, NUMBERLIKE_TEXTS)]
    )
    return [literal for literal in tried if "\n" not in literal]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothPaths]:
    paths = BothPaths(tmp_path_factory.mktemp("paths"))
    yield paths
    paths.close()


# One field for each way to read a value; the others differ from one of these in their name and their limit alone.
READ_DIFFERENTLY = ("length", "page", "ts", "userId", "unknown")
EACH_FIELD = [
    pytest.param(field, marks=() if field in READ_DIFFERENTLY else pytest.mark.slow) for field in [*FIELDS, "unknown"]
]


class TestOneFieldAtATime:
    """Each field with all the values that are worth trying.

    The tables have only the columns that must be there and the field's own: that takes a third of the time.
    """

    @pytest.fixture
    def narrow(self, field: str, tmp_path: Path) -> Iterator[BothPaths]:
        kept = {
            "page",
            "ts",
            "log_month",
            "file_id",
            *(c.name for k, c in EVENTS.keys_of(LOG_PART).items() if k == field),
        }
        columns = tuple(column for column in EVENTS.columns if column.name in kept)
        paths = BothPaths(tmp_path, replace(EVENTS, columns=columns))
        yield paths
        paths.close()

    @pytest.mark.parametrize("field", EACH_FIELD)
    def test_what_the_fast_path_takes_is_right_and_has_the_right_values(self, narrow: BothPaths, field: str) -> None:
        assert narrow.disagreements([record({field: value}) for value in worth_trying(field)]) == {}

    @pytest.mark.parametrize("field", [*FIELDS, "unknown"])
    def test_the_careful_path_stages_the_values_that_the_rules_give(self, narrow: BothPaths, field: str) -> None:
        records = [record({field: value}) for value in worth_trying(field)]
        rows, bad = narrow.careful(records)
        for raw, found, rejected_ones in zip(records, rows, bad, strict=True):
            right = narrow.by_the_rules(raw)
            assert found == (right if isinstance(right, list) else [])
            assert len(rejected_ones) == isinstance(right, str)

    @pytest.mark.parametrize("field", FIELDS)
    def test_a_missing_field_is_read_alike(self, paths: BothPaths, field: str) -> None:
        assert paths.disagreements([without(field), without("page", field), without("ts", field)]) == {}


def test_plain_records_take_the_fast_path(paths: BothPaths, udacity: Path) -> None:
    files = sorted((udacity / "log_data").rglob("*.json"))
    rows = paths.fast([file.read_bytes() for file in files])
    assert sum(len(found) for found in rows if found is not None) == 4058
    assert None not in rows


def test_the_real_data_is_the_same_by_both_paths(paths: BothPaths, udacity: Path) -> None:
    contents = [file.read_bytes() for file in sorted((udacity / "log_data").rglob("*.json"))]
    rows, bad = paths.careful(contents)
    assert rows == paths.fast(contents)
    assert not any(bad)


LINE = record()
SYNTAX = {
    "a comma after the last field": LINE[:-1] + b",}",
    "a comma and blanks after the last field": LINE[:-1] + b" , \t}",
    "a comma after the last element of an unknown field": record(unknown="[1,]"),
    "a comma after the last field of an unknown field": record(unknown='{"a": 1,}'),
    "NaN in an unknown field": record(unknown="NaN"),
    "nan in an unknown field": record(unknown="nan"),
    "-Infinity within an unknown field": record(unknown='{"a": [-Infinity]}'),
    "nan where text belongs": record(auth="nan"),
    "INF where text belongs": record(page="INF"),
    "an unknown field twice": record(unknown="1")[:-1] + b', "unknown": 1}',
    "a field twice within an unknown field": record(unknown='{"a": 1, "a": 2}'),
    "a known field twice": LINE[:-1] + b', "auth": "x"}',
    "a known field twice, the first time null": record(song="null")[:-1] + b', "song": "x"}',
    "a known field twice, in two spellings": LINE[:-1] + rb', "p\u0061ge": "Home"}',
    "an unknown field of 5,000 digits": record(unknown="1" * 5_000),
    "an unknown field that is nested deeply": record(unknown="[" * 5_000 + "]" * 5_000),
    "an unknown field that is nested very deeply": record(unknown='{"a":' * 100_000 + "1" + "}" * 100_000),
    "an unknown field of more than 4 MB": record(unknown='"' + "x" * MAX_RECORD_BYTES + '"'),
    "more than 4 MB by blanks": LINE + b" " * 10 + record(unknown='"' + "x" * MAX_RECORD_BYTES + '"')[len(LINE) :],
    "more than 16 MB": record(unknown='"' + "x" * 4 * MAX_RECORD_BYTES + '"'),
    "a form feed before the object": b"\x0c" + LINE,
    "a form feed after the object": LINE + b"\x0c",
    "a vertical tab before the object": b"\x0b" + LINE,
    "a form feed within the object": LINE[:-1] + b"\x0c}",
    "a NUL after the object": LINE + b"\x00",
    "a byte order mark after the object": LINE + b"\xef\xbb\xbf",
    "a no-break space before the object": b"\xc2\xa0" + LINE,
    "a carriage return within the object": LINE.replace(b", ", b",\r"),
    "tabs within the object": LINE.replace(b", ", b"\t,\t"),
    "a comment": LINE + b" // why",
    "a comment in the object": LINE[:-1] + b" /* why */}",
    "single quotes": LINE.replace(b'"Home"', b"'Home'"),
    "an array": b"[" + LINE + b"]",
    "an array's comma": LINE + b",",
    "two objects": LINE + LINE,
    "two objects with a blank": LINE + b" " + LINE,
    "an object within an array": b"[" + LINE,
    "a cut object": LINE[:-1],
    "a scalar": b"39",
    "a word": b"true",
    "null": b"null",
    "null with blanks": b"  null ",
    "an empty object": b"{}",
    "one character": b"x",
    "one digit": b"1",
    "one brace": b"{",
    "one NUL": b"\x00",
    "one byte of no text": b"\xff",
    "one byte of a gzip": b"\x1f",
    "two bytes of a byte order mark": b"\xef\xbb",
    "a NUL in a field's name": LINE[:-1] + rb', "page\u0000": 1}',
    "a lone surrogate in a field's name": LINE[:-1] + rb', "\ud800": 1}',
    "a field without a name": LINE[:-1] + b', "": 1}',
    "a field in another case": without("ts")[:-1] + b', "TS": 1}',
    "a field in two cases": LINE[:-1] + b', "TS": 1, "Page": 2}',
    "fields named like columns": LINE[:-1]
    + b', "file_id": 7, "log_month": "2019-01-01", "user_id": 1, "file_index": 9}',
    "bytes of no text in an unknown field": LINE[:-1] + b', "unknown": "\xff"}',
    "a surrogate's bytes in an unknown field": LINE[:-1] + b', "unknown": "\xed\xa0\x80"}',
    "a NUL's long form in an unknown field": LINE[:-1] + b', "unknown": "\xc0\x80"}',
    "UTF-16": LINE.decode().encode("utf-16"),
    "UTF-16 without a mark": LINE.decode().encode("utf-16-le"),
}


class TestSyntax:
    @pytest.mark.parametrize("raw", SYNTAX.values(), ids=SYNTAX.keys())
    def test_what_the_fast_path_takes_is_right(self, paths: BothPaths, raw: bytes) -> None:
        assert paths.disagreements([raw]) == {}

    @pytest.mark.parametrize("raw", SYNTAX.values(), ids=SYNTAX.keys())
    def test_a_bad_line_among_good_ones_is_never_lost(self, paths: BothPaths, raw: bytes) -> None:
        content = LINE + b"\n" + raw + b"\n" + record(auth='"last"')
        (fast,) = paths.fast([content])
        (careful,), (bad,) = paths.careful([content])
        assert len(careful) + len(bad) == 3
        assert fast is None or (fast == careful and not bad)


# Numbers and words of all spellings, the right ones and those that are nearly right.
NUMBERLIKE = st.from_regex(r"[ +-]?(0|[0-9]{1,22})([._,][0-9]{0,20})?([eE][+-]?[0-9]{0,3})?[ dfL]?", fullmatch=True)
VALUES = st.one_of(
    st.sampled_from([*NUMBERS, *ODD_LITERALS]),
    st.sampled_from([json.dumps(text) for text in [*TEXTS, *NUMBERLIKE_TEXTS]]),
    st.sampled_from(INVALID_LITERALS),
    NUMBERLIKE,
    NUMBERLIKE.map(json.dumps),
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
    st.text(st.characters(codec="utf-8")).map(json.dumps),
    st.text(st.characters(codec="utf-8")).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.text(st.sampled_from('0123456789eE+-. "\\u{}[],:nulltrefasNIi\x00\t'), max_size=12).map(json.dumps),
    st.text(st.sampled_from('0123456789eE+-. "\\u{}[],:nulltrefasNIi\t'), max_size=12),
)
RECORDS = st.dictionaries(st.sampled_from([*FIELDS, "unknown"]), VALUES, min_size=1, max_size=4).map(record)

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@settings(LOOSE, max_examples=40)
@given(records=st.lists(RECORDS, min_size=1, max_size=4))
@example(records=[record(userId='"1E2"'), record(sessionId='"0xFFFFFFFFF"')])
@example(records=[record(length='" 39"'), record(registration='".5"'), record(length='"39."')])
@example(records=[record(auth="nan"), record(page="inf"), record(level="Infinity")])
def test_whatever_a_record_holds_the_fast_path_never_contradicts_the_rules(
    paths: BothPaths, records: list[bytes]
) -> None:
    assert paths.disagreements([raw.replace(b"\n", b" ") for raw in records]) == {}


MANGLED_FILES = st.builds(
    lambda lines, end, edits: _mangled(end.join(lines), edits),
    st.lists(st.sampled_from([LINE, record(unknown='[1, {"a": "b"}]'), record(artist='"1"'), b""]), max_size=3),
    st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\r", b"\n \t\n"]),
    st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 3), st.binary(max_size=3)), max_size=3),
)


def _mangled(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, new in edits:
        start = place % (len(content) + 1)
        content = content[:start] + new + content[start + length :]
    return content


@settings(LOOSE, max_examples=150)
@given(content=st.binary(max_size=40) | MANGLED_FILES)
@example(content=b"")
@example(content=b"\n")
@example(content=b"\x0b")
@example(content=LINE + b"\n\x0c\n" + LINE)
def test_whatever_bytes_a_file_holds_the_fast_path_never_contradicts_the_careful_one(
    paths: BothPaths, content: bytes
) -> None:
    (fast,) = paths.fast([content])
    (careful,), (bad,) = paths.careful([content])
    assert fast is None or (fast == careful and not bad)


FILES = {
    "lines": (LINE + b"\n" + LINE + b"\n", 2, []),
    "no newline at the end": (LINE + b"\n" + LINE, 2, []),
    "one line without a newline": (LINE, 1, []),
    "a byte order mark": (b"\xef\xbb\xbf" + LINE + b"\n" + LINE + b"\n", 2, []),
    "a byte order mark and a bad line": (b"\xef\xbb\xbf" + LINE + b"\nx\n", 1, [2]),
    "CRLF": (LINE + b"\r\n" + LINE + b"\r\n", 2, []),
    "CRLF and a byte order mark": (b"\xef\xbb\xbf" + LINE + b"\r\n" + LINE, 2, []),
    "blank lines": (b"\n\n" + LINE + b"\n\n \t \n" + LINE + b"\n\n", 2, []),
    "blank lines and a bad one": (b"\n\n" + LINE + b"\n\n \t \nx\n\n", 1, [6]),
    "blank lines of CRLF and a bad one": (b"\r\n\r\n" + LINE + b"\r\n\r\nx", 1, [5]),
    "an empty file": (b"", 0, []),
    "only blank lines": (b"\n\n \t\n\r\n", 0, []),
    "only blanks": (b"   ", 0, []),
    "only a byte order mark": (b"\xef\xbb\xbf", 0, []),
    "only a byte order mark and a newline": (b"\xef\xbb\xbf\n", 0, []),
    "only one wrong character": (b"x", 0, [1]),
    "only null": (b"null\n", 0, [1]),
    "a cut last line": (LINE + b"\n" + LINE[:50], 1, [2]),
    "a line of NULs at the end": (LINE + b"\n" + b"\x00" * 100, 1, [2]),
    "gzip": (gzip.compress(LINE + b"\n" + LINE), 2, []),
    "gzip of a byte order mark": (gzip.compress(b"\xef\xbb\xbf" + LINE + b"\r\n" + LINE), 2, []),
    "gzip of a bad line": (gzip.compress(LINE + b"\nx\n"), 1, [2]),
    "gzip in two parts": (gzip.compress(LINE + b"\n") + gzip.compress(LINE), 2, []),
    "gzip of nothing": (gzip.compress(b"", mtime=0), 0, []),
    "a line after one of more than 4 MB": (b'{"x": "' + b"x" * 2 * MAX_RECORD_BYTES + b'"}\n' + LINE, 1, [1]),
    "a good line of nearly 4 MB": (LINE + b" " * (MAX_RECORD_BYTES - len(LINE)) + b"\r\n" + LINE, 2, []),
    "a good event and more than 4 MB": (record(more='"' + "x" * MAX_RECORD_BYTES + '"') + b"\n" + LINE, 1, [1]),
}


@pytest.mark.parametrize(("content", "good", "bad_lines"), FILES.values(), ids=FILES.keys())
def test_whole_files(
    content: bytes,
    good: int,
    bad_lines: list[int],
    lake_folder: Path,
    lake: FolderLake,
    warehouse: DuckDBWarehouse,
) -> None:
    write(lake_folder / MONTH_FOLDER / "file.json", content)
    report = load_events(lake, warehouse)
    row = latest(warehouse)["file.json"]
    assert (row.status, row.records, row.loaded, row.rejected) == (
        "loaded",
        good + len(bad_lines),
        good,
        len(bad_lines),
    )
    assert (report.rows, report.rejected) == (good, len(bad_lines))
    assert [found.line for found in rejected(warehouse)] == bad_lines


@pytest.mark.parametrize("folder", ["level=paid", "page=NextSong", "userId=7", "file_index=3", "log_month=2019-01-01"])
def test_no_value_comes_from_the_name_of_a_folder(
    folder: str, lake_folder: Path, lake: FolderLake, warehouse: DuckDBWarehouse
) -> None:
    """Whether it is a folder of the lake, where some writers put such names, or one above it."""
    write(lake_folder / MONTH_FOLDER / folder / "a.json", json.dumps(event()).encode())
    load_events(lake, warehouse)
    with warehouse.reading() as session:
        (row,) = session.query("SELECT level, page, user_id, file_id, log_month FROM staging_events")
    assert row == ("free", "Home", 39, 1, MONTH)


def test_no_value_comes_from_the_name_of_the_folder_for_temporary_files(
    lake_folder: Path, lake: FolderLake, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "level=paid"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    write(lake_folder / MONTH_FOLDER / "a.json", b"\xef\xbb\xbf" + LINE)
    write(lake_folder / MONTH_FOLDER / "b.json", gzip.compress(LINE))
    load_events(lake, warehouse)
    with warehouse.reading() as session:
        assert session.query("SELECT DISTINCT level FROM staging_events") == [("free",)]


def test_both_paths_give_the_same_plain_event(paths: BothPaths) -> None:
    rows, bad = paths.careful([LINE])
    assert paths.fast([LINE]) == rows
    assert rows == [[expected_row(VALIDATOR.validate(LINE))]]
    assert bad == [[]]
    assert len(PLAIN) == len(FIELDS)


@pytest.mark.parametrize("written", [PLAIN_LINE, PLAIN_LINE.replace(b", ", b" , ")], ids=["plainly", "otherwise"])
@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_a_line_that_is_no_json_among_several_files_is_never_lost(paths: BothPaths, written: bytes, times: int) -> None:
    """DuckDB 2.0's reader of JSON loses it without a word, once in 10 to 100 times."""
    good = (written + b"\n") * LINES_LOOKED_AT
    for _ in range(times):
        before, bad, after = paths.fast([good, good + written.replace(b"39", b"39d"), good])
        assert (before, bad, after) == ([*(before or ())], None, before)
