"""Files that are written plainly, as most are: read in half the time, with the same result.

A file is plain where each line is one object that has every field, strings and plain decimal numbers and nulls and
nothing else, and no white space but a space after a colon or a comma. DuckDB then parses a line and has the line
itself beside its values, so that what the values alone don't tell can be seen there. Any line that is not plain, good
or bad, raises an error.

Lines come from DuckDB's reader of CSV, not from that of JSON: of several files, DuckDB 2.0's reader of JSON loses now
and then a line that it can't parse, without an error.

What belongs here: what is plain, and the SELECT that reads it. What doesn't: what happens to other files.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import orjson

from sparkify_dagster.tables import Column
from sparkify_dagster.warehouse.duckdb.expressions import strict_integer_text, strict_number, text_beside_its_line
from sparkify_dagster.warehouse.duckdb.lines import read_lines

# What is no string, no plain decimal and no null, after a colon and at most one space. In a string, no quote stands
# bare before a colon. RE2 looks for the first two characters at the speed of memchr; a pattern with a choice of
# beginnings would take three times as long.
_OTHER = r'[^-"0-9n ]|-[^0-9]|n[^u]|-?[0-9]+(?:\.[0-9]+)?[^0-9,.} ]'
_NO_PLAIN_VALUE = rf'":(?:{_OTHER}| (?:{_OTHER})|  )'
_NO_PLAIN_VALUE_IN_BYTES = re.compile(_NO_PLAIN_VALUE.encode())
# A line ends with a value: DuckDB would take a comma after the last.
_DIGITS = [b"%d}" % digit for digit in range(10)]

# A record is at most as long as a line may be.
_DOUBTFUL = (
    rf"regexp_matches(line, '{_NO_PLAIN_VALUE}') OR contains(line, '\u0000') "
    r"""OR NOT (line LIKE '%"}' OR regexp_matches(line, '[0-9l]\}$'))"""
)
_CHECKED_LINE = f"CASE WHEN {_DOUBTFUL} THEN error('look closer: line') ELSE line END"

_INTEGERS = frozenset({"INTEGER", "BIGINT"})
LINES_LOOKED_AT = 4
"""So many lines at each end of a file say how it is written."""


def looks_plain(head: bytes, tail: bytes, keys: Mapping[str, Column]) -> bool:
    """Whether a file seems to be plain, by its first and last lines.

    Args:
        head: The first bytes.
        tail: The last bytes, where there are more.
        keys: The columns by JSON key.
    """
    first = head.split(b"\n")[:LINES_LOOKED_AT]
    last = tail.rstrip(b"\n").split(b"\n")[1:][-LINES_LOOKED_AT:]
    return any(first) and all(_is_plain(line, keys) for line in (*first, *last) if line)


def plain_select(
    keys: Mapping[str, Column], quoted_integers: Collection[str], given: Sequence[str], paths: Sequence[str]
) -> str:
    """A SELECT of the columns of plain files, by name, with others that are given.

    Args:
        keys: The columns by JSON key.
        quoted_integers: Keys of integers that are mostly in quotes; they are read quicker then.
        given: Further expressions, with their names; they may use ``file_index``, which counts the paths from 0.
        paths: The files.
    """
    texts = {key for key, column in keys.items() if column.type == "VARCHAR"}.union(quoted_integers)
    types = ", ".join(f'"{key}":"{"VARCHAR" if key in texts else "JSON"}"' for key in keys)
    fields = [f'{_value(key, column, key in texts)} AS "{column.name}"' for key, column in keys.items()]
    return (
        f"SELECT {', '.join([*fields, *given])} "  # noqa: S608 names of the DDL
        # Strict: a field that is there twice, or not at all, is an error.
        f"FROM (SELECT from_json_strict({_CHECKED_LINE}, '{{{types}}}') AS record, line, file_index "
        f"FROM {read_lines(paths)} WHERE line <> '')"
    )


def quoted_integers(head: bytes, keys: Mapping[str, Column]) -> frozenset[str]:
    """Keys of integers that are in quotes in the first line of a plain file."""
    record = orjson.loads(next(line for line in head.split(b"\n") if line))
    return frozenset(key for key, column in keys.items() if column.type in _INTEGERS and isinstance(record[key], str))


def _is_plain(line: bytes, keys: Mapping[str, Column]) -> bool:
    if _NO_PLAIN_VALUE_IN_BYTES.search(line) or not line.endswith((b'"}', b"l}", *_DIGITS)):
        return False
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(record, dict) and all(
        key in record and _is_of_its_kind(record[key], column) for key, column in keys.items()
    )


def _is_of_its_kind(value: object, column: Column) -> bool:
    if value is None:
        return True
    if column.type == "VARCHAR":
        return isinstance(value, str)
    if column.type in _INTEGERS:
        return isinstance(value, int | str)
    return isinstance(value, int if column.type == "TIMESTAMP" else int | float)


def _value(key: str, column: Column, as_text: bool) -> str:
    value = f'record."{key}"'
    if column.type == "VARCHAR":
        return text_beside_its_line(value, column, key, "line")
    return strict_integer_text(value, column) if as_text else strict_number(value, column, exponents=False)
