"""What a load has to tell: for the ledger's readers, for Dagster's metadata, for the command line.

What belongs here: plain figures. What doesn't: how they are shown.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class MonthReport:
    """The figures of one log month within a load."""

    files: int = 0
    bytes: int = 0
    rows: int = 0
    rejected: int = 0


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
