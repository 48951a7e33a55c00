"""The interface of a warehouse, and the values that cross it.

What belongs here: what the loading and building of tables, the checks and the command line need of any engine.
What doesn't: anything that is true of one engine only.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.sqlfiles import statements
from sparkify_dagster.tables import BASE_TABLES, Table
from sparkify_dagster.tables.versions import FoundTables

Value = str | int | float | bool | date | datetime | None
Parameters = Mapping[str, Value]
Row = tuple[Value, ...]


class Selection(NamedTuple):
    """The result of a query: names of columns, and rows."""

    columns: Sequence[str]
    rows: list[Row]


class Answer(NamedTuple):
    """The answer to a query that somebody wrote: names of columns, and rows, which are fetched as they are taken."""

    columns: Sequence[str]
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A version of a file that a load takes.

    Attributes:
        file_id: Its number in the ledger.
        file: The file, as the lake listed it.
        log_month: First day of its log month; None for songs.
    """

    file_id: int
    file: LakeFile
    log_month: date | None


@dataclass(slots=True)
class Batch:
    """What one load brings into a staging table.

    Attributes:
        lake: The lake that holds the files.
        originals: Files to be read as they are. Where one has a record that is not plainly right, the engine
            raises BadRecords and takes nothing.
        validated: Newline-delimited JSON on the local disk, of records that were validated one by one: the columns
            by name, with ``file_id`` and, for a table with months, ``log_month``.
        folder: A local folder for the engine's own use, removed after the load.
        look_at: To be called with the file_id and the first and last bytes, unpacked, of each original.
        is_good: Whether a line is a good record or blank, for engines that see some lines of a file and trust the rest.
    """

    lake: Lake
    folder: Path
    originals: list[IncomingFile] = field(default_factory=list)
    validated: list[Path] = field(default_factory=list)
    look_at: Callable[[int, bytes], None] = lambda file_id, head: None
    is_good: Callable[[bytes], bool] = lambda line: True


class BadRecords(Exception):
    """Some files hold records that are not plainly right: their file_ids. The transaction can't go on."""

    def __init__(self, file_ids: set[int]) -> None:
        super().__init__(f"{len(file_ids)} files need a closer look")
        self.file_ids = file_ids


def lock_parameters(run_id: str) -> dict[str, Value]:
    """What ``ledger/lock`` is run with at the beginning of a transaction that writes."""
    return {
        "run_id": run_id,
        "transaction_id": uuid.uuid4().hex,
        "now": datetime.now(UTC).replace(tzinfo=None),
    }


class Session(ABC):
    """A connection within a transaction."""

    @abstractmethod
    def select(self, statement: str, parameters: Parameters | None = None) -> Selection:
        """Runs one statement in Redshift's dialect, with ``:name`` bound, and returns its columns and rows."""

    @abstractmethod
    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Adds rows to a table."""

    @abstractmethod
    def stage(self, table: Table, batch: Batch) -> None:
        """Adds the records of a batch to a staging table.

        Raises:
            BadRecords: A file among the originals needs a closer look.
            FileChanged: The lake no longer holds the version that was listed.
        """

    def query(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        """Runs one statement like ``select``, and returns its rows."""
        return self.select(statement, parameters).rows

    def run(self, name: str, parameters: Parameters | None = None) -> list[Row]:
        """Runs the statements of a file of ``sql/``, and returns the rows of the last."""
        rows: list[Row] = []
        for statement in statements(name):
            rows = self.query(statement, parameters)
        return rows


class Warehouse(Protocol):
    """A warehouse."""

    engine: str
    location: str

    def transaction(self, run_id: str) -> AbstractContextManager[Session]:
        """A transaction that writes: one at a time, all or nothing.

        Raises:
            WarehouseError: It can't be reached, or refused a statement.
            WarehouseBusy: Another writer holds it for longer than the settings allow.
            TransactionLost: Nothing was committed, and nothing is wrong: the same may be tried again.
        """
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that reads one state of all tables."""
        ...

    def answer(self, question: str) -> AbstractContextManager[Answer]:
        """Runs a query that somebody wrote, so that it can change nothing, and reach nothing but tables.

        It reads one state of all tables. A connection that was kept may be closed for it. EXPLAIN's answer is one
        column, ``QUERY PLAN``, with a row for each line of the plan.

        Args:
            question: One SELECT, or EXPLAIN of one, in Redshift's dialect, with nothing bound.

        Raises:
            WarehouseError: It is anything else, or the engine refuses it; the message has the engine's words.
        """
        ...

    def create_tables(self, names: Collection[str] = BASE_TABLES) -> list[str]:
        """Creates those of the tables that are missing, and names them.

        Args:
            names: The tables; by default, those that a load needs.

        Raises:
            WarehouseError: One that is there was made by another version of the platform.
        """
        ...

    def drop_tables(self) -> list[str]:
        """Drops the platform's tables, and names them."""
        ...

    def tables(self) -> list[str]:
        """The platform's tables that exist, sorted.

        Raises:
            WarehouseError: One was made by another version of the platform.
        """
        ...

    def found_tables(self) -> FoundTables:
        """The platform's tables that exist, sorted, with their columns as they are, of whatever version."""
        ...

    def close(self) -> None:
        """Lets go of connections and locks; the next use opens them again."""
        ...
