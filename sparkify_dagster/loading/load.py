"""The load path: from the files of the lake into a staging table, in one transaction.

The lake is listed and compared with the ledger; files that need it are validated record by record; the rows of
replaced versions go, those of new versions come; every record is accounted for; rows and ledger are committed
together. A file that turns out to need a closer look, or to have changed meanwhile, sends the load back to the
beginning: nothing is ever half done.

What belongs here: that story. What doesn't: how any of its steps is done.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sparkify_dagster.errors import FileChanged
from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART, month_of, months_between
from sparkify_dagster.loading import ledger
from sparkify_dagster.loading.careful import CarefulReader
from sparkify_dagster.loading.plan import (
    FIRST_DAY,
    LAST_DAY,
    KnownFile,
    Plan,
    compare,
    known_files,
)
from sparkify_dagster.loading.records import RecordValidator
from sparkify_dagster.loading.report import BadFile, LoadReport, MonthReport
from sparkify_dagster.loading.validation import is_good_line, unknown_fields
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.scratch import scratch_folder
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.tables import catalog
from sparkify_dagster.warehouse import (
    BadRecords,
    Batch,
    IncomingFile,
    Session,
    Warehouse,
)
from sparkify_dagster.warehouse.retrying import retrying

_log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a load begins again when files change under it, before it gives up."""

RECORDS_THAT_NEVER_REFUSE = 10
"""So many rejected records, or fewer, never make a file be refused whole."""


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load.

    Attributes:
        table: The staging table.
        run_id: The Dagster run that asks, for the ledger.
        months: First and last log month ("YYYY-MM") for events; None for songs.
        rebuild: Load every file again, not only what is new.
        prune: Remove the rows of files that the lake no longer holds.
        max_rejected: Largest share of rejected records, from 0 to 1, with which a file still loads.
    """

    table: str
    run_id: str
    months: tuple[str, str] | None = None
    rebuild: bool = False
    prune: bool = False
    max_rejected: float = 0.01


@dataclass(frozen=True, slots=True)
class Listed:
    """What the lake holds of a table's files."""

    files: list[LakeFile]
    ignored: list[str]


class _LookCloser(Exception):
    """Files that have to be validated record by record."""

    def __init__(self, keys: set[str]) -> None:
        super().__init__()
        self.keys = keys


def load(request: LoadRequest, lake: Lake, warehouse: Warehouse) -> LoadReport:
    """Loads what is new into a staging table.

    Raises:
        LakeError: The lake can't be read.
        FileChanged: A file keeps changing while it is loaded.
        WarehouseError: The warehouse can't be reached, or refused a statement; nothing is changed.
    """
    began = time.monotonic()
    warehouse.create_tables()
    closer: set[str] = set()
    changes = 0
    while True:
        try:
            report = retrying(lambda: _load_once(request, lake, warehouse, closer))
        except _LookCloser as found:
            _log.info("%s: files that need a closer look: %d", request.table, len(found.keys))
            closer.update(found.keys)
        except FileChanged:
            changes += 1
            if changes == ATTEMPTS:
                raise
            _log.info("%s: a file changed while it was loaded; beginning again", request.table)
        else:
            report.seconds = time.monotonic() - began
            return report


def _load_once(request: LoadRequest, lake: Lake, warehouse: Warehouse, closer: set[str]) -> LoadReport:
    listed = list_files(lake, request.table, request.months)
    reached(Step.LISTED)
    return _Attempt(request, lake, listed, closer).run(warehouse)


def list_files(lake: Lake, table: str, months: tuple[str, str] | None) -> Listed:
    """Lists the lake's files of a table, for events those of a range of log months."""
    if months is None:
        return Listed(*lake.list_songs())
    wanted = set(months_between(*months))
    listed = Listed([], [])
    for month in lake.log_months():
        if month in wanted:
            part = lake.list_logs(month)
            listed.files.extend(part.files)
            listed.ignored.extend(part.ignored)
    return listed


@dataclass(slots=True)
class _Attempt:
    """One attempt at a load."""

    request: LoadRequest
    lake: Lake
    listed: Listed
    closer: set[str]
    files: list[ledger.LedgerFile] = field(default_factory=list)

    def run(self, warehouse: Warehouse) -> LoadReport:
        """Does it, in one transaction."""
        started_at = ledger.utc_now()
        with (
            scratch_folder() as folder,
            warehouse.transaction(self.request.run_id) as session,
        ):
            known = known_files(session, self.request.table, *self._days())
            plan = compare(self.listed.files, known, rebuild=self.request.rebuild)
            report = self._report(plan)
            if plan.take or (self.request.prune and plan.gone):
                self._load(session, plan, known, folder, started_at, report)
        return report

    def _load(
        self,
        session: Session,
        plan: Plan,
        known: dict[str, KnownFile],
        folder: Path,
        started_at: datetime,
        report: LoadReport,
    ) -> None:
        table = self.request.table
        size = sum(file.size for file in plan.take)
        _log.info("%s: new or changed files: %d (%.1f MB)", table, len(plan.take), size / 1e6)
        load_id, first_file_id = ledger.next_numbers(session)
        self.files = [
            ledger.LedgerFile(IncomingFile(file_id, file, self._log_month(file)))
            for file_id, file in enumerate(plan.take, start=first_file_id)
        ]
        batch = self._batch(folder)
        reached(Step.VALIDATED)
        self._remove_former(session, load_id, plan, known, report)
        reached(Step.REPLACED)
        try:
            session.stage(catalog()[table], batch)
        except BadRecords as bad:
            raise _LookCloser({f.incoming.file.key for f in self.files if f.incoming.file_id in bad.file_ids}) from bad
        ledger.account(self.files, ledger.rows_by_file(session, table, first_file_id))
        self._sum_up(load_id, report)
        days = self._days() if self.request.months else None
        ledger.record_load(
            session,
            load_id=load_id,
            run_id=self.request.run_id,
            started_at=started_at,
            months=days,
            report=report,
            files=self.files,
        )
        reached(Step.LEDGER)

    def _batch(self, folder: Path) -> Batch:
        """Decides which files go as they are, and validates the others."""
        table = catalog()[self.request.table]
        part = LOG_PART if self.request.months else SONG_PART
        validator = RecordValidator(table, part)
        careful = CarefulReader(self.lake, validator, folder, table.has_months)
        batch = Batch(self.lake, folder)
        if self.request.months:
            doubtful = [file for file in self.files if file.incoming.file.key in self.closer]
            batch.originals = [f.incoming for f in self.files if f.incoming.file.key not in self.closer]
            batch.validated = careful.read_logs(doubtful, self.request.max_rejected, RECORDS_THAT_NEVER_REFUSE)
            by_id = {file.incoming.file_id: file for file in self.files}
            known = frozenset(table.keys_of(part))

            def look_at(file_id: int, head: bytes) -> None:
                by_id[file_id].unknown_fields |= unknown_fields(head, known)

            batch.look_at = look_at
            batch.is_good = lambda line: is_good_line(line, validator)
        else:
            batch.validated = careful.read_songs(self.files)
        return batch

    def _remove_former(
        self, session: Session, load_id: int, plan: Plan, known: dict[str, KnownFile], report: LoadReport
    ) -> None:
        accepted = {file.incoming.file.key for file in self.files if file.status == "loaded"}
        replaced = _loaded_ids(known, sorted(accepted))
        pruned = _loaded_ids(known, plan.gone) if self.request.prune else []
        ledger.remove_rows(session, self.request.table, load_id, replaced + pruned)
        report.replaced = len(replaced)
        report.pruned = len(pruned)

    def _report(self, plan: Plan) -> LoadReport:
        return LoadReport(
            self.request.table, unchanged=plan.unchanged, gone=len(plan.gone), ignored=len(self.listed.ignored)
        )

    def _sum_up(self, load_id: int, report: LoadReport) -> None:
        report.load_id = load_id
        for file in self.files:
            report.rejected += file.rows_rejected
            if file.rows_rejected or file.status == "refused":
                report.name_bad_file(_bad_file(file))
            if file.status == "refused":
                report.refused += 1
                _log.warning("%s is refused: %s", file.incoming.file.key, file.note)
                continue
            report.files += 1
            report.bytes += file.incoming.file.size
            report.rows += file.rows_loaded
            if file.incoming.log_month is not None:
                month = report.months.setdefault(f"{file.incoming.log_month:%Y-%m}", MonthReport())
                month.files += 1
                month.bytes += file.incoming.file.size
                month.rows += file.rows_loaded
                month.rejected += file.rows_rejected

    def _days(self) -> tuple[date, date]:
        if self.request.months is None:
            return FIRST_DAY, LAST_DAY
        first, last = self.request.months
        return first_day(first), first_day(last)

    def _log_month(self, file: LakeFile) -> date | None:
        month = month_of(file.key)
        return first_day(month) if month else None


def _bad_file(file: ledger.LedgerFile) -> BadFile:
    first = [f"line {record.line}: {record.reason}" for record in file.rejected[:1]]
    reason = "; ".join([file.note, *first] if file.note else first)
    return BadFile(file.incoming.file.key, file.status, file.rows_rejected, reason)


def _loaded_ids(known: dict[str, KnownFile], keys: Sequence[str]) -> list[int]:
    ids = (known[key].loaded_id for key in keys if key in known)
    return [file_id for file_id in ids if file_id is not None]
