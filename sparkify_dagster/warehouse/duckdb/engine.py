"""DuckDB as the warehouse: one file, one writing process at a time.

What belongs here: the connection, its lock, transactions, and the translation of the project's SQL.
What doesn't: how JSON is read, which is in ``staging``.
"""

import logging
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import RLock

import duckdb

from sparkify_dagster.disk import is_full, no_room
from sparkify_dagster.errors import WarehouseBusy, WarehouseError
from sparkify_dagster.sqlfiles import translated
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.tables import ALL_TABLES, BASE_TABLES, Table, catalog
from sparkify_dagster.tables.versions import FoundColumn, FoundTables, check_versions
from sparkify_dagster.warehouse.base import Answer, Batch, Parameters, Row, Selection, Session, lock_parameters
from sparkify_dagster.warehouse.duckdb.ddl import create_statements
from sparkify_dagster.warehouse.duckdb.staging import stage

_log = logging.getLogger(__name__)
_ROWS_AT_ONCE = 5_000
_PARAMETER = re.compile(r"\$([a-z_]+)")
_HOLDER = re.compile(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")

_COLUMNS = """
SELECT t.table_name, c.column_name, c.data_type, c.is_nullable
FROM duckdb_columns() AS c
INNER JOIN duckdb_tables() AS t ON c.database_oid = t.database_oid AND c.table_oid = t.table_oid
WHERE t.schema_name = current_schema() AND NOT t.temporary
ORDER BY t.table_name, c.column_index
"""

CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    # Rows of a table have no order, and keeping one costs a third of a load.
    "preserve_insertion_order": "false",
    # Nothing is fetched from the network at run time.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

_GUARD: dict[str, str | bool | int | float | list[str]] = {
    # For what people write: no file, no network, no extension, no variable of Python, and no way back to any of these.
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
_ROWS_FETCHED = 1_000


class DuckDBSession(Session):
    """A DuckDB connection within a transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def select(self, statement: str, parameters: Parameters | None = None) -> Selection:
        """Runs one statement in Redshift's dialect, and returns its columns and rows."""
        sql = translated(statement, "duckdb")
        names = set(_PARAMETER.findall(sql))
        bound = {name: value for name, value in (parameters or {}).items() if name in names}
        rows = self._connection.execute(sql, bound).fetchall()
        return Selection([column[0] for column in self._connection.description or []], rows)

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Adds rows, some thousands at a time, by column: far quicker than row by row."""
        remaining = iter(rows)
        kinds = [_list_type(catalog()[table], column) if table in catalog() else "BIGINT[]" for column in columns]
        picked = ", ".join(f"unnest(CAST(${n} AS {kind}))" for n, kind in enumerate(kinds, start=1))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {picked}"
        while some := list(islice(remaining, _ROWS_AT_ONCE)):
            self._connection.execute(statement, [list(column) for column in zip(*some, strict=True)])

    def stage(self, table: Table, batch: Batch) -> None:
        """Adds the records of a batch to a staging table."""
        stage(self._connection, table, batch)


class DuckDBWarehouse:
    """A DuckDB file.

    Args:
        path: The file; made, with its folder, by the first write.
        read_only: Open it only for reading, so that several processes can.
        lock_wait: Seconds to wait for another process that holds the file.
        memory_limit: The most memory to take before the disk is used, such as "1GB"; None for DuckDB's own choice.
    """

    engine = "duckdb"

    def __init__(
        self, path: Path, *, read_only: bool = False, lock_wait: float = 600.0, memory_limit: str | None = None
    ) -> None:
        self.location = str(path)
        self._path = path
        self._read_only = read_only
        self._lock_wait = lock_wait
        self._configuration = CONFIGURATION | ({"memory_limit": memory_limit} if memory_limit else {})
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._guard = RLock()

    @contextmanager
    def transaction(self, run_id: str) -> Iterator[DuckDBSession]:
        """A transaction that writes; it updates the lock row first."""
        with self._guard:
            with self._transaction() as session:
                session.run("ledger/lock", lock_parameters(run_id))
                yield session
                reached(Step.COMMITTING)
            reached(Step.COMMITTED)

    @contextmanager
    def reading(self) -> Iterator[DuckDBSession]:
        """A transaction that reads one state of all tables."""
        with self._guard, self._transaction() as session:
            yield session

    @contextmanager
    def answer(self, question: str) -> Iterator[Answer]:
        """Runs a query that somebody wrote, on a connection that can only read the tables."""
        from sparkify_dagster.warehouse.asked import asked  # noqa: PLC0415 it imports sqlglot

        query = asked(question)
        statement = query.translated("duckdb")
        with self._guard:
            # A process opens a file with one configuration at a time.
            self.close()
            connection = self._connect(guarded=True)
            try:
                if query.explained:
                    yield _plan(connection.execute(f"EXPLAIN {statement}").fetchall())
                else:
                    connection.execute(statement)
                    yield Answer([column[0] for column in connection.description or []], _fetched(connection))
            except duckdb.Error as error:
                raise _for_people(error, self.location) from error
            finally:
                connection.close()

    def create_tables(self, names: Collection[str] = BASE_TABLES) -> list[str]:
        """Creates those of the tables that are missing, and names them."""
        with self._guard:
            missing = sorted(set(names) - set(self.tables()))
            if missing:
                with self._transaction() as session:
                    # Another connection may have made them meanwhile.
                    missing = sorted(set(names) - set(self.tables()))
                    for name in missing:
                        for statement in create_statements(catalog()[name]):
                            self._open().execute(statement)
                    if "warehouse_lock" in missing:
                        session.insert("warehouse_lock", ["lock_id"], [(1,)])
            return missing

    def drop_tables(self) -> list[str]:
        """Drops the platform's tables, and names them."""
        with self._guard, self._transaction():
            there = sorted(self.found_tables())
            for name in there:
                self._open().execute(f'DROP TABLE "{name}"')
            return there

    def tables(self) -> list[str]:
        """The platform's tables that exist, sorted."""
        found = self.found_tables()
        check_versions(found, self.location)
        return sorted(found)

    def found_tables(self) -> FoundTables:
        """The platform's tables that exist, sorted, with their columns as they are, of whatever version."""
        with self._guard:
            if self._connection is None and not self._path.exists():
                return {}
            rows = self._open().execute(_COLUMNS).fetchall()
        found: dict[str, dict[str, FoundColumn]] = {}
        for table, column, kind, nullable in rows:
            if table in ALL_TABLES:
                of_this_dialect = "DOUBLE PRECISION" if kind == "DOUBLE" else kind
                found.setdefault(table, {})[column] = FoundColumn(of_this_dialect, None, nullable)
        return found

    @contextmanager
    def still(self) -> Iterator[Path]:
        """Holds the file, with all in it that was committed and no log beside it; lets go of it in the end.

        Whoever reads the file itself must not close it before that: then the system takes DuckDB's lock off it.
        """
        with self._guard:
            try:
                self._open().execute("CHECKPOINT")
                yield self._path
            except duckdb.Error as error:
                raise _for_people(error, self.location) from error
            finally:
                self.close()

    def close(self) -> None:
        """Lets go of the file."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _transaction(self) -> Iterator[DuckDBSession]:
        connection = self._open()
        try:
            connection.begin()
            yield DuckDBSession(connection)
            connection.commit()
        except BaseException as error:
            with suppress(duckdb.Error):
                connection.rollback()
            if isinstance(error, duckdb.FatalException):
                # It answers nothing any more; opened again, the file holds what was committed.
                self.close()
            if isinstance(error, duckdb.Error):
                raise _for_people(error, self.location) from error
            raise

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self, *, guarded: bool = False) -> duckdb.DuckDBPyConnection:
        read_only = guarded or self._read_only
        configuration = self._configuration | (_GUARD if guarded else {})
        if read_only and not self._path.exists():
            raise WarehouseError(f"There is no warehouse at {self.location} yet: run `sparkify load` first.")
        if not read_only:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + self._lock_wait
        told = False
        while True:
            try:
                return duckdb.connect(self._path, read_only=read_only, config=configuration)
            except duckdb.IOException as error:
                holder = _HOLDER.search(str(error))
                if holder is None:
                    raise _for_people(error, self.location) from error
                if time.monotonic() >= deadline:
                    raise WarehouseBusy(_busy(self.location, holder)) from error
                if not told:
                    _log.info("waiting for %s: process %s holds it", self.location, holder["pid"])
                    told = True
            except duckdb.Error as error:
                raise _for_people(error, self.location) from error
            time.sleep(0.2)


def _fetched(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while some := connection.fetchmany(_ROWS_FETCHED):
        yield from some


def _plan(rows: Iterable[Row]) -> Answer:
    """DuckDB's plan, a text of many lines, as Redshift gives one: a row for each line."""
    from sparkify_dagster.warehouse.asked import PLAN_COLUMN  # noqa: PLC0415 it imports sqlglot

    return Answer([PLAN_COLUMN], iter([(line,) for row in rows for line in str(row[-1]).splitlines()]))


def _list_type(table: Table, column: str) -> str:
    kind = table.column(column).type
    return f"{kind.replace(' PRECISION', '')}[]"


def _busy(location: str, holder: Mapping[str, str] | re.Match[str]) -> str:
    return (
        f"{location} is in use by process {holder['pid']} ({holder['program']}): "
        "wait until it ends, or stop it, and try again."
    )


def _for_people(error: duckdb.Error, location: str) -> WarehouseError:
    if isinstance(error, duckdb.TransactionException) and "onflict" in str(error):
        return WarehouseBusy(f"Another load is writing to {location}: try again when it has ended.")
    if is_full(error):
        return WarehouseError(no_room(location))
    if isinstance(error, duckdb.OutOfMemoryException):
        return WarehouseError(f"DuckDB ran out of memory or disk: {_words(error)}")
    return WarehouseError(f"DuckDB ({location}): {_words(error)}")


def _words(error: Exception) -> str:
    """What DuckDB says, with the names that it proposes; after a blank line come the statement, or DuckDB's stack."""
    return " ".join(str(error).partition("\n\n")[0].split())
