"""Redshift as the warehouse: a connection, its transactions, and their outcome.

What belongs here: sessions, the lock, what becomes of a transaction whose connection breaks. What doesn't: how a
connection is made (``connecting``), what errors mean (``errors``), how files are read (``staging``).
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from threading import RLock
from typing import Any

import orjson

from sparkify_dagster.aws.clients import s3_client
from sparkify_dagster.errors import TransactionLost, WarehouseBusy, WarehouseError
from sparkify_dagster.scratch import scratch_folder
from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster.sqlfiles import quoted, statements
from sparkify_dagster.steps import Step, reached
from sparkify_dagster.tables import ALL_TABLES, BASE_TABLES, Table
from sparkify_dagster.tables.catalog import creation_order
from sparkify_dagster.tables.versions import FoundColumn, FoundTables, check_versions
from sparkify_dagster.warehouse.base import (
    Answer,
    BadRecords,
    Batch,
    Parameters,
    Row,
    Selection,
    Session,
    Value,
    lock_parameters,
)
from sparkify_dagster.warehouse.redshift.connecting import connect
from sparkify_dagster.warehouse.redshift.errors import StatementFailed, for_people, is_of_the_driver
from sparkify_dagster.warehouse.redshift.manifests import ManifestFolder, ManifestPlace
from sparkify_dagster.warehouse.redshift.staging import CopyFailed, Stage, named_files
from sparkify_dagster.warehouse.retrying import retrying

_log = logging.getLogger(__name__)

_MOST_PARAMETERS = 32_767
_MOST_ROWS_INSERTED = 500
"""More rows than these are copied: an INSERT of thousands of rows takes Redshift longer than a COPY."""

_MOST_BYTES_INSERTED = 1 << 20
"""More text than this is copied, too: a statement of Redshift's holds 16 MB."""

_TYPES_IN_DDL = {"character varying": "VARCHAR", "timestamp without time zone": "TIMESTAMP"}
"""Redshift's names of types, where those of the DDL are others."""

_ROWS_FETCHED = 1_000
"""More at once a cluster of one node does not give."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 as TIMESTAMP columns keep it


class RedshiftSession(Session):
    """A Redshift connection within a transaction."""

    def __init__(self, connection: Any, folder: ManifestFolder, role: str) -> None:
        self._connection = connection
        self._stage = Stage(self, folder, role)

    def select(self, statement: str, parameters: Parameters | None = None) -> Selection:
        """Runs one statement, and returns its columns and rows."""
        return _execute(self._connection, statement, parameters)

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Adds rows, by INSERT or, where they are many, by COPY."""
        values = list(rows)
        if len(values) > _MOST_ROWS_INSERTED or sum(map(_size, values)) > _MOST_BYTES_INSERTED:
            self._insert_by_copy(table, columns, values)
            return
        most = _MOST_PARAMETERS // len(columns)
        for start in range(0, len(values), most):
            part = values[start : start + most]
            bound: dict[str, Value] = {f"v{n}_{m}": value for n, row in enumerate(part) for m, value in enumerate(row)}
            places = ", ".join(f"({', '.join(f':v{n}_{m}' for m in range(len(columns)))})" for n in range(len(part)))
            self.query(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}", bound)  # noqa: S608 names

    def stage(self, table: Table, batch: Batch) -> None:
        """Adds the records of a batch to a staging table."""
        try:
            self._stage.run(table, batch)
        except CopyFailed as failed:
            # The transaction is lost anyhow; only after its end does the connection answer again.
            _execute(self._connection, "ROLLBACK")
            names = [str(name) for (name,) in self.run("redshift/failed_files")]
            raise BadRecords(named_files(failed.group, names)) from failed

    def _insert_by_copy(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        with scratch_folder() as folder:
            path = folder / "rows.json"
            with path.open("wb") as out:
                for row in rows:
                    named = dict(zip(columns, map(_as_json, row), strict=True))
                    out.write(orjson.dumps(named, option=orjson.OPT_APPEND_NEWLINE))
            self._stage.copy_rows(table, columns, [path])


class RedshiftWarehouse:
    """A schema of a Redshift database, of a cluster or of a Serverless workgroup.

    Args:
        settings: Where it is, and how to log in.
        lock_wait: Seconds to wait for another writer.
        connecting: Makes a connection.
        client_factory: Makes a boto3 client for S3, for the manifests.
    """

    engine = "redshift"

    def __init__(
        self,
        settings: RedshiftSettings,
        *,
        lock_wait: float = 600.0,
        connecting: Callable[[RedshiftSettings], Any] = connect,
        client_factory: Callable[[], Any] = s3_client,
    ) -> None:
        where = settings.host or settings.workgroup or settings.cluster_identifier or "by its secret"
        self.location = f"redshift://{where}/{settings.database}/{settings.schema}"
        self._settings = settings
        self._lock_wait = lock_wait
        self._connecting = connecting
        self._place = ManifestPlace(settings.manifests, self.location, client_factory)
        self._connection: Any = None
        self._in_transaction = False
        self._guard = RLock()

    @contextmanager
    def transaction(self, run_id: str) -> Iterator[RedshiftSession]:
        """A transaction that writes; it takes the lock first."""
        identity = lock_parameters(run_id)
        with self._guard:
            with self._session("BEGIN", label=run_id) as session:
                self._lock()
                session.run("ledger/lock", identity)
                yield session
            reached(Step.COMMITTING)
            self._commit(str(identity["transaction_id"]))
            reached(Step.COMMITTED)

    @contextmanager
    def reading(self) -> Iterator[RedshiftSession]:
        """A transaction that reads one state of all tables."""
        with self._guard:
            with self._session("BEGIN READ ONLY", label="reading") as session:
                yield session
            self._roll_back()

    @contextmanager
    def answer(self, question: str) -> Iterator[Answer]:
        """Runs a query that somebody wrote, in a transaction that can only read, by a cursor, which takes only queries.

        Without a cursor, the driver would keep all rows in memory before it gives the first.
        """
        from sparkify_dagster.warehouse.asked import asked  # noqa: PLC0415 it imports sqlglot

        query = asked(question)
        with self._guard:
            with self._session("BEGIN READ ONLY", label="query"):
                if query.explained:
                    plan = _execute_as_written(self._connection, f"EXPLAIN {query.query}")
                    yield Answer(plan.columns, iter(plan.rows))
                else:
                    _execute_as_written(self._connection, f"DECLARE answer CURSOR FOR {query.query}")
                    yield _fetched(self._connection)
            self._roll_back()

    def create_tables(self, names: Collection[str] = BASE_TABLES) -> list[str]:
        """Creates those of the tables that are missing, and names them."""
        with self._guard:
            return retrying(lambda: self._create_missing(names))

    def drop_tables(self) -> list[str]:
        """Drops the platform's tables, and names them."""
        there = self.found_tables()
        with self.transaction("drop") as session:
            for name in reversed(creation_order()):
                if name in there:
                    session.query(f"DROP TABLE {name}")
        return sorted(there)

    def tables(self) -> list[str]:
        """The platform's tables that exist, sorted."""
        found = self.found_tables()
        check_versions(found, self.location)
        return sorted(found)

    def found_tables(self) -> FoundTables:
        """The platform's tables that exist, sorted, with their columns as they are, of whatever version."""
        with self.reading() as session:
            rows = session.run("redshift/existing_columns", {"schema_name": self._settings.schema})
        found: dict[str, dict[str, FoundColumn]] = {name: {} for name in sorted({str(row[0]) for row in rows})}
        for table, column, kind, length, nullable in rows:
            found[str(table)][str(column)] = _found_column(str(kind), length, nullable)
        return {name: columns for name, columns in found.items() if name in ALL_TABLES}

    def close(self) -> None:
        """Lets go of the connection."""
        with self._guard:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(Exception):
                    connection.close()

    def _create_missing(self, names: Collection[str]) -> list[str]:
        there = self.tables()
        missing = [name for name in creation_order() if name in names and name not in there]
        if missing:
            with self._session("BEGIN", label="create tables") as session:
                if self._settings.schema != "public":
                    session.query(f"CREATE SCHEMA IF NOT EXISTS {self._settings.schema}")
                for name in missing:
                    for statement in statements(f"tables/{name}"):
                        session.query(statement)
                if "warehouse_lock" in missing:
                    session.insert("warehouse_lock", ["lock_id"], [(1,)])
                session.query("COMMIT")
        return sorted(missing)

    @contextmanager
    def _session(self, beginning: str, *, label: str) -> Iterator[RedshiftSession]:
        """A transaction that whoever asks for it ends; after an error it is rolled back."""
        if self._in_transaction:
            raise RuntimeError("a transaction is open on this connection: another would end it")
        with self._place.folder() as folder:
            self._in_transaction = True
            try:
                with self._explaining():
                    self._begin(beginning, label)
                    yield RedshiftSession(self._connection, folder, self._settings.iam_role_arn)
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._in_transaction = False

    def _begin(self, statement: str, label: str) -> None:
        """Begins a transaction, on a new connection if the one that was kept has gone stale."""
        group = f"SET query_group TO {quoted(f'sparkify {label}', 'redshift')}"
        try:
            _execute(self._open(), group)
        except StatementFailed as failed:
            if not failed.lost:
                raise
            self.close()
            _execute(self._open(), group)
        _execute(self._open(), statement)

    def _open(self) -> Any:
        if self._connection is None:
            connection = self._connecting(self._settings)
            connection.autocommit = True  # BEGIN and COMMIT are said, not implied
            _execute(connection, f"SET search_path TO {self._settings.schema}")
            self._connection = connection
            self._limit(self._settings.statement_timeout)
        return self._connection

    def _limit(self, seconds: float) -> None:
        _execute(self._connection, f"SET statement_timeout TO {int(seconds * 1000)}")

    def _lock(self) -> None:
        """Waits for other writers. LOCK comes first, so that the transaction sees all that they committed."""
        # A rollback puts the limit back, too.
        self._limit(max(self._lock_wait, 0.001))
        try:
            _execute(self._connection, "LOCK warehouse_lock")
        except StatementFailed as failed:
            if not failed.cancelled:
                raise
            raise WarehouseBusy(
                f"Another run has been writing to {self.location} for more than {self._lock_wait:g} seconds: "
                "wait until it ends, or stop it, and try again."
            ) from None
        self._limit(self._settings.statement_timeout)

    def _commit(self, transaction_id: str) -> None:
        try:
            _execute(self._connection, "COMMIT")
        except StatementFailed as failed:
            if not failed.lost:
                self._roll_back()
                raise for_people(failed, self.location) from None
            _log.info("the connection was lost at COMMIT; looking up what became of it")
            self.close()
            try:
                committed = retrying(lambda: self._has_committed(transaction_id))
            except WarehouseError as error:
                # Not to be tried again by itself: nobody knows what became of it.
                raise WarehouseError(
                    f"the connection to {self.location} was lost at COMMIT, and what became of it can't be looked up "
                    f"({error}) Run the same again: it finds what is there, and does nothing twice."
                ) from None
            if not committed:
                raise TransactionLost(
                    f"the connection to {self.location} was lost at COMMIT; nothing was committed. Try again."
                ) from None

    def _has_committed(self, transaction_id: str) -> bool:
        """Whether a transaction was the last to write; the lock waits until what is left of it has ended."""
        with self._session("BEGIN", label="looking up a commit") as session:
            self._lock()
            ((last,),) = session.run("ledger/last_transaction")
        self._roll_back()
        return last == transaction_id

    def _roll_back(self) -> None:
        if self._connection is None:
            return
        try:
            _execute(self._connection, "ROLLBACK")
        except StatementFailed:
            self.close()  # whatever it is, the connection is of no more use

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except StatementFailed as failed:
            raise for_people(failed, self.location) from None


def _execute(connection: Any, statement: str, parameters: Parameters | None = None) -> Selection:
    cursor = connection.cursor()
    cursor.paramstyle = "named"
    return _run(cursor, statement, parameters or {})


def _execute_as_written(connection: Any, statement: str) -> Selection:
    """Runs a statement that binds nothing: whatever its texts and comments hold is no name of a parameter."""
    cursor = connection.cursor()
    # Of a style that it doesn't know, the driver finds no parameters. In those that it knows, it takes a quote after a
    # backslash for the end of a text, and what then follows a colon for a name.
    cursor.paramstyle = "none"
    return _run(cursor, statement, {})


def _fetched(connection: Any) -> Answer:
    first = _execute(connection, f"FETCH FORWARD {_ROWS_FETCHED} FROM answer")

    def rows() -> Iterator[Row]:
        some = first.rows
        while some:
            yield from some
            some = _execute(connection, f"FETCH FORWARD {_ROWS_FETCHED} FROM answer").rows

    return Answer(first.columns, rows())


def _run(cursor: Any, statement: str, parameters: Parameters) -> Selection:
    try:
        cursor.execute(statement, dict(parameters))
        if cursor.description is None:
            return Selection([], [])
        return Selection([_text(column[0]) for column in cursor.description], [tuple(row) for row in cursor.fetchall()])
    except Exception as error:
        if is_of_the_driver(error):
            raise StatementFailed(error) from None
        raise


def _found_column(kind: str, length: Value, nullable: Value) -> FoundColumn:
    in_ddl = _TYPES_IN_DDL.get(kind, kind.upper())
    return FoundColumn(in_ddl, int(length) if isinstance(length, int) else None, nullable == "YES")


def _text(name: object) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _size(row: Row) -> int:
    return sum(len(value) for value in row if isinstance(value, str))


def _as_json(value: Value) -> object:
    """A value as COPY reads it: moments in epoch milliseconds."""
    if isinstance(value, datetime):
        return round((value - _EPOCH).total_seconds() * 1000)
    return value.isoformat() if isinstance(value, date) else value
