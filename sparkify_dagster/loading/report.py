"""What a load has to tell: for the ledger's readers, for Dagster's metadata, for the command line.

What belongs here: plain figures. What doesn't: how they are shown.
"""

from dataclasses import dataclass, field
from typing import Literal

MOST_BAD_FILES = 10
"""So many files with rejected records are named; the counts are of all."""


@dataclass(slots=True)
class MonthReport:
    """The figures of one log month within a load."""

    files: int = 0
    bytes: int = 0
    rows: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file with rejected records, or one that is refused whole.

    Attributes:
        key: Its key.
        status: What became of it.
        rejected: Its rejected records.
        reason: Why; for single records, why the first was rejected, and its line.
    """

    key: str
    status: Literal["loaded", "refused"]
    rejected: int
    reason: str


@dataclass(slots=True)
class LoadReport:
    """The figures of one load.

    Attributes:
        table: The staging table.
        load_id: Its number in the ledger; None where nothing was new.
        files: Files whose rows were loaded.
        bytes: Their size.
        rows: Rows loaded.
        rejected: Records rejected, those of refused files included.
        refused: Files refused whole.
        replaced: File versions whose rows were replaced.
        pruned: File versions whose rows were pruned.
        unchanged: Files that were loaded before, and were not read.
        gone: Files with rows that the lake no longer holds.
        ignored: Keys of the lake that are no files of the table.
        seconds: How long it took.
        months: The figures by log month ("YYYY-MM"), for the months of which files were loaded.
        bad_files: The worst of the files with rejected records: first those that are refused.
    """

    table: str
    load_id: int | None = None
    files: int = 0
    bytes: int = 0
    rows: int = 0
    rejected: int = 0
    refused: int = 0
    replaced: int = 0
    pruned: int = 0
    unchanged: int = 0
    gone: int = 0
    ignored: int = 0
    seconds: float = 0.0
    months: dict[str, MonthReport] = field(default_factory=dict)
    bad_files: list[BadFile] = field(default_factory=list)

    def name_bad_file(self, file: BadFile) -> None:
        """Takes in a file with rejected records; of many, the worst are kept."""
        ranked = sorted([*self.bad_files, file], key=lambda bad: (bad.status != "refused", -bad.rejected, bad.key))
        self.bad_files = ranked[:MOST_BAD_FILES]
