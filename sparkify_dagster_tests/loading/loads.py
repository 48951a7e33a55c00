"""Loads of small lakes, and what the warehouse holds afterwards.

What belongs here: asking for loads, and reading staging tables and ledger as plain values. What does not: expectations.
"""

import base64
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkify_dagster.lake import FolderLake, Lake, LakeFile, Listing
from sparkify_dagster.loading import LoadReport, LoadRequest, load
from sparkify_dagster.warehouse import Warehouse

NOVEMBER = ("2018-11", "2018-11")
MONTH_FOLDER = "log_data/2018/11"


@dataclass(frozen=True)
class FileRow:
    """A file version, as the ledger keeps it."""

    key: str
    status: str
    records: int
    loaded: int
    rejected: int
    note: str | None
    unknown_fields: str | None
    in_place: bool

    @property
    def name(self) -> str:
        """The key without the part and the folders that all have in common."""
        return self.key.removeprefix(f"{MONTH_FOLDER}/").removeprefix("song_data/")


@dataclass(frozen=True)
class RejectedRow:
    """A rejected record, put together from its pieces."""

    name: str
    line: int
    reason: str
    encoding: str
    raw: bytes
    pieces: tuple[str, ...]


def load_events(lake: Lake, warehouse: Warehouse, **request: Any) -> LoadReport:
    """Loads the events of November 2018, or of other months."""
    return load(LoadRequest("staging_events", "t", **{"months": NOVEMBER, **request}), lake, warehouse)


def load_songs(lake: Lake, warehouse: Warehouse, **request: Any) -> LoadReport:
    return load(LoadRequest("staging_songs", "t", **request), lake, warehouse)


def rows_of(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.reading() as session:
        return session.query(query)


def ledger(warehouse: Warehouse) -> list[FileRow]:
    """All file versions of the ledger, in the order in which they came."""
    query = (
        "SELECT file_key, status, records, rows_loaded, rows_rejected, note, unknown_fields, removed_by "
        "FROM load_files ORDER BY file_id"
    )
    return [
        FileRow(key, status, *rest, in_place=status == "loaded" and removed_by is None)
        for key, status, *rest, removed_by in rows_of(warehouse, query)
    ]


def latest(warehouse: Warehouse) -> dict[str, FileRow]:
    """The last version of each file, by its name."""
    return {row.name: row for row in ledger(warehouse)}


def rejected(warehouse: Warehouse) -> list[RejectedRow]:
    """All rejected records, in the order of files and lines."""
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    query = (
        "SELECT f.file_key, r.line_number, r.reason, r.encoding, r.file_id, r.piece, r.raw_record "
        "FROM rejected_records AS r INNER JOIN load_files AS f ON r.file_id = f.file_id "
        "ORDER BY r.file_id, r.line_number, r.piece"
    )
    for key, line, reason, encoding, file_id, piece, raw in rows_of(warehouse, query):
        pieces = found[key, line, reason, encoding, file_id]
        pieces.append(raw)
        assert piece == len(pieces)
    return [
        RejectedRow(
            FileRow(key, "", 0, 0, 0, None, None, False).name,
            line,
            reason,
            encoding,
            base64.b64decode("".join(pieces)) if encoding == "base64" else "".join(pieces).encode(),
            tuple(pieces),
        )
        for (key, line, reason, encoding, _), pieces in found.items()
    ]


def sessions(warehouse: Warehouse) -> list[int]:
    """The session numbers of all staged events, by which tests tell events apart, sorted."""
    return [number for (number,) in rows_of(warehouse, "SELECT session_id FROM staging_events ORDER BY session_id")]


def songs(warehouse: Warehouse) -> list[str]:
    return [song for (song,) in rows_of(warehouse, "SELECT song_id FROM staging_songs ORDER BY song_id")]


def staged(warehouse: Warehouse, table: str = "staging_events") -> list[str]:
    """All rows of a staging table with the names of their files in place of the files' numbers, sorted."""
    rows = rows_of(
        warehouse,
        f"SELECT f.file_key, f.etag, s.* FROM {table} AS s INNER JOIN load_files AS f ON s.file_id = f.file_id",
    )
    return sorted(repr(row[:-1]) for row in rows)


def everything(warehouse: Warehouse) -> dict[str, list[str]]:
    """All rows of staging tables and ledger."""
    tables = ("staging_events", "staging_songs", "loads", "load_files", "rejected_records", "retracted_keys")
    return {table: sorted(repr(row) for row in rows_of(warehouse, f"SELECT * FROM {table}")) for table in tables}


class RestlessLake(FolderLake):
    """A folder whose files change while they are loaded.

    Args:
        folder: The lake's folder.
        moment: "listed" (after a listing), "opened" (after a file's path was given), or "verified" (before a second
            look at a file).
        change: What happens then, each time; it is told how often it has happened before.
    """

    def __init__(self, folder: Path, moment: str, change: Callable[[int], None]) -> None:
        super().__init__(folder / "log_data", folder / "song_data", "the restless lake")
        self._moment = moment
        self._change = change
        self.times = 0

    def list_logs(self, month: str) -> Listing:
        listing = super().list_logs(month)
        self._happen("listed")
        return listing

    def list_songs(self) -> Listing:
        listing = super().list_songs()
        self._happen("listed")
        return listing

    def local_path(self, file: LakeFile) -> Path | None:
        path = super().local_path(file)
        self._happen("opened")
        return path

    def stat(self, key: str) -> LakeFile | None:
        self._happen("verified")
        return super().stat(key)

    def _happen(self, moment: str) -> None:
        if moment == self._moment:
            self.times += 1
            self._change(self.times - 1)
