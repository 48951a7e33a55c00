"""Answers as tables for people, as CSV and as JSON for programs.

What belongs here: how a value, a column and an answer look in each. What doesn't: what is asked, and the plain tables
of the platform's own figures (``output``).

In a table, counts have separators and shares are percentages; CSV and JSON have values as they are. CSV is that of
RFC 4180, with NULL as an empty field and an empty text in quotes. JSON has moments and dates in ISO 8601, as UTC.
"""

import io
import math
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

import orjson
from rich.cells import cell_len, set_cell_size

from sparkify_dagster.cli.output import say, show_cells, warn
from sparkify_dagster.showing import printable

FORMATS = ("table", "csv", "json")

WIDEST = 200
"""Characters that a table takes at most where no terminal says how wide it is."""

_LEAST = 12
"""Characters of a text that a column keeps, whatever else is beside it."""

_MOST_TURNED = 10
"""So many rows at most are shown as columns, where a table is too wide."""

_LEAST_TURNED = 8
"""Characters that such a column keeps."""

_DIGITS = 5
"""Places after the point in a table."""

_QUANTITY = re.compile(r"(?i)(?:count|sum|count_star|approx_count_distinct)\s*\(")
_NAME = re.compile(r"\w+")
# By its last word, a column is known as one of numbers that nobody adds up.
_LABELS = frozenset(
    {
        *("id", "key", "number", "code", "status", "version", "line", "ts", "registration"),
        *("year", "quarter", "month", "week", "weekday", "day", "hour", "minute", "second", "epoch"),
    }
)
_IN_QUOTES = re.compile(r'[,"\r\n]|^\s|\s$|^$')
_SHARES = frozenset({"share", "rate"})
_LARGEST_INTEGER = 2**63


def speak_utf8() -> None:
    """Has standard output in UTF-8, whatever the locale, with the line ends that are written: for programs."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")


def write_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints an answer for people, fit for the terminal or for ``WIDEST``: long texts end with "…".

    Where that is not enough, a few rows are shown as columns.
    """
    raw = [list(row) for row in rows]
    heads = [printable(column) for column in columns]
    cells = [[shown_in(column, value) for column, value in zip(columns, row, strict=True)] for row in raw]
    numbers = [bool(raw) and all(_is_number(row[place]) for row in raw) for place in range(len(columns))]
    texts = [any(isinstance(row[place], str) for row in raw) for place in range(len(columns))]
    room = _room() - 2
    lines = [heads, *cells]
    fitted = _cut(lines, [_LEAST if text else None for text in texts], room)
    if _width(_widths(fitted)) > room and 0 < len(raw) <= _MOST_TURNED:
        turned = [["", *map(str, range(1, len(raw) + 1))], *map(list, zip(*lines, strict=True))]
        fitted = _cut(turned, [None, *[_LEAST_TURNED] * len(raw)], room)
        numbers = [False] * (len(raw) + 1)
    show_cells(title, fitted[0], fitted[1:], numbers)
    if not raw:
        say("  (no rows)")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints an answer as CSV, row by row."""
    sys.stdout.write(csv_line(columns))
    for row in rows:
        sys.stdout.write(csv_line(row))


def write_json_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints an answer as a JSON object of ``columns`` and ``rows``, an object in a line, row by row."""
    names = unlike(columns)
    sys.stdout.write(f'{{"columns": {orjson.dumps(names).decode()}, "rows": [')
    separator = "\n"
    for row in rows:
        sys.stdout.write(separator + as_json(_object(names, row)))
        separator = ",\n"
    sys.stdout.write("\n]}\n")


def json_answer(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, Any]:
    """An answer as what ``as_json`` takes: ``columns`` and ``rows``."""
    names = unlike(columns)
    return {"columns": names, "rows": [_object(names, row) for row in rows]}


def as_json(value: object, *, indented: bool = False) -> str:
    """A text of JSON."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indented else None).decode()


def some(rows: Iterator[Sequence[object]], limit: int | None) -> Iterator[Sequence[object]]:
    """The first rows; says on standard error where there are more.

    Args:
        rows: The rows.
        limit: How many; None for all.
    """
    yield from islice(rows, limit)
    if limit is not None and next(rows, None) is not None:
        warn(f"There are more rows than the {limit:,} that are shown: --limit says how many, and --limit 0 shows all.")


def shown_in(column: str, value: object) -> str:
    """A value of a column as people read it in a table.

    Args:
        column: The name of the column, which says whether a number is a share, a quantity or a mere label.
        value: The value, of any type that an engine gives.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return _number(column, value)
    if isinstance(value, datetime):
        part = "seconds" if not value.microsecond else "auto" if value.microsecond % 1000 else "milliseconds"
        return value.isoformat(sep=" ", timespec=part)
    return printable(_text(value))


def csv_line(row: Sequence[object]) -> str:
    """A row of CSV with its line end."""
    # A line with nothing in it is none to many programs: there, an empty field is in quotes.
    fields = ['""'] if list(row) == [None] else [_field(value) for value in row]
    return f"{','.join(fields)}\r\n"


def json_value(value: object) -> object:
    """A value as ``as_json`` takes it: numbers as numbers with all their digits, moments in ISO 8601."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if -_LARGEST_INTEGER <= value < _LARGEST_INTEGER else orjson.Fragment(str(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}") if value.is_finite() else None
    if isinstance(value, dict):
        return {str(key): json_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(one) for one in value]
    return _text(value)


def unlike(columns: Sequence[str]) -> list[str]:
    """The names, those that came before with a number: an object has each once."""
    names: list[str] = []
    for column in columns:
        name, number = column, 2
        while name in names:
            name, number = f"{column}_{number}", number + 1
        names.append(name)
    return names


def _object(names: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    return {name: json_value(value) for name, value in zip(names, row, strict=True)}


def _field(value: object) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else _text(value)
    if _IN_QUOTES.search(text):
        return '"{}"'.format(text.replace('"', '""'))
    return text


def _text(value: object) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list | tuple):
        return as_json(json_value(value))
    return str(value)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def _number(column: str, value: float | Decimal) -> str:
    if not math.isfinite(value):
        return str(value)
    words = column.lower().split("_") if _NAME.fullmatch(column) else []
    if words and words[-1] in _SHARES:
        return f"{value:.1%}"
    quantity = words[-1] not in _LABELS if words else _QUANTITY.match(column) is not None
    if isinstance(value, int):
        return f"{value:,}" if quantity else str(value)
    if value and not 10**-_DIGITS <= abs(value) < 10**15:
        return f"{value:.6g}"
    text = f"{value:{',' if quantity else ''}.{_DIGITS}f}"
    return text.rstrip("0").rstrip(".")


def _room() -> int:
    """Characters in a line."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDEST


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(*lines, strict=True)]


def _width(widths: Sequence[int]) -> int:
    """Characters that columns of these widths take, with two between them."""
    return sum(widths) + 2 * (len(widths) - 1)


def _cut(lines: Sequence[Sequence[str]], least: Sequence[int | None], room: int) -> list[list[str]]:
    """The lines with the widest columns cut until they fit, as far as may be.

    Args:
        lines: A text for each column.
        least: Characters that each column keeps; None for all.
        room: Characters in a line.
    """
    widths = _widths(lines)
    while _width(widths) > room:
        spare = [width - kept if kept is not None else 0 for width, kept in zip(widths, least, strict=True)]
        if max(spare, default=0) <= 0:
            break
        widths[spare.index(max(spare))] -= 1
    return [[_shortened(cell, width) for cell, width in zip(line, widths, strict=True)] for line in lines]


def _shortened(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"
