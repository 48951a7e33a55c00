"""Writes the ledger: loads, file versions, rejected records. Always within the load's own transaction.

What belongs here: the rows of the ledger's tables. What doesn't: deciding anything about a file.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.loading.report import LoadReport
from sparkify_dagster.loading.validation import RejectedRecord
from sparkify_dagster.showing import printable
from sparkify_dagster.warehouse import IncomingFile, Session

PIECE_BYTES = 65_535
"""The most bytes of a record that one row of rejected_records holds: a VARCHAR of Redshift holds no more."""


@dataclass(slots=True)
class LedgerFile:
    """A file version, as the ledger keeps it; ``rows_expected`` is known where it was validated record by record."""

    incoming: IncomingFile
    status: Literal["loaded", "refused"] = "loaded"
    rows_expected: int | None = None
    rows_loaded: int = 0
    rows_rejected: int = 0
    note: str | None = None
    # Empty ones are shared: there may be a hundred thousand files.
    unknown_fields: frozenset[str] = frozenset()
    rejected: Sequence[RejectedRecord] = ()


def next_numbers(session: Session) -> tuple[int, int]:
    """The numbers that the next load and its first file version get."""
    ((load_id, file_id),) = session.run("ledger/next_numbers")
    return int(str(load_id)), int(str(file_id))


def remove_rows(session: Session, table: str, load_id: int, file_ids: Sequence[int]) -> None:
    """Takes the rows of file versions out of a staging table, and notes which keys lost records."""
    if not file_ids:
        return
    session.query("CREATE TEMP TABLE build_removed (file_id BIGINT)")
    session.insert("build_removed", ["file_id"], [(file_id,) for file_id in file_ids])
    session.run(f"ledger/remove_{table}", {"load_id": load_id})
    session.run("ledger/mark_removed", {"load_id": load_id})
    session.query("DROP TABLE build_removed")


def rows_by_file(session: Session, table: str, first_file_id: int) -> dict[int, int]:
    """Rows of a staging table by file version, from a file version on."""
    rows = session.run(f"ledger/count_{table}", {"first_file_id": first_file_id})
    return {int(str(file_id)): int(str(count)) for file_id, count in rows}


def account(files: Sequence[LedgerFile], staged: Mapping[int, int]) -> None:
    """Notes how many rows each file brought.

    Raises:
        WarehouseError: They are not those that its validation promised.
    """
    for file in files:
        file.rows_loaded = staged.get(file.incoming.file_id, 0)
        if file.rows_expected is not None and file.rows_expected != file.rows_loaded:
            raise WarehouseError(
                f"{file.incoming.file.key}: {file.rows_expected:,} records are good, but {file.rows_loaded:,} became "
                "rows; nothing was changed. Load again; if it stays so, this is an error of the platform."
            )


def record_load(
    session: Session,
    *,
    load_id: int,
    run_id: str,
    started_at: datetime,
    months: tuple[date, date] | None,
    report: LoadReport,
    files: Sequence[LedgerFile],
) -> None:
    """Writes a load, its file versions and its rejected records."""
    first, last = months or (None, None)
    session.insert(
        "loads",
        [
            "load_id",
            "table_name",
            "first_month",
            "last_month",
            "run_id",
            "started_at",
            "finished_at",
            "files_loaded",
            "files_refused",
            "files_removed",
            "bytes_loaded",
            "rows_loaded",
            "rows_rejected",
        ],
        [
            (
                load_id,
                report.table,
                first,
                last,
                run_id,
                started_at,
                utc_now(),
                report.files,
                report.refused,
                report.replaced + report.pruned,
                report.bytes,
                report.rows,
                report.rejected,
            )
        ],
    )
    session.insert(
        "load_files",
        [
            "file_id",
            "load_id",
            "table_name",
            "log_month",
            "file_key",
            "etag",
            "file_size",
            "status",
            "records",
            "rows_loaded",
            "rows_rejected",
            "note",
            "unknown_fields",
        ],
        (_file_row(load_id, report.table, file) for file in files),
    )
    session.insert(
        "rejected_records",
        ["file_id", "line_number", "piece", "reason", "encoding", "raw_record"],
        _rejected_rows(files),
    )


def utc_now() -> datetime:
    """Now, UTC, without a time zone, as TIMESTAMP columns keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _file_row(load_id: int, table: str, file: LedgerFile) -> tuple:
    version = file.incoming.file
    unknown = ", ".join(sorted(map(printable, file.unknown_fields)))
    return (
        file.incoming.file_id,
        load_id,
        table,
        file.incoming.log_month,
        version.key,
        version.etag,
        version.size,
        file.status,
        file.rows_loaded + file.rows_rejected,
        file.rows_loaded,
        file.rows_rejected,
        file.note,
        _fitting(unknown) or None,
    )


def _rejected_rows(files: Iterable[LedgerFile]) -> Iterator[tuple]:
    for file in files:
        for record in file.rejected:
            encoding, text = _as_text(record.raw)
            for piece, part in enumerate(_pieces(text), start=1):
                yield (file.incoming.file_id, record.line, piece, _fitting(record.reason), encoding, part)


def _as_text(raw: bytes) -> tuple[str, str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    # No engine but DuckDB keeps a NUL character.
    return ("base64", base64.b64encode(raw).decode("ascii")) if "\x00" in text else ("text", text)


def _pieces(text: str) -> Iterator[str]:
    """Cuts a text into pieces of at most PIECE_BYTES bytes of UTF-8, never within a character."""
    rest = memoryview(text.encode("utf-8"))
    while len(rest) > PIECE_BYTES:
        piece = bytes(rest[:PIECE_BYTES]).decode("utf-8", errors="ignore")
        yield piece
        rest = rest[len(piece.encode("utf-8")) :]
    yield bytes(rest).decode("utf-8")


def _fitting(text: str, max_bytes: int = 4096) -> str:
    return text.encode("utf-8")[:max_bytes].decode("utf-8", errors="ignore")
