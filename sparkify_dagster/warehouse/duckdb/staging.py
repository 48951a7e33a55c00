"""How DuckDB reads the files of a lake into a staging table.

Files are read as they are, with expressions that raise an error at any value that is not plainly right: what passes
here is what ``loading.records`` would accept, with the same values. A file that does not pass is named in BadRecords,
for the loader to validate record by record. Of files that are written plainly (``plain``) one statement reads all, of
others another, in twice the time.

What belongs here: local paths, decompression, and which statement reads which file. What doesn't: the expressions for
a value (``expressions``), and deciding whether a record is good, which is for ``loading.records``.
"""

import gzip
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sparkify_dagster.lake.copies import readable_paths
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.lake.packing import BROKEN, is_packed
from sparkify_dagster.lake.verification import verify_unchanged
from sparkify_dagster.sqlfiles import quoted
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.tables import FREE_TEXTS, Column, Table
from sparkify_dagster.warehouse.base import BadRecords, Batch, IncomingFile
from sparkify_dagster.warehouse.duckdb.expressions import strict_free_text, strict_number, strict_text
from sparkify_dagster.warehouse.duckdb.lines import read_lines
from sparkify_dagster.warehouse.duckdb.plain import looks_plain, plain_select, quoted_integers

_DATA_ERRORS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.ConstraintException,
    duckdb.OutOfRangeException,
)
_GLOB = frozenset("*?[")
_HEAD_BYTES = 16_384
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, eq=False)
class _Original:
    """A file to be read as it is.

    Attributes:
        incoming: The file.
        path: Where it can be read.
        plain: Whether it seems to be written plainly.
        quoted_integers: Of a plain file, the keys of integers that are in quotes.
    """

    incoming: IncomingFile
    path: Path
    plain: bool
    quoted_integers: frozenset[str]


_Select = Callable[[Table, Sequence[_Original]], str]
"""Makes the SELECT that reads files."""


def stage(connection: duckdb.DuckDBPyConnection, table: Table, batch: Batch) -> None:
    """Adds the records of a batch to a staging table, within the transaction that is open.

    Raises:
        BadRecords: A file among the originals needs a closer look.
        FileChanged: The lake no longer holds the version that was listed.
    """
    if batch.originals:
        _stage_originals(connection, table, batch)
    if batch.validated:
        connection.execute(_insert(table, _validated_select(table, batch.validated)))


def _stage_originals(connection: duckdb.DuckDBPyConnection, table: Table, batch: Batch) -> None:
    originals = _readable(batch, table.keys_of(_part(table)))
    plain = [original for original in originals if original.plain]
    others = [original for original in originals if not original.plain]
    lines = _look_at_lines(connection, others) if others else {}
    bad = {
        other.incoming.file_id for other in others if not (found := lines.get(other.incoming.file_id)) or found.loose
    }
    if bad:
        raise BadRecords(bad)
    reached(Step.MANIFEST)
    for files, select in ((plain, _plain_select), (others, _strict_select)):
        if not files:
            continue
        try:
            connection.execute(_insert(table, select(table, files)))
        except _DATA_ERRORS as error:
            bad = _probe(connection, table, files, select)
            if not bad:
                raise
            raise BadRecords(bad) from error
        except duckdb.IOException:
            # It may be gone.
            _verify(batch)
            raise
    reached(Step.COPIED)
    if others and (bad := _incomplete(connection, table, others, lines)):
        raise BadRecords(bad)
    _verify(batch)
    reached(Step.VERIFIED)


def _verify(batch: Batch) -> None:
    for incoming in batch.originals:
        verify_unchanged(batch.lake, incoming.file)


def _insert(table: Table, select: str) -> str:
    return f'INSERT INTO "{table.name}" {select}'


def _readable(batch: Batch, keys: Mapping[str, Column]) -> list[_Original]:
    """The originals at paths of plain NDJSON, in their order.

    Raises:
        BadRecords: A file is a broken gzip, or begins with a byte order mark.
    """
    files = [incoming.file for incoming in batch.originals]
    paths = readable_paths(batch.lake, files, batch.folder / "originals")
    found: list[_Original] = []
    bad: set[int] = set()
    for incoming, path in zip(batch.originals, paths, strict=True):
        try:
            head = _head(path)
        except FileNotFoundError:
            verify_unchanged(batch.lake, incoming.file)
            raise
        if is_packed(head):
            packed, path = path, batch.folder / f"unpacked-{incoming.file_id}.json"  # noqa: PLW2901
            if not _unpack(packed, path):
                bad.add(incoming.file_id)
                continue
            head = _head(path)
        tail = _tail(path) if len(head) == _HEAD_BYTES else b""
        batch.look_at(incoming.file_id, head)
        if tail:
            batch.look_at(incoming.file_id, tail)
        # DuckDB takes a file of one byte for an empty one.
        if head.startswith(_BYTE_ORDER_MARK) or len(head) == 1:
            bad.add(incoming.file_id)
        if _GLOB & set(str(path)):
            linked, path = path, batch.folder / f"linked-{incoming.file_id}.json"  # noqa: PLW2901
            path.symlink_to(linked)
        plain = looks_plain(head, tail, keys)
        found.append(_Original(incoming, path, plain, quoted_integers(head, keys) if plain else frozenset()))
    if bad:
        raise BadRecords(bad)
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-_HEAD_BYTES, os.SEEK_END)
        return file.read()


def _unpack(packed: Path, plain: Path) -> bool:
    """Decompresses a file; False where it is broken or cut."""
    try:
        with gzip.open(packed, "rb") as source, plain.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except BROKEN:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the lines of a file are.

    Attributes:
        records: Number of lines that are not blank.
        loose: Whether there are lines that DuckDB's reader of JSON takes, and that are no JSON, or that it doesn't
            look into.
    """

    records: int
    loose: bool


def _look_at_lines(connection: duckdb.DuckDBPyConnection, originals: Sequence[_Original]) -> dict[int, _Lines]:
    """What the lines of files are, by file_id; files whose lines can't be read are left out."""
    loose = " OR ".join(
        [
            # A comma after the last field.
            r"regexp_matches(line, ',[ \t\r]*\}')",
            # Infinity and NaN, in any spelling; arrays and objects.
            r"""regexp_matches(line, '"[ \t\r]*:[ \t\r]*(\[|\{|-?[nN][aA][nN]|-?[iI][nN][fF])')""",
        ]
    )
    lines = read_lines([str(original.path) for original in originals])
    counted = r"COUNT(*) FILTER (WHERE regexp_matches(line, '[^ \t\r\v\f]'))"
    try:
        with closing(connection.cursor()) as cursor:
            rows = cursor.execute(
                f"SELECT file_index, {counted}, bool_or({loose}) FROM {lines} GROUP BY file_index"  # noqa: S608
            ).fetchall()
    except duckdb.Error:
        if len(originals) == 1:
            return {}
        middle = len(originals) // 2
        return _look_at_lines(connection, originals[:middle]) | _look_at_lines(connection, originals[middle:])
    found = {original.incoming.file_id: _Lines(0, loose=False) for original in originals}
    found |= {originals[index].incoming.file_id: _Lines(records, bool(loose)) for index, records, loose in rows}
    return found


def _incomplete(
    connection: duckdb.DuckDBPyConnection, table: Table, originals: Sequence[_Original], lines: Mapping[int, _Lines]
) -> set[int]:
    """The files of which fewer records became rows than there are: DuckDB 2.0's reader of JSON loses some."""
    ids = ", ".join(str(original.incoming.file_id) for original in originals)
    rows = connection.execute(
        f'SELECT file_id, COUNT(*) FROM "{table.name}" WHERE file_id IN ({ids}) GROUP BY file_id'  # noqa: S608
    )
    staged = dict(rows.fetchall())
    return {
        file_id
        for file_id in (original.incoming.file_id for original in originals)
        if staged.get(file_id, 0) != lines[file_id].records
    }


def _probe(
    connection: duckdb.DuckDBPyConnection, table: Table, originals: Sequence[_Original], select: _Select
) -> set[int]:
    """The files that do not pass, each tried by itself on another connection (the transaction is lost)."""
    bad: set[int] = set()
    required = " OR ".join(f'"{column.name}" IS NULL' for column in table.columns if not column.nullable)
    with closing(connection.cursor()) as cursor:
        for original in originals:
            # Every column is looked at, else its expression would not run.
            looked_at = (
                f"SELECT MAX(HASH(COLUMNS(*))), COUNT(*) FILTER (WHERE {required}) "  # noqa: S608 names of the DDL
                f"FROM ({select(table, [original])})"
            )
            try:
                row = cursor.execute(looked_at).fetchone()
            except _DATA_ERRORS:
                bad.add(original.incoming.file_id)
                continue
            if row is None or row[-1]:
                bad.add(original.incoming.file_id)
    return bad


def _part(table: Table) -> str:
    return LOG_PART if table.keys_of(LOG_PART) else SONG_PART


def _given(originals: Sequence[_Original]) -> dict[str, str]:
    """The columns that come from the file, not from the record."""
    ids = ", ".join(str(original.incoming.file_id) for original in originals)
    months = ", ".join(f"DATE '{original.incoming.log_month}'" for original in originals)
    return {
        "file_id": f"[{ids}][CAST(file_index AS BIGINT) + 1]",
        "log_month": f"[{months}][CAST(file_index AS BIGINT) + 1]",
    }


def _plain_select(table: Table, originals: Sequence[_Original]) -> str:
    keys = table.keys_of(_part(table))
    given = [f'{value} AS "{name}"' for name, value in _given(originals).items()]
    paths = [str(original.path) for original in originals]
    select = plain_select(keys, originals[0].quoted_integers, given, paths)
    return f"SELECT {_column_names(table)} FROM ({select})"  # noqa: S608 names of the DDL


def _strict_select(table: Table, originals: Sequence[_Original]) -> str:
    keys = {column.name: key for key, column in table.keys_of(_part(table)).items()}
    read_as = {keys[column.name]: _read_type(column) for column in table.columns if column.name in keys}
    given = _given(originals)
    picked = ", ".join(
        f'{_strict(column, keys[column.name]) if column.name in keys else given[column.name]} AS "{column.name}"'
        for column in table.columns
    )
    return f"SELECT {picked} FROM {_read_json([original.path for original in originals], read_as)}"  # noqa: S608


def _validated_select(table: Table, paths: Sequence[Path]) -> str:
    read_as = {column.name: "BIGINT" if column.type == "TIMESTAMP" else _type(column) for column in table.columns}
    picked = ", ".join(
        f'make_timestamp_ms("{column.name}") AS "{column.name}"' if column.type == "TIMESTAMP" else f'"{column.name}"'
        for column in table.columns
    )
    return f"SELECT {picked} FROM {_read_json(paths, read_as)}"  # noqa: S608 names of the DDL


def _column_names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _read_json(paths: Sequence[Path], read_as: dict[str, str]) -> str:
    listed = ", ".join(quoted(str(path), "duckdb") for path in paths)
    columns = ", ".join(f"{quoted(key, 'duckdb')}: {quoted(kind, 'duckdb')}" for key, kind in read_as.items())
    return (
        f"read_json([{listed}], columns = {{{columns}}}, format = 'newline_delimited', "
        "compression = 'none', hive_partitioning = false)"
    )


def _type(column: Column) -> str:
    return column.type.replace(" PRECISION", "")


def _read_type(column: Column) -> str:
    if column.type == "VARCHAR":
        return "JSON" if column.name in FREE_TEXTS else "VARCHAR"
    return "JSON"


def _strict(column: Column, key: str) -> str:
    """The expression for a column's value, which raises an error at what is not plainly right."""
    value = f'"{key}"'
    if column.type != "VARCHAR":
        return strict_number(value, column)
    return strict_free_text(value, column) if column.name in FREE_TEXTS else strict_text(value, column)
