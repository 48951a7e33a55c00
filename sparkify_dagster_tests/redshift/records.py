"""From the bytes of a file to values for the columns of a table, as COPY's JSON reader makes them.

What belongs here: finding the records, reading JSON, JSONPaths, the conversion to each type, and the errors of single
records. What doesn't: files, options of COPY, the database.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any

from sparkify_dagster_tests.redshift.errors import ServerError

MAX_RECORD_BYTES = 4 << 20
_MAX_SUPER_TEXT_BYTES = 65_535

_INVALID_JSON = 1216
_TOO_LONG, _DATE, _TIMESTAMP, _DIGIT, _FLOAT, _DECIMAL, _BOOLEAN = 1204, 1205, 1206, 1207, 1208, 1209, 1210
_MISSING_NOT_NULL = 1213
_NOT_UTF8 = 1220

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 Redshift's timestamps have no zone
_WHOLE = {"smallint": ("Short", 15), "integer": ("Integer", 31), "bigint": ("Long", 63)}
_DIGITS = re.compile(r"[-+]?[0-9]+")
_FLOAT_TEXT = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
_DATE_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIMESTAMP_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?(?:Z|\+00(?::?00)?)?")
_TRUE = frozenset({"t", "true", "y", "yes", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "0"})
_ESCAPED = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_SPECIAL = re.compile(rb'[{}"\\]')
_STEP = re.compile(r"""\.(?P<key>[^.\[\]'"*\s]+)|\[(?:(?P<index>\d+)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]""")

_MISSING = object()


class Number(str):
    """A number of JSON, as it is written."""

    __slots__ = ()


@dataclass
class FieldError(Exception):
    """Why a record can't be loaded."""

    code: int
    reason: str
    value: str = ""
    position: int = 0


class TooLarge(Exception):
    """A record is larger than COPY reads."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table that is copied into.

    Attributes:
        name: Its name.
        type: Its type, as PostgreSQL's catalogue tells it, without the length.
        length: The length of a text, or precision; 0 where it has none.
        scale: Decimal places.
        required: Whether it is NOT NULL.
    """

    name: str
    type: str
    length: int = 0
    scale: int = 0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Conventions:
    """How values are read; COPY's options of the same names."""

    timeformat: str = ""
    emptyasnull: bool = False
    blanksasnull: bool = False
    truncatecolumns: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A record as it was found.

    Attributes:
        raw: Its bytes.
        line_number: The line on which it ends, from 1.
        value: What it says; None where there is an error.
        error: What is wrong with it.
    """

    raw: bytes
    line_number: int
    value: Any = None
    error: FieldError | None = None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_decoder = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_no_constant)


def records_of(data: bytes, *, arrays: bool = False) -> Iterator[Piece]:
    """The records of a file: objects that follow each other, separated by white space or nothing.

    A record usually is one line. Of one that is no JSON, the end is where its braces match, or before the next line
    that begins with a brace.

    Args:
        data: The bytes of the file, unpacked.
        arrays: Whether records are arrays, as JSONPaths of the form ``$[0]`` have it.

    Raises:
        TooLarge: A record is larger than 4 MB.
    """
    place, line_number = 0, 1
    size = len(data)
    while place < size:
        end = data.find(b"\n", place)
        end = size if end < 0 else end
        line = data[place:end]
        if not line.strip():
            place, line_number = end + 1, line_number + 1
            continue
        piece = _whole_line(line, line_number, arrays=arrays)
        if piece is not None:
            yield piece
            place, line_number = end + 1, line_number + 1
            continue
        start = place + len(line) - len(line.lstrip())
        end = _end_of_record(data, start)
        raw = data[start:end]
        _check_size(raw)
        line_number += raw.count(b"\n")
        yield _read(raw, line_number, arrays=arrays)
        place = end
        behind = data.find(b"\n", place)
        if behind >= 0 and not data[place:behind].strip():
            place, line_number = behind + 1, line_number + 1
        elif behind < 0 and not data[place:].strip():
            return


def _whole_line(line: bytes, line_number: int, *, arrays: bool) -> Piece | None:
    """The record that a line is; None where the line is something else."""
    try:
        text = line.decode()
        value, end = _decoder.raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    stripped = text.strip()
    if end != len(stripped) or not isinstance(value, list if arrays else dict):
        return None
    raw = line.strip()
    _check_size(raw)
    if _ESCAPED.search(stripped):
        try:
            _check_texts(value)
        except FieldError as error:
            return Piece(raw, line_number, error=error)
    return Piece(raw, line_number, value)


def _read(raw: bytes, line_number: int, *, arrays: bool) -> Piece:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        bad = raw[error.start : error.start + 1].hex()
        reason = f"String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {bad} (error 3)"
        return Piece(raw, line_number, error=FieldError(_NOT_UTF8, reason, position=error.start))
    try:
        value = _decoder.decode(text)
        _check_texts(value)
    except json.JSONDecodeError as error:
        reason = f"Invalid JSON format. {error.msg}"
        return Piece(raw, line_number, error=FieldError(_INVALID_JSON, reason, position=error.pos))
    except (ValueError, RecursionError):
        return Piece(raw, line_number, error=FieldError(_INVALID_JSON, "Invalid JSON format"))
    except FieldError as error:
        return Piece(raw, line_number, error=error)
    if not isinstance(value, list if arrays else dict):
        reason = f"Invalid JSON format. {'Array' if arrays else 'Object'} expected"
        return Piece(raw, line_number, error=FieldError(_INVALID_JSON, reason))
    return Piece(raw, line_number, value)


def _end_of_record(data: bytes, start: int) -> int:
    """Where a record ends that isn't plainly one line."""
    line_end = data.find(b"\n", start)
    line_end = len(data) if line_end < 0 else line_end
    if data[start : start + 1] != b"{":
        return line_end
    end = _matching_brace(data, start)
    if end is not None:
        try:
            _decoder.decode(data[start:end].decode())
        except (ValueError, RecursionError):
            pass
        else:
            return end
    next_record = data.find(b"\n{", start)
    ends = [place for place in (end, next_record if next_record >= 0 else None) if place is not None]
    return min(ends, default=len(data) if next_record < 0 else line_end)


def _matching_brace(data: bytes, start: int) -> int | None:
    depth, in_text, skip = 0, False, -1
    for match in _SPECIAL.finditer(data, start):
        place, mark = match.start(), match[0]
        if place == skip:
            continue
        if mark == b"\\":
            skip = place + 1
        elif mark == b'"':
            in_text = not in_text
        elif not in_text:
            depth += 1 if mark == b"{" else -1
            if depth == 0:
                return place + 1
        if place - start > MAX_RECORD_BYTES:
            return place + 1
    return None


def _check_size(raw: bytes) -> None:
    if len(raw) > MAX_RECORD_BYTES:
        raise TooLarge


def _check_texts(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_texts(key)
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)
    elif isinstance(value, str):
        if "\0" in value:
            raise FieldError(_NOT_UTF8, "String contains invalid or unsupported UTF8 codepoints: NUL", value)
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            reason = "String contains invalid or unsupported UTF8 codepoints: a surrogate without its other half"
            raise FieldError(_NOT_UTF8, reason)


def as_json(value: Any) -> str:
    """A value as JSON text, with its numbers as they were written."""
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ",".join(map(as_json, value)) + "]"
    return "{" + ",".join(f"{encode_basestring(key)}:{as_json(inner)}" for key, inner in value.items()) + "}"


Path = tuple[str | int, ...]


def json_paths(text: str) -> list[Path]:
    """The paths of a JSONPaths file.

    Raises:
        ServerError: It is no such file.
    """
    try:
        value = json.loads(text)
        paths = value["jsonpaths"]
        known = isinstance(paths, list) and all(isinstance(path, str) for path in paths)
    except (ValueError, KeyError, TypeError):
        known, paths = False, []
    if not known:
        raise ServerError("XX000", "Invalid JSONPaths file", "\n  error:  Invalid JSONPaths format\n  code: 8001\n")
    return [_path(path) for path in paths]


def _path(text: str) -> Path:
    if not text.startswith("$"):
        raise _bad_path(text)
    steps: list[str | int] = []
    place = 1
    while place < len(text):
        match = _STEP.match(text, place)
        if not match:
            raise _bad_path(text)
        if match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(next(match[name] for name in ("key", "single", "double") if match[name] is not None))
        place = match.end()
    return tuple(steps)


def _bad_path(text: str) -> ServerError:
    return ServerError(
        "XX000",
        "Invalid JSONPath format: Supported notations are 'dot-notation' and 'bracket-notation'",
        f"\n  error:  Invalid JSONPath format: {text}\n  code:      8001\n",
    )


class RowMaker:
    """Makes a row of a record: values in the order of the columns, as PostgreSQL's COPY reads text.

    Args:
        columns: The columns, in order.
        paths: Where each value is; None to go by the names of the columns.
        ignorecase: Whether keys match columns whatever their case.
        conventions: How values are read.
    """

    def __init__(
        self, columns: list[Column], paths: list[Path] | None, conventions: Conventions, *, ignorecase: bool = False
    ) -> None:
        self.columns = columns
        self.reads_arrays = bool(paths) and all(path and isinstance(path[0], int) for path in paths or [])
        self._ignorecase = ignorecase
        found = paths if paths is not None else [(column.name,) for column in columns]
        self._fields = [
            (column, _reader(path), _converter(column, conventions))
            for column, path in zip(columns, found, strict=True)
        ]

    def row(self, record: Any) -> str:
        """The row, with its line end.

        Raises:
            FieldOfColumn: A value can't be converted.
        """
        if self._ignorecase:
            record = {key.lower(): value for key, value in record.items()}
        values: list[str] = []
        for column, read, convert in self._fields:
            value = read(record)
            try:
                converted = None if value is _MISSING else convert(value)
            except FieldError as error:
                raise FieldOfColumn(column, error) from None
            if converted is None:
                if column.required:
                    raise FieldOfColumn(column, FieldError(_MISSING_NOT_NULL, "Missing data for not-null field"))
                values.append("\\N")
            elif "\\" in converted or not converted.isprintable():
                values.append(
                    converted.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
                )
            else:
                values.append(converted)
        return "\t".join(values) + "\n"


@dataclass
class FieldOfColumn(Exception):
    """A value of a record that its column doesn't take."""

    column: Column
    error: FieldError


def _reader(path: Path) -> Callable[[Any], Any]:
    if len(path) == 1 and isinstance(path[0], str):
        key = path[0]
        return lambda record: record.get(key, _MISSING)

    def read(value: Any) -> Any:
        for step in path:
            if isinstance(step, int):
                if not isinstance(value, list) or step >= len(value):
                    return _MISSING
                value = value[step]
            else:
                if not isinstance(value, dict) or step not in value:
                    return _MISSING
                value = value[step]
        return value

    return read


Converter = Callable[[Any], str | None]


def _converter(column: Column, conventions: Conventions) -> Converter:
    match column.type:
        case "super":
            return _super
        case "smallint" | "integer" | "bigint":
            return _whole(*_WHOLE[column.type])
        case "double precision" | "real":
            return _float
        case "numeric":
            return lambda value: _decimal(value, column)
        case "boolean":
            return _boolean
        case "date":
            return _date
        case "timestamp without time zone" | "timestamp with time zone":
            return _epoch(conventions.timeformat) if conventions.timeformat.startswith("epoch") else _timestamp
        case "character varying" | "character" | "text":
            return lambda value: _text(value, column, conventions)
    raise ServerError("0A000", f"COPY of JSON into type {column.type} is not in the double")


def _super(value: Any) -> str | None:
    if isinstance(value, str) and not isinstance(value, Number) and len(value.encode()) > _MAX_SUPER_TEXT_BYTES:
        raise FieldError(_TOO_LONG, f"String value exceeds the max size of {_MAX_SUPER_TEXT_BYTES} bytes")
    return as_json(value)


def _plain(value: Any) -> str | None:
    """A value's text, for types that are no text; None for null and ""."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else as_json(value)


def _whole(name: str, bits: int) -> Converter:
    limit = 1 << bits

    def convert(value: Any) -> str | None:
        text = _plain(value)
        if text is None:
            return None
        stripped = text.strip()
        if not _DIGITS.fullmatch(stripped):
            position = next((n for n, c in enumerate(text) if not (c.isdecimal() or (n == 0 and c in "+-"))), 0)
            reason = f"Invalid digit, Value '{text[position : position + 1]}', Pos {position}, Type: {name}"
            raise FieldError(_DIGIT, reason, text, position)
        if not -limit <= int(stripped) < limit:
            raise FieldError(_TOO_LONG, f"Overflow ({name} valid range {-limit} to {limit - 1})", text)
        return str(int(stripped))

    return convert


def _float(value: Any) -> str | None:
    text = _plain(value)
    if text is None:
        return None
    if not _FLOAT_TEXT.fullmatch(text):
        raise FieldError(_FLOAT, "Invalid Exponent, Pos 0, Type: Double" if "e" in text else _not_float(text), text)
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise FieldError(_FLOAT, "Overflow or underflow, Type: Double", text)
    return repr(number)


def _not_float(text: str) -> str:
    position = next((n for n, c in enumerate(text) if c not in "0123456789.-+"), 0)
    return f"Invalid digit, Value '{text[position : position + 1]}', Pos {position}, Type: Double"


def _decimal(value: Any, column: Column) -> str | None:
    text = _plain(value)
    if text is None:
        return None
    try:
        number = Decimal(text).quantize(Decimal(1).scaleb(-column.scale), ROUND_HALF_UP, Context(prec=60))
    except InvalidOperation:
        raise FieldError(_DECIMAL, f"Invalid digit, Value '{text[:1]}', Pos 0, Type: Decimal", text) from None
    if not number.is_finite() or number.adjusted() >= column.length - column.scale:
        raise FieldError(_DECIMAL, f"Overflow for NUMERIC({column.length},{column.scale})", text)
    return format(number, "f")


def _boolean(value: Any) -> str | None:
    text = _plain(value)
    if text is None:
        return None
    if text.lower() in _TRUE:
        return "t"
    if text.lower() in _FALSE:
        return "f"
    raise FieldError(_BOOLEAN, "Unknown boolean format", text)


def _date(value: Any) -> str | None:
    text = _plain(value)
    if text is None:
        return None
    if isinstance(value, str) and _DATE_TEXT.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise FieldError(_DATE, "Invalid Date Format - length must be 10 or more", text)


def _timestamp(value: Any) -> str | None:
    text = _plain(value)
    if text is None:
        return None
    if isinstance(value, str) and _TIMESTAMP_TEXT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(" ")
        except ValueError:
            pass
    raise FieldError(_TIMESTAMP, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]", text)


def _epoch(timeformat: str) -> Converter:
    unit = "milliseconds" if timeformat == "epochmillisecs" else "seconds"

    def convert(value: Any) -> str | None:
        text = _plain(value)
        if text is None:
            return None
        if _DIGITS.fullmatch(text):
            try:
                return (_EPOCH + timedelta(**{unit: int(text)})).isoformat(" ")
            except OverflowError:
                pass
        raise FieldError(_TIMESTAMP, f"Invalid timestamp format or value [{timeformat}]", text)

    return convert


def _text(value: Any, column: Column, conventions: Conventions) -> str | None:
    if value is None:
        return None
    text: str = value if isinstance(value, str) else as_json(value)
    if conventions.emptyasnull and not text:
        return None
    if conventions.blanksasnull and not text.strip():
        return None
    length = column.length
    if length and len(text) * 4 > length:
        encoded = text.encode()
        if len(encoded) > length:
            if not conventions.truncatecolumns:
                raise FieldError(_TOO_LONG, "String length exceeds DDL length", text)
            return encoded[:length].decode(errors="ignore")
    return str(text)
