"""COPY from S3: its text, its options, and running it.

What belongs here: parsing a COPY, finding the files, and loading them through the session's own connection to the
database. What doesn't: reading records (``records``) and S3 (``storage``), and how the system views look (``views``).
"""

import gzip
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sparkify_dagster_tests.redshift.backend import Backend
from sparkify_dagster_tests.redshift.errors import ServerError, syntax_error
from sparkify_dagster_tests.redshift.lexing import Reader, Token, quoted_name, quoted_text, split
from sparkify_dagster_tests.redshift.records import (
    Column,
    Conventions,
    FieldError,
    FieldOfColumn,
    Path,
    Piece,
    RowMaker,
    TooLarge,
    json_paths,
    records_of,
)
from sparkify_dagster_tests.redshift.storage import ObjectMissing, Storage, split_address
from sparkify_dagster_tests.redshift.views import Load, LoadError, LoadLog, ScannedFile

_MOST_ERRORS = 100_000
_ROLE = re.compile(r"arn:aws[-\w]*:iam::\d{12}:role/[\w+=.@/-]+")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_GZIP = b"\x1f\x8b"

_FLAGS = frozenset(
    {"MANIFEST", "GZIP", "EMPTYASNULL", "BLANKSASNULL", "TRUNCATECOLUMNS", "NOLOAD", "ACCEPTANYDATE", "ROUNDEC"}
)
_SWITCHES = frozenset({"COMPUPDATE", "STATUPDATE"})
_OTHER_COMPRESSIONS = frozenset({"ZSTD", "LZOP", "BZIP2"})
_COMPRESSIONS = _OTHER_COMPRESSIONS | {"GZIP"}
_OTHER_FORMATS = frozenset(
    {"CSV", "PARQUET", "ORC", "AVRO", "FIXEDWIDTH", "SHAPEFILE", "DELIMITER", "REMOVEQUOTES", "QUOTE"}
)
_NOT_WITH_JSON = frozenset({"FILLRECORD", "IGNOREBLANKLINES", "ESCAPE", "IGNOREHEADER", "REMOVEQUOTES", "DELIMITER"})
_SEE_VIEWS = "Check 'sys_load_error_detail' system table for details."
_TIME_PATTERN = re.compile(r"YYYY-MM-DD[ T]HH(?:24)?:MI:SS(?:\.\w+)?")
_TIMEFORMATS = frozenset({"auto", "epochsecs", "epochmillisecs"})


@dataclass(slots=True)
class CopyCommand:
    """What a COPY asks for; the fields are named for its options."""

    table: str
    columns: list[str]
    source: str
    role: str = ""
    region: str = ""
    json: str = ""
    manifest: bool = False
    gzip: bool = False
    maxerror: int = 0
    noload: bool = False
    timeformat: str = ""
    emptyasnull: bool = False
    blanksasnull: bool = False
    truncatecolumns: bool = False
    given: set[str] = field(default_factory=set)

    @property
    def conventions(self) -> Conventions:
        """How it reads values."""
        return Conventions(self.timeformat, self.emptyasnull, self.blanksasnull, self.truncatecolumns)


def parse_copy(pieces: list[Token]) -> CopyCommand:
    """Reads a COPY.

    Raises:
        ServerError: Redshift would refuse it, or it is of a kind that the double doesn't know.
    """
    reader = Reader(pieces)
    reader.expect("COPY")
    table = reader.name()
    columns = [_column_name(part) for part in split(reader.parenthesized())] if reader.peek() == "(" else []
    reader.expect("FROM")
    command = CopyCommand(table, columns, reader.literal())
    if not command.source.startswith("s3://"):
        raise ServerError("0A000", "COPY from elsewhere than s3:// is not in the double")
    while not reader.ended:
        _option(reader, command)
    _check(command)
    return command


def _column_name(part: list[Token]) -> str:
    if len(part) != 1 or part[0].kind not in {"word", "quoted"}:
        raise syntax_error(part[1].text if len(part) > 1 else ")")
    return part[0].value


def _option(reader: Reader, command: CopyCommand) -> None:
    token = reader.next()
    word = token.upper
    _once(command, word)
    valued = _VALUED.get(word)
    if word in _FLAGS:
        if hasattr(command, word.lower()):
            setattr(command, word.lower(), True)
    elif word in _SWITCHES:
        any(reader.take(value) for value in ("ON", "OFF", "TRUE", "FALSE", "PRESET"))
    elif valued is not None:
        reader.take("AS")
        valued(reader, command)
    elif word in _NOT_WITH_JSON:
        raise ServerError("0A000", f"{word} option is not supported for JSON")
    elif word in _OTHER_FORMATS | _OTHER_COMPRESSIONS:
        raise ServerError("0A000", f"{word} is not in the double")
    else:
        raise syntax_error(token.text)


def _once(command: CopyCommand, word: str) -> None:
    if word in command.given:
        raise ServerError("42601", "conflicting or redundant options")
    command.given.add(word)
    if len(command.given & _COMPRESSIONS) > 1:
        raise syntax_error(word)


def _role(reader: Reader, command: CopyCommand) -> None:
    if reader.take("DEFAULT"):
        command.role = "default"
        return
    command.role = reader.literal()
    if not all(_ROLE.fullmatch(arn) for arn in command.role.split(",")):
        raise ServerError(
            "XX000",
            f"Invalid IAM role: '{command.role}'",
            "\n  error:  Not authorized to get credentials of role: IAM_ROLE takes ARNs of roles, "
            "with commas and no spaces\n  code:      8001\n",
        )


def _region(reader: Reader, command: CopyCommand) -> None:
    command.region = reader.literal()
    if not _REGION.fullmatch(command.region):
        raise ServerError("XX000", f"The AWS region '{command.region}' is not valid")


def _format(reader: Reader, command: CopyCommand) -> None:
    token = reader.next()
    if token.upper != "JSON":
        raise ServerError("0A000", f"COPY of {token.upper} is not in the double")
    _once(command, "JSON")
    reader.take("AS")
    _json(reader, command)


def _json(reader: Reader, command: CopyCommand) -> None:
    command.json = reader.literal() if not reader.ended and reader.peek() == "" else "auto"
    if command.json not in {"auto", "auto ignorecase"} and not command.json.startswith("s3://"):
        raise ServerError(
            "42601", f"The specified JSON option '{command.json}' is not 'auto', 'auto ignorecase' or an s3:// address"
        )


def _max_error(reader: Reader, command: CopyCommand) -> None:
    command.maxerror = reader.number()
    if command.maxerror > _MOST_ERRORS:
        raise ServerError("42601", f"MAXERROR must be between 0 and {_MOST_ERRORS}")


def _timeformat(reader: Reader, command: CopyCommand) -> None:
    command.timeformat = reader.literal()
    if command.timeformat not in _TIMEFORMATS and not _TIME_PATTERN.fullmatch(command.timeformat):
        raise ServerError("0A000", f"TIMEFORMAT '{command.timeformat}' is not in the double, or not in Redshift")


def _dateformat(reader: Reader, command: CopyCommand) -> None:
    del command
    if reader.literal() not in {"auto", "YYYY-MM-DD"}:
        raise ServerError("0A000", "DATEFORMAT other than auto and YYYY-MM-DD is not in the double")


def _null(reader: Reader, command: CopyCommand) -> None:
    del command
    reader.literal()
    raise ServerError("0A000", "NULL AS is not supported for JSON")


def _accept(reader: Reader, command: CopyCommand) -> None:
    del reader, command
    raise ServerError("0A000", "ACCEPTINVCHARS is not in the double")


_VALUED: dict[str, Callable[[Reader, CopyCommand], None]] = {
    "IAM_ROLE": _role,
    "REGION": _region,
    "FORMAT": _format,
    "JSON": _json,
    "MAXERROR": _max_error,
    "TIMEFORMAT": _timeformat,
    "DATEFORMAT": _dateformat,
    "NULL": _null,
    "ACCEPTINVCHARS": _accept,
}


def _check(command: CopyCommand) -> None:
    if not command.role:
        raise ServerError(
            "42601",
            "CREDENTIALS argument is required but missing",
            "\n  error:  COPY from S3 needs IAM_ROLE\n",
        )
    if not command.json:
        raise ServerError("0A000", "COPY of anything but JSON is not in the double")


@dataclass(slots=True)
class CopyRun:
    """A COPY that is being run.

    Attributes:
        backend: The session's connection to the database: rows go into its open transaction.
        storage: S3.
        log: What is remembered of loads.
        text: The statement.
        label: The query group of the session.
        database: The database.
        region: The region that the double is in; None to take buckets of any.
        timeout: Seconds that the statement may take; 0 for any number.
    """

    backend: Backend
    storage: Storage
    log: LoadLog
    text: str
    label: str
    database: str
    region: str | None
    timeout: float = 0.0
    _checked: set[str] = field(default_factory=set)

    def run(self, command: CopyCommand) -> Load:
        """Runs it, and returns what became of it, which is remembered too.

        Raises:
            CopyFailed: It failed, after it had begun; what is known of it is remembered.
            ServerError: It failed before it read any file.
        """
        table_id, transaction_id, columns = self._columns(command)
        paths = self._paths(command, columns)
        files = list(self._files(command))
        load = Load(
            self.log.next_query_id(),
            self.text,
            command.table.replace('"', ""),
            command.source,
            self.label,
            self.backend.pid,
            transaction_id,
            table_id,
            self.database,
        )
        maker = RowMaker(columns, paths, command.conventions, ignorecase=command.json == "auto ignorecase")
        try:
            self._load(command, load, maker, files)
            load.succeeded = True
        except ServerError as error:
            load.rows = 0
            raise CopyFailed(load, error) from error
        finally:
            self.log.add(load)
        return load

    def _load(self, command: CopyCommand, load: Load, maker: RowMaker, files: list[tuple[str, bytes]]) -> None:
        rows: list[str] = []
        until = time.monotonic() + self.timeout if self.timeout else float("inf")
        for address, stored in files:
            if time.monotonic() > until:
                raise ServerError("57014", f"Query ({load.query_id}) cancelled on user's request")
            scanned = ScannedFile(address, len(stored))
            load.files.append(scanned)
            data = _unpacked(stored, command, load, scanned)
            try:
                for piece in records_of(data, arrays=maker.reads_arrays):
                    scanned.lines += 1
                    error = _add(rows, maker, piece, address)
                    if error is not None:
                        scanned.errors += 1
                        load.errors.append(error)
                        if len(load.errors) > command.maxerror:
                            raise _load_failed(command)
            except TooLarge:
                load.errors.append(
                    LoadError(address, scanned.lines + 1, 1224, "JSON object is larger than the limit of 4 MB")
                )
                raise _load_failed(command) from None
        if not command.noload and rows:
            names = ", ".join(quoted_name(column.name) for column in maker.columns)
            self.backend.copy_in(f"COPY {command.table} ({names}) FROM STDIN", rows)
        load.rows = len(rows)

    def _columns(self, command: CopyCommand) -> tuple[int, int, list[Column]]:
        found = self.backend.query(
            "SELECT a.attname, format_type(a.atttypid, NULL), a.atttypmod, a.attnotnull, a.attidentity, "
            "a.attrelid::bigint, pg_current_xact_id()::text::bigint "
            f"FROM pg_attribute AS a WHERE a.attrelid = to_regclass({quoted_text(command.table)}) "
            "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        )
        if not found:
            name = command.table.replace('"', "")
            raise ServerError("42P01", f"Cannot COPY into nonexistent table {name}")
        by_name = {str(row[0]): _column(row) for row in found}
        names = command.columns or [str(row[0]) for row in found if not row[4]]
        for name in names:
            if name not in by_name:
                raise ServerError("42703", f'column "{name}" of relation {command.table} does not exist')
        if len(set(names)) < len(names):
            raise ServerError("42701", "a column is named twice in COPY")
        left_out = [row for name, row in zip(by_name, found, strict=True) if name not in names]
        for row in left_out:
            if row[3] == "t" and not row[4] and not self._has_default(command, str(row[0])):
                raise ServerError(
                    "XX000", f"Column '{row[0]}' is NOT NULL, has no default, and is not in the column list of COPY"
                )
        return int(str(found[0][5])), int(str(found[0][6])), [by_name[name] for name in names]

    def _has_default(self, command: CopyCommand, column: str) -> bool:
        return bool(
            self.backend.query(
                f"SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass({quoted_text(command.table)}) "
                f"AND attname = {quoted_text(column)} AND atthasdef"
            )
        )

    def _paths(self, command: CopyCommand, columns: list[Column]) -> list[Path] | None:
        if not command.json.startswith("s3://"):
            return None
        bucket, key = split_address(command.json)
        self._check_region(command, bucket)
        try:
            paths = json_paths(self.storage.get(bucket, key).decode())
        except UnicodeDecodeError:
            raise ServerError("XX000", "Invalid JSONPaths file: not UTF-8") from None
        if len(paths) != len(columns):
            raise ServerError(
                "XX000",
                "Number of jsonpaths and the number of columns should match. "
                f"JSONPath size: {len(paths)}, Number of columns in table or column list: {len(columns)}",
                "\n  code:      8001\n",
            )
        return paths

    def _files(self, command: CopyCommand) -> Iterator[tuple[str, bytes]]:
        """The address and the bytes of each file."""
        bucket, key = split_address(command.source)
        self._check_region(command, bucket)
        if command.manifest:
            yield from self._manifest(command, bucket, key)
            return
        found = [name for name, size in self.storage.list(bucket, key) if not (name.endswith("/") and size == 0)]
        if not found:
            raise ServerError("XX000", f"The specified S3 prefix '{key}' does not exist", "\n  code:      8001\n")
        yield from ((f"s3://{bucket}/{name}", self.storage.get(bucket, name)) for name in found)

    def _manifest(self, command: CopyCommand, bucket: str, key: str) -> Iterator[tuple[str, bytes]]:
        for url, mandatory in _entries(self.storage.get(bucket, key), command.source):
            entry_bucket, entry_key = split_address(url)
            self._check_region(command, entry_bucket)
            try:
                yield url, self.storage.get(entry_bucket, entry_key)
            except ObjectMissing:
                if mandatory:
                    raise

    def _check_region(self, command: CopyCommand, bucket: str) -> None:
        expected = command.region or self.region
        if not expected or bucket in self._checked:
            return
        self._checked.add(bucket)
        if self.storage.region(bucket) != expected:
            raise ServerError(
                "XX000",
                "S3ServiceException:The bucket you are attempting to access must be addressed using the specified "
                "endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect",
                f"\n  code:      8001\n  context:   {bucket} is not in {expected}\n",
            )


@dataclass
class CopyFailed(Exception):
    """A COPY that failed after it had begun."""

    load: Load
    error: ServerError


def _unpacked(data: bytes, command: CopyCommand, load: Load, scanned: ScannedFile) -> bytes:
    """The bytes of a file as they are without compression."""
    if not command.gzip:
        return data
    try:
        if data and not data.startswith(_GZIP):
            raise gzip.BadGzipFile("not gzip")
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        load.errors.append(LoadError(scanned.file, 0, 1216, f"Failed to decompress file: {error}"))
        raise ServerError(
            "XX000",
            f"Failed to read gzip file '{scanned.file}'. {_SEE_VIEWS}",
            f"\n  error:  Invalid or corrupt gzip data\n  code:      8001\n  context:   {scanned.file}: {error}\n",
        ) from None


def _add(rows: list[str], maker: RowMaker, piece: Piece, address: str) -> LoadError | None:
    """Adds the row of a record, or says why there is none."""
    if piece.error is not None:
        return _load_error(address, piece, piece.error)
    try:
        rows.append(maker.row(piece.value))
    except FieldOfColumn as failed:
        return _load_error(address, piece, failed.error, failed.column)
    return None


def _load_error(address: str, piece: Piece, error: FieldError, column: Column | None = None) -> LoadError:
    return LoadError(
        address,
        piece.line_number,
        error.code,
        error.reason,
        column.name if column else "",
        _TYPE_NAMES.get(column.type, column.type) if column else "",
        str(column.length) if column and column.length else "",
        error.position,
        piece.raw,
        error.value,
    )


_TYPE_NAMES = {
    "character varying": "varchar",
    "character": "char",
    "bigint": "int8",
    "integer": "int4",
    "smallint": "int2",
    "double precision": "float8",
    "real": "float4",
    "boolean": "bool",
    "timestamp without time zone": "timestamp",
}


def _column(row: list[str | None]) -> Column:
    name, kind, modifier, required = (str(value) for value in row[:4])
    number = int(modifier)
    length = number - 4 if number >= 4 and kind in {"character varying", "character"} else 0
    scale = 0
    if kind == "numeric" and number >= 4:
        length, scale = (number - 4) >> 16, (number - 4) & 0xFFFF
    return Column(name, kind, length, scale, required == "t")


def _entries(data: bytes, address: str) -> Iterator[tuple[str, bool]]:
    try:
        entries = json.loads(data.decode())["entries"]
        found = [(entry["url"], entry.get("mandatory", False)) for entry in entries]
        known = all(isinstance(url, str) and isinstance(mandatory, bool) for url, mandatory in found)
    except (ValueError, KeyError, TypeError, AttributeError):
        known, found = False, []
    if not known:
        raise ServerError(
            "XX000",
            "COPY with MANIFEST parameter requires full path of an S3 object, and that it is a manifest",
            f"\n  error:  Manifest file is not in correct json format\n  code:      8001\n  context:   {address}\n",
        )
    for url, mandatory in found:
        bucket, key = split_address(url)
        if not url.startswith("s3://") or not bucket or not key:
            raise ServerError("XX000", f"Invalid url in manifest: '{url}'", f"\n  code: 8001\n  context: {address}\n")
        yield url, mandatory


def _load_failed(command: CopyCommand) -> ServerError:
    table = command.table.replace('"', "").rpartition(".")[2]
    return ServerError("XX000", f"Load into table '{table}' failed.  {_SEE_VIEWS}")
