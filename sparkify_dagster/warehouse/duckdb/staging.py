"""How DuckDB reads the files of a lake into a staging table.

Files are read as they are, in one statement, with expressions that raise an error at any value that is not plainly
right: what passes here is what ``loading.records`` would accept, with the same values. A file that does not pass is
named in BadRecords, for the loader to validate record by record.

What belongs here: local paths, decompression, and the expressions for each column type. What doesn't: deciding
whether a record is good, which is for ``loading.records``.
"""

import gzip
import os
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from sparkify_dagster.lake.copies import readable_paths
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.lake.packing import BROKEN, is_packed
from sparkify_dagster.lake.verification import verify_unchanged
from sparkify_dagster.sqlfiles import quoted
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.tables import FREE_TEXTS, LAST_TIMESTAMP_MS, Column, Table
from sparkify_dagster.warehouse.base import BadRecords, Batch, IncomingFile

_DATA_ERRORS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.ConstraintException,
    duckdb.OutOfRangeException,
)
_GLOB = frozenset("*?[")
_HEAD_BYTES = 16_384
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def stage(connection: duckdb.DuckDBPyConnection, table: Table, batch: Batch) -> None:
    """Adds the records of a batch to a staging table, within the transaction that is open.

    Raises:
        BadRecords: A file among the originals needs a closer look.
        FileChanged: The lake no longer holds the version that was listed.
    """
    if batch.originals:
        paths = _readable_paths(batch)
        bad = _loosely_written(connection, batch.originals, paths)
        if bad:
            raise BadRecords(bad)
        reached(Step.MANIFEST)
        try:
            connection.execute(_insert(table, _strict_select(table, paths, batch.originals)))
        except _DATA_ERRORS as error:
            bad = _probe(connection, table, batch.originals, paths)
            if not bad:
                raise
            raise BadRecords(bad) from error
        except duckdb.IOException:
            # It may be gone.
            _verify(batch)
            raise
        reached(Step.COPIED)
        _verify(batch)
        reached(Step.VERIFIED)
    if batch.validated:
        connection.execute(_insert(table, _plain_select(table, batch.validated)))


def _verify(batch: Batch) -> None:
    for incoming in batch.originals:
        verify_unchanged(batch.lake, incoming.file)


def _insert(table: Table, select: str) -> str:
    return f'INSERT INTO "{table.name}" {select}'


def _readable_paths(batch: Batch) -> list[Path]:
    """Paths of plain NDJSON for the originals, in their order.

    Raises:
        BadRecords: A file is a broken gzip, or begins with a byte order mark.
    """
    files = [incoming.file for incoming in batch.originals]
    paths = readable_paths(batch.lake, files, batch.folder / "originals")
    bad: set[int] = set()
    for place, (incoming, path) in enumerate(zip(batch.originals, paths, strict=True)):
        try:
            head = _head(path)
        except FileNotFoundError:
            verify_unchanged(batch.lake, incoming.file)
            raise
        if is_packed(head):
            paths[place] = batch.folder / f"unpacked-{incoming.file_id}.json"
            if not _unpack(path, paths[place]):
                bad.add(incoming.file_id)
                continue
            head = _head(paths[place])
        batch.look_at(incoming.file_id, head)
        if len(head) == _HEAD_BYTES:
            batch.look_at(incoming.file_id, _tail(paths[place]))
        if head.startswith(_BYTE_ORDER_MARK):
            bad.add(incoming.file_id)
        elif len(head) == 1:
            # DuckDB takes a file of one byte for an empty one.
            bad.add(incoming.file_id)
        elif _GLOB & set(str(path)):
            paths[place] = batch.folder / f"linked-{incoming.file_id}.json"
            paths[place].symlink_to(path)
    if bad:
        raise BadRecords(bad)
    return paths


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


def _loosely_written(
    connection: duckdb.DuckDBPyConnection, originals: Sequence[IncomingFile], paths: Sequence[Path]
) -> set[int]:
    """The files with lines that DuckDB's reader of JSON takes, and that are no JSON, or that it doesn't look into."""
    listed = ", ".join(quoted(str(path), "duckdb") for path in paths)
    loose = " OR ".join(
        [
            # A comma after the last field.
            r"regexp_matches(line, ',[ \t\r]*\}')",
            # Infinity and NaN, in any spelling; arrays and objects.
            r"""regexp_matches(line, '"[ \t\r]*:[ \t\r]*(\[|\{|-?[nN][aA][nN]|-?[iI][nN][fF])')""",
            "contains(line, chr(11)) OR contains(line, chr(12))",
        ]
    )
    lines = (
        f"read_csv([{listed}], columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', "
        "header = false, auto_detect = false, max_line_size = 4194303, hive_partitioning = false, "
        "compression = 'none', filename = true)"
    )
    try:
        with closing(connection.cursor()) as cursor:
            rows = cursor.execute(f"SELECT DISTINCT filename FROM {lines} WHERE {loose}").fetchall()  # noqa: S608
    except duckdb.Error:
        if len(paths) == 1:
            return {originals[0].file_id}
        middle = len(paths) // 2
        return _loosely_written(connection, originals[:middle], paths[:middle]) | _loosely_written(
            connection, originals[middle:], paths[middle:]
        )
    ids = {str(path): incoming.file_id for incoming, path in zip(originals, paths, strict=True)}
    return {ids[name] for (name,) in rows}


def _probe(
    connection: duckdb.DuckDBPyConnection, table: Table, originals: Sequence[IncomingFile], paths: Sequence[Path]
) -> set[int]:
    """The files that do not pass, each tried by itself on another connection (the transaction is lost)."""
    bad: set[int] = set()
    with closing(connection.cursor()) as cursor:
        for incoming, path in zip(originals, paths, strict=True):
            select = _strict_select(table, [path], [incoming])
            required = " OR ".join(f'"{column.name}" IS NULL' for column in table.columns if not column.nullable)
            # Every column is looked at, else its expression would not run.
            looked_at = f"SELECT MAX(HASH(COLUMNS(*))), COUNT(*) FILTER (WHERE {required}) FROM ({select})"  # noqa: S608
            try:
                row = cursor.execute(looked_at).fetchone()
            except _DATA_ERRORS:
                bad.add(incoming.file_id)
                continue
            if row is None or row[-1]:
                bad.add(incoming.file_id)
    return bad


def _part(table: Table) -> str:
    return LOG_PART if table.keys_of(LOG_PART) else SONG_PART


def _strict_select(table: Table, paths: Sequence[Path], originals: Sequence[IncomingFile]) -> str:
    keys = {column.name: key for key, column in table.keys_of(_part(table)).items()}
    read_as = {keys[column.name]: _read_type(column) for column in table.columns if column.name in keys}
    ids = ", ".join(str(incoming.file_id) for incoming in originals)
    months = ", ".join(f"DATE '{incoming.log_month}'" for incoming in originals)
    given = {
        "file_id": f"[{ids}][CAST(file_index AS BIGINT) + 1]",
        "log_month": f"[{months}][CAST(file_index AS BIGINT) + 1]",
    }
    picked = ", ".join(
        f'{_strict(column, keys[column.name]) if column.name in keys else given[column.name]} AS "{column.name}"'
        for column in table.columns
    )
    return f"SELECT {picked} FROM {_read_json(paths, read_as)}"  # noqa: S608 names of the DDL


def _plain_select(table: Table, paths: Sequence[Path]) -> str:
    read_as = {column.name: "BIGINT" if column.type == "TIMESTAMP" else _type(column) for column in table.columns}
    picked = ", ".join(
        f'make_timestamp_ms("{column.name}") AS "{column.name}"' if column.type == "TIMESTAMP" else f'"{column.name}"'
        for column in table.columns
    )
    return f"SELECT {picked} FROM {_read_json(paths, read_as)}"  # noqa: S608 names of the DDL


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
    oops = f"error('look closer: {column.name}')"
    if column.type == "VARCHAR":
        return (
            _strict_json_text(value, column, oops) if column.name in FREE_TEXTS else _strict_text(value, column, oops)
        )
    text = f"CAST({value} AS VARCHAR)"
    if column.type.startswith("DOUBLE"):
        number = f"CAST({text} AS DOUBLE)"
        return (
            f"CASE WHEN {text} IN ('true', 'false') OR starts_with({text}, '\"') OR NOT isfinite({number}) THEN {oops} "
            f"ELSE {number} END"
        )
    # A number counts where it is written as one writes it; fractions, exponents, spaces, signs and the like, and other
    # systems, are looked at closer.
    if column.type == "TIMESTAMP":
        number = f"CAST({text} AS BIGINT)"
        return (
            f"CASE WHEN CAST({number} AS VARCHAR) <> {text} OR {number} NOT BETWEEN 0 AND {LAST_TIMESTAMP_MS} "
            f"THEN {oops} ELSE make_timestamp_ms({number}) END"
        )
    bare = f"trim({text}, '\"')"
    number = f"CAST({bare} AS {column.type})"
    return f"CASE WHEN {text} = '\"\"' THEN NULL WHEN CAST({number} AS VARCHAR) <> {bare} THEN {oops} ELSE {number} END"


def _strict_text(value: str, column: Column, oops: str) -> str:
    """Text read as text: a value that could as well be a number, an object, an array or a word of JSON is doubtful."""
    doubtful = (
        f"({value} >= '-' AND {value} < ':') OR ({value} >= '{{' AND {value} < '|') "
        f"OR ({value} >= '[' AND {value} < '\\') OR {value} IN ('true', 'false') "
        f"OR (strlen({value}) IN (3, 8) AND lower({value}) IN ('nan', 'inf', 'infinity')) "
        f"OR strlen({value}) > {column.max_bytes} OR contains({value}, chr(0))"
    )
    return f"CASE WHEN {value} = '' THEN NULL WHEN {doubtful} THEN {oops} ELSE {value} END"


def _strict_json_text(value: str, column: Column, oops: str) -> str:
    """Text read as JSON, with its quotes and escapes: what has no quotes is no string."""
    text = f"CAST({value} AS VARCHAR)"
    unescaped = f"nullif(json_extract_string({value}, '$'), '')"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL "
        f"WHEN NOT starts_with({text}, '\"') OR strlen({text}) > {column.max_bytes} + 2 "
        f"OR contains({text}, '\\u0000') THEN {oops} "
        f"WHEN contains({text}, '\\') THEN {unescaped} "
        f"ELSE nullif(trim({text}, '\"'), '') END"
    )
