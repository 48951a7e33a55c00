"""Reads files through the validator and writes what is good for an engine to take.

What belongs here: files of the lake in, newline-delimited JSON out, and each file's account. What doesn't: the rules
for a record (``records``) or for cutting a file into records (``validation``).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import orjson

from sparkify_dagster.lake import Lake
from sparkify_dagster.lake.copies import readable_paths
from sparkify_dagster.lake.verification import verify_unchanged
from sparkify_dagster.loading.ledger import LedgerFile
from sparkify_dagster.loading.records import GoodRecord, RecordValidator
from sparkify_dagster.loading.validation import (
    ValidatedFile,
    validate_document,
    validate_lines,
)

KEPT_OF_A_REFUSED_FILE = 1_000
"""So many rejected records of a file that is refused whole are kept; the ledger has the number of all."""


class CarefulReader:
    """Validates files and writes the good records.

    Args:
        lake: The lake that holds the files.
        validator: What a good record is.
        folder: Where to write.
        with_months: Whether each row names its log month.
    """

    def __init__(self, lake: Lake, validator: RecordValidator, folder: Path, with_months: bool) -> None:
        self._lake = lake
        self._validator = validator
        self._folder = folder
        self._with_months = with_months

    def read_logs(self, files: Sequence[LedgerFile], max_rejected: float, never_refuse: int) -> list[Path]:
        """Validates log files; returns the paths of the good records, a path a file that is not refused."""
        paths: list[Path] = []
        versions = [file.incoming.file for file in files]
        for file, source in zip(files, readable_paths(self._lake, versions, self._folder / "fetched"), strict=True):
            path = self._folder / f"validated-{file.incoming.file_id}.json"
            try:
                with path.open("wb") as out:
                    outcome = validate_lines(source, self._validator, self._writer(file, out))
            except FileNotFoundError:
                verify_unchanged(self._lake, file.incoming.file)
                raise
            verify_unchanged(self._lake, file.incoming.file)
            _account(file, outcome)
            bad = len(outcome.rejected)
            if outcome.broken:
                _refuse(file, outcome, outcome.broken)
            elif bad > never_refuse and bad > max_rejected * outcome.records:
                why = f"{bad:,} of {outcome.records:,} records are bad, more than the share of {max_rejected:g}"
                _refuse(file, outcome, why)
            else:
                paths.append(path)
        return paths

    def read_songs(self, files: Sequence[LedgerFile]) -> list[Path]:
        """Validates song files, a record a file; returns the one path of all good records."""
        path = self._folder / "validated-songs.json"
        with path.open("wb") as out:
            contents = self._lake.read_all([file.incoming.file for file in files])
            for file, content in zip(files, contents, strict=True):
                outcome = validate_document(content, self._validator, self._writer(file, out))
                _account(file, outcome)
                if outcome.broken:
                    _refuse(file, outcome, outcome.broken)
        return [path]

    def _writer(self, file: LedgerFile, out: IO[bytes]) -> Callable[[GoodRecord], None]:
        given: dict[str, object] = {"file_id": file.incoming.file_id}
        if self._with_months:
            given["log_month"] = file.incoming.log_month

        def keep(record: GoodRecord) -> None:
            out.write(orjson.dumps({**record.values, **given}, option=orjson.OPT_APPEND_NEWLINE))

        return keep


def _account(file: LedgerFile, outcome: ValidatedFile) -> None:
    file.rows_expected = outcome.loaded
    file.rows_rejected = len(outcome.rejected)
    if outcome.rejected:
        file.rejected = outcome.rejected
    if outcome.unknown_fields:
        file.unknown_fields = frozenset(outcome.unknown_fields)


def _refuse(file: LedgerFile, outcome: ValidatedFile, why: str) -> None:
    file.status = "refused"
    file.rows_expected = 0
    file.note = why
    file.rows_rejected = outcome.records
    file.rejected = outcome.rejected[:KEPT_OF_A_REFUSED_FILE]
