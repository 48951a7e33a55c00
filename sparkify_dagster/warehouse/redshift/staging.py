"""How Redshift takes the files of a lake into a staging table.

Files are copied as they are, all of one compression by one COPY, into a temporary table; there every record is
accounted for, and every value is looked at. A file with anything that is not plainly right is named in BadRecords, for
the loader to validate record by record; what it found good comes back as packed rows.

What belongs here: that story. What doesn't: the text of COPY (``copying``), the expressions (``conversion``), the look
at a file's ends (``originals``), the objects on S3 (``manifests``).
"""

import gzip
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.lake import Lake
from sparkify_dagster.lake.keys import LOG_PART
from sparkify_dagster.lake.verification import verify_logs_unchanged
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.tables import Table
from sparkify_dagster.tables.jsonpaths import jsonpaths, jsonpaths_of_keys
from sparkify_dagster.warehouse.base import BadRecords, Batch, Session
from sparkify_dagster.warehouse.redshift.conversion import (
    conversion,
    day_of,
    doubt,
    incoming_type,
    source_columns,
)
from sparkify_dagster.warehouse.redshift.copying import Copy, run_copy
from sparkify_dagster.warehouse.redshift.errors import StatementFailed
from sparkify_dagster.warehouse.redshift.manifests import ManifestFolder
from sparkify_dagster.warehouse.redshift.originals import Original, groups_of, look_at_originals

_log = logging.getLogger(__name__)

PACKED_BYTES = 64 << 20
"""So many bytes of rows, before they are packed, make one object; COPY reads the objects side by side."""

_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)


class CopyFailed(Exception):
    """A COPY of originals failed as a whole for what is in them; the transaction is lost."""

    def __init__(self, group: Sequence[Original]) -> None:
        super().__init__(f"{len(group)} files")
        self.group = group


@dataclass(frozen=True, slots=True)
class Stage:
    """What it takes to stage: a session, a folder on S3, and the role that reads both lake and folder."""

    session: Session
    folder: ManifestFolder
    role: str

    def run(self, table: Table, batch: Batch) -> None:
        """Adds the records of a batch to a staging table.

        Raises:
            BadRecords: A file among the originals needs a closer look.
            CopyFailed: So does some file of a group.
            FileChanged: The lake no longer holds the version that was listed.
        """
        if batch.originals:
            self._stage_originals(table, batch)
        if batch.validated:
            self.copy_rows(table.name, [column.name for column in table.columns], batch.validated)

    def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Path]) -> None:
        """Copies validated rows, newline-delimited JSON by column, into a table, packed into few objects."""
        packed = list(_pack(rows))
        if not packed:
            return
        addresses = [self.folder.put(path.name, path) for path, _ in packed]
        expected = sum(count for _, count in packed)
        copied = self._copy(table, columns, addresses, jsonpaths_of_keys(columns), packed=True, lenient=False)
        if copied != expected:
            raise WarehouseError(f"Redshift copied {copied:,} of {expected:,} rows into {table}; nothing was changed.")

    def _stage_originals(self, table: Table, batch: Batch) -> None:
        originals, bad = look_at_originals(batch)
        if bad:
            raise BadRecords(bad)
        for group in groups_of(originals):
            self._copy_originals(table, batch.lake, group)
            counts = _Counts.of(self.session, table)
            bad = self._bad_files(group, counts)
            if bad:
                raise BadRecords(bad)
            self._insert(table, group)
        # COPY knows no etags, and has read whatever was there.
        _verify(batch.lake, originals)
        reached(Step.VERIFIED)

    def _copy_originals(self, table: Table, lake: Lake, group: Sequence[Original]) -> None:
        columns = source_columns(table, LOG_PART)
        definitions = ", ".join(f"{column.name} {incoming_type(column)}" for column in columns)
        self.session.query(f"CREATE TEMP TABLE build_incoming ({definitions})")
        names = [column.name for column in columns]
        try:
            self._copy(
                "build_incoming",
                names,
                [original.address for original in group],
                jsonpaths(table, LOG_PART),
                packed=group[0].packed,
                lenient=True,
            )
        except StatementFailed as failed:
            if failed.for_bad_data:
                raise CopyFailed(group) from failed
            # It may be gone.
            _verify(lake, group)
            raise

    def _copy(
        self, table: str, columns: Sequence[str], addresses: Sequence[str], paths: str, *, packed: bool, lenient: bool
    ) -> int:
        copy = Copy(
            table,
            columns,
            manifest=self.folder.put_manifest(addresses),
            jsonpaths=self.folder.put("jsonpaths.json", paths.encode()),
            role=self.role,
            region=self.folder.region,
            packed=packed,
            lenient=lenient,
        )
        reached(Step.MANIFEST)
        rows = run_copy(self.session, copy)
        reached(Step.COPIED)
        return rows

    def _bad_files(self, group: Sequence[Original], counts: "_Counts") -> set[int]:
        """The files that COPY left records of, that hold doubtful values, or whose rows can't be told from others'."""
        account = self._account(group, counts.rows)
        if account is None:
            return {original.incoming.file_id for original in group}
        records, left_out = account
        bad = {original.incoming.file_id for original in group if left_out[original]}
        if len(group) == 1:
            return bad | ({group[0].incoming.file_id} if counts.doubtful else set())
        for original in group:
            day = original.day
            if counts.doubtful_by_day.get(day) or counts.by_day.get(day, 0) != records[original] - left_out[original]:
                bad.add(original.incoming.file_id)
        if not bad and counts.doubtful:
            # Of a row without a day nobody knows the file.
            return {original.incoming.file_id for original in group}
        return bad

    def _account(self, group: Sequence[Original], rows: int) -> tuple[dict[Original, int], dict[Original, int]] | None:
        """The records of each file, and how many of them COPY left out; None where Redshift can't tell in time.

        The views that tell it may lag behind: what they say counts once it agrees with the rows that came.
        """
        for pause in _PAUSES:
            time.sleep(pause)
            scanned = self._by_file(group, "redshift/scanned_files")
            left_out = self._by_file(group, "redshift/bad_records")
            if scanned.keys() == set(group) and sum(scanned.values()) - sum(left_out.values()) == rows:
                return scanned, {original: left_out.get(original, 0) for original in group}
        _log.info("Redshift's accounts of the files that were copied don't agree with the rows; looking closer")
        return None

    def _by_file(self, group: Sequence[Original], name: str) -> dict[Original, int]:
        originals = _by_name(group)
        found = ((originals.get(str(file)), int(str(count))) for file, count in self.session.run(name))
        return {original: count for original, count in found if original is not None}

    def _insert(self, table: Table, group: Sequence[Original]) -> None:
        self.session.query("CREATE TEMP TABLE build_days (day DATE, file_id BIGINT, log_month DATE)")
        files = [(original.day, original.incoming.file_id, original.incoming.log_month) for original in group]
        self.session.insert("build_days", ["day", "file_id", "log_month"], files)
        read = {column.name: conversion(column) for column in source_columns(table, LOG_PART)}
        picked = ", ".join(f"{read.get(column.name, f'd.{column.name}')} AS {column.name}" for column in table.columns)
        join = "CROSS JOIN build_days AS d"
        if len(group) > 1:
            join = f"INNER JOIN build_days AS d ON CAST({conversion(table.column('ts'))} AS DATE) = d.day"
        columns = ", ".join(column.name for column in table.columns)
        self.session.query(
            f"INSERT INTO {table.name} ({columns}) SELECT {picked} FROM build_incoming AS i {join}"  # noqa: S608
        )
        self.session.query("DROP TABLE build_days")
        self.session.query("DROP TABLE build_incoming")


@dataclass(frozen=True, slots=True)
class _Counts:
    """The rows that came, and the doubtful among them, by day; None for those without a day."""

    by_day: Mapping[date | None, int]
    doubtful_by_day: Mapping[date | None, int]

    @classmethod
    def of(cls, session: Session, table: Table) -> "_Counts":
        columns = source_columns(table, LOG_PART)
        doubtful = " OR ".join(doubt(column) for column in columns)
        rows = session.query(
            f"SELECT r.day, COUNT(*) AS row_count, SUM(r.doubtful) AS doubtful_count "  # noqa: S608 names of the DDL
            f"FROM (SELECT {day_of(table.column('ts'))} AS day, CASE WHEN {doubtful} THEN 1 ELSE 0 END AS doubtful "
            "FROM build_incoming AS i) AS r GROUP BY r.day"
        )
        days = [(day if isinstance(day, date) else None, int(str(n)), int(str(bad))) for day, n, bad in rows]
        return cls({day: n for day, n, _ in days}, {day: bad for day, _, bad in days})

    @property
    def rows(self) -> int:
        return sum(self.by_day.values())

    @property
    def doubtful(self) -> int:
        return sum(self.doubtful_by_day.values())


def _verify(lake: Lake, originals: Sequence[Original]) -> None:
    verify_logs_unchanged(lake, [original.incoming.file for original in originals])


def named_files(group: Sequence[Original], names: Iterable[str]) -> set[int]:
    """The file_ids of the files that error views name; those of all where they name none of them."""
    originals = _by_name(group)
    named = {originals[name].incoming.file_id for name in names if name in originals}
    return named or {original.incoming.file_id for original in group}


def _by_name(group: Sequence[Original]) -> dict[str, Original]:
    """The files by the names that the system views give them; files whose names are the same there are left out."""
    named: dict[str, list[Original]] = {}
    for original in group:
        named.setdefault(original.name, []).append(original)
    return {name: same[0] for name, same in named.items() if len(same) == 1}


def _pack(paths: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """Packs files of rows into few objects of much the same size, with the number of rows in each."""
    if not any(path.stat().st_size for path in paths):
        return
    folder = paths[0].parent
    lines = (line for path in paths for line in _lines(path))
    more = next(lines, None)
    number = 0
    while more is not None:
        path = folder / f"rows-{number:04}.json.gz"
        rows = size = 0
        with gzip.open(path, "wb", compresslevel=3) as out:
            while more is not None and size < PACKED_BYTES:
                out.write(more)
                rows, size = rows + 1, size + len(more)
                more = next(lines, None)
        yield path, rows
        number += 1


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file
