"""What the double remembers of loads, and the system views that show it.

The memory is the double's, not the database's: rolling back leaves it as it is. The views read it from a setting of
the session, which the front sets before every statement that mentions one of them.

What belongs here: the rows, the views' columns, the settings. What doesn't: when a row is written (``copying``).
"""

import itertools
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sparkify_dagster_tests.redshift.lexing import Token

_FILE_BYTES = 256
_RAW_BYTES = 1024

_SYS_VIEWS = {
    "sys_load_error_detail": (
        "user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name character(64), "
        "table_id integer, start_time timestamp, file_name character(256), line_number bigint, "
        "column_name character(127), column_type character(10), column_length character(10), position integer, "
        "error_code integer, error_message character(512)"
    ),
    "sys_load_detail": (
        "user_id integer, query_id bigint, file_name character(256), bytes_scanned integer, lines_scanned integer, "
        "record_time timestamp, splits_scanned integer, start_time timestamp, end_time timestamp"
    ),
    "sys_load_history": (
        "user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, "
        "status text, table_name text, start_time timestamp, end_time timestamp, duration bigint, data_source text, "
        "file_format text, loaded_rows bigint, loaded_bytes bigint, source_file_count integer, "
        "source_file_bytes bigint, file_count_scanned integer, file_bytes_scanned bigint, error_count bigint, "
        "copy_job_id bigint"
    ),
}
_STL_VIEWS = {
    "stl_load_errors": (
        "userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer, "
        "filename character(256), line_number bigint, colname character(127), type character(10), "
        "col_length character(10), position integer, raw_line character(1024), raw_field_value character(1024), "
        "err_code integer, err_reason character(100), is_partial integer, start_offset bigint, copy_job_id bigint"
    ),
    "stl_load_commits": (
        "userid integer, query integer, slice integer, name character(256), filename character(256), "
        "byte_offset integer, lines_scanned integer, errors integer, curtime timestamp, status integer, "
        "file_format character(16), is_partial integer, start_offset bigint, copy_job_id bigint"
    ),
}
_COPY_FUNCTIONS = frozenset({"pg_last_copy_id", "pg_last_copy_count"})
_NAMES = frozenset({*_SYS_VIEWS, *_STL_VIEWS, *_COPY_FUNCTIONS})


@dataclass(frozen=True, slots=True)
class LoadError:
    """A record that was not loaded, or a file that could not be read.

    Attributes:
        file: Address of the file.
        line_number: The line on which the record ends, from 1.
        code: The number of the error.
        reason: The error, in words.
        column: The column that the value was for; "" where none is to blame.
        type: The column's type.
        length: The column's length, as declared.
        position: Where in the value the error is, from 0.
        raw_line: The record.
        raw_value: The value.
    """

    file: str
    line_number: int
    code: int
    reason: str
    column: str = ""
    type: str = ""
    length: str = ""
    position: int = 0
    raw_line: bytes = b""
    raw_value: str = ""


@dataclass(slots=True)
class ScannedFile:
    """A file that a COPY read.

    Attributes:
        file: Its address.
        size: Its bytes, as they are stored.
        lines: Its records, good and bad.
        errors: The bad ones among them.
    """

    file: str
    size: int = 0
    lines: int = 0
    errors: int = 0


@dataclass(slots=True)
class Load:
    """What one COPY did.

    Attributes:
        query_id: Its number.
        text: The statement.
        table: The table's name.
        source: The address that it was given.
        label: The query group of its session.
        session_id: The process of its session.
        transaction_id: Its transaction.
        table_id: The number of the table.
        database: The database.
        started: When it began, UTC.
        ended: When it ended.
        succeeded: Whether it loaded its rows; whether they were committed is another question.
        rows: How many rows it loaded.
        files: The files that it read, in order.
        errors: The records that it left out, or failed for.
    """

    query_id: int
    text: str
    table: str
    source: str
    label: str
    session_id: int
    transaction_id: int
    table_id: int
    database: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))
    ended: datetime | None = None
    succeeded: bool = False
    rows: int = 0
    files: list[ScannedFile] = field(default_factory=list)
    errors: list[LoadError] = field(default_factory=list)


class LoadLog:
    """The loads of all sessions; several threads may use it."""

    def __init__(self) -> None:
        self.loads: list[Load] = []
        self._numbers = itertools.count(1001)
        self._lock = threading.Lock()

    def next_query_id(self) -> int:
        """A number that no query had yet."""
        with self._lock:
            return next(self._numbers)

    def add(self, load: Load) -> None:
        """Remembers a load that has ended."""
        load.ended = datetime.now(UTC).replace(tzinfo=None)
        with self._lock:
            self.loads.append(load)

    def rows(self, view: str) -> str:
        """The rows of a view, as JSON."""
        with self._lock:
            loads = list(self.loads)
        make = {
            "sys_load_error_detail": _error_details,
            "sys_load_detail": _details,
            "sys_load_history": _history,
            "stl_load_errors": _stl_errors,
            "stl_load_commits": _stl_commits,
        }[view]
        return json.dumps([row for load in loads for row in make(load)], default=str)


def mentioned(pieces: Iterable[Token]) -> frozenset[str]:
    """The names in a statement that stand for something which only the front knows."""
    return frozenset(token.value for token in pieces if token.kind in {"word", "quoted"}) & _NAMES


def settings(names: Iterable[str], log: LoadLog, copy_id: int, copy_count: int) -> Mapping[str, str]:
    """The settings that make those names tell the truth in a session."""
    found: dict[str, str] = {}
    for name in names:
        if name in _COPY_FUNCTIONS:
            found |= {"redshift.last_copy_id": str(copy_id), "redshift.last_copy_count": str(copy_count)}
        else:
            found[f"redshift.{name}"] = log.rows(name)
    return found


def definitions(*, serverless: bool) -> list[str]:
    """The statements that make the views; without the STL views, where Redshift is serverless."""
    views = _SYS_VIEWS if serverless else _SYS_VIEWS | _STL_VIEWS
    return [
        f"CREATE VIEW pg_catalog.{name} AS SELECT * FROM json_to_recordset("
        f"coalesce(nullif(current_setting('redshift.{name}', TRUE), ''), '[]')::json) AS r ({columns}); "
        f"GRANT SELECT ON pg_catalog.{name} TO PUBLIC;"
        for name, columns in views.items()
    ]


def _error_details(load: Load) -> Iterable[dict[str, object]]:
    for error in load.errors:
        yield {
            "user_id": 100,
            "query_id": load.query_id,
            "transaction_id": load.transaction_id,
            "session_id": load.session_id,
            "database_name": load.database,
            "table_id": load.table_id,
            "start_time": load.started,
            "file_name": _cut(error.file, _FILE_BYTES),
            "line_number": error.line_number,
            "column_name": _cut(error.column, 127),
            "column_type": error.type[:10],
            "column_length": error.length[:10],
            "position": error.position,
            "error_code": error.code,
            "error_message": _cut(error.reason, 512),
        }


def _details(load: Load) -> Iterable[dict[str, object]]:
    for file in load.files if load.succeeded else ():
        yield {
            "user_id": 100,
            "query_id": load.query_id,
            "file_name": _cut(file.file, _FILE_BYTES),
            "bytes_scanned": file.size,
            "lines_scanned": file.lines,
            "record_time": load.ended,
            "splits_scanned": 1,
            "start_time": load.started,
            "end_time": load.ended,
        }


def _history(load: Load) -> Iterable[dict[str, object]]:
    size = sum(file.size for file in load.files)
    yield {
        "user_id": 100,
        "query_id": load.query_id,
        "transaction_id": load.transaction_id,
        "session_id": load.session_id,
        "database_name": load.database,
        "status": "completed" if load.succeeded else "aborted",
        "table_name": load.table,
        "start_time": load.started,
        "end_time": load.ended,
        "duration": int(((load.ended or load.started) - load.started).total_seconds() * 1e6),
        "data_source": load.source,
        "file_format": "json",
        "loaded_rows": load.rows,
        "loaded_bytes": size,
        "source_file_count": len(load.files),
        "source_file_bytes": size,
        "file_count_scanned": len(load.files),
        "file_bytes_scanned": size,
        "error_count": len(load.errors),
        "copy_job_id": 0,
    }


def _stl_errors(load: Load) -> Iterable[dict[str, object]]:
    for error in load.errors:
        yield {
            "userid": 100,
            "slice": 0,
            "tbl": load.table_id,
            "starttime": load.started,
            "session": load.session_id,
            "query": load.query_id,
            "filename": _cut(error.file, _FILE_BYTES),
            "line_number": error.line_number,
            "colname": _cut(error.column, 127),
            "type": error.type[:10],
            "col_length": error.length[:10],
            "position": error.position,
            "raw_line": _cut(error.raw_line, _RAW_BYTES),
            "raw_field_value": _cut(error.raw_value, _RAW_BYTES),
            "err_code": error.code,
            "err_reason": _cut(error.reason, 100),
            "is_partial": 0,
            "start_offset": 0,
            "copy_job_id": 0,
        }


def _stl_commits(load: Load) -> Iterable[dict[str, object]]:
    for file in load.files if load.succeeded else ():
        yield {
            "userid": 100,
            "query": load.query_id,
            "slice": 0,
            "name": _cut(file.file, _FILE_BYTES),
            "filename": _cut(file.file, _FILE_BYTES),
            "byte_offset": 0,
            "lines_scanned": file.lines,
            "errors": file.errors,
            "curtime": load.ended,
            "status": 1,
            "file_format": "JSON",
            "is_partial": 0,
            "start_offset": 0,
            "copy_job_id": 0,
        }


def _cut(text: str | bytes, size: int) -> str:
    """So many bytes at most, as text that JSON and PostgreSQL take."""
    data = text.encode(errors="replace") if isinstance(text, str) else text
    return data[:size].decode(errors="ignore" if len(data) > size else "replace").replace("\0", "?")
