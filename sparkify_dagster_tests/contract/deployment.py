"""A lake and a warehouse of its own, and all that one does with them, in a few words.

What belongs here: putting files, loading, building, reading rows, and comparing them with the oracle. What doesn't:
what the rows ought to be, and made-up lakes (``strategies``).
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager

from sparkify_dagster.building import BuildRequest, build
from sparkify_dagster.building.analytics import Behind, analytics_behind, build_analytics
from sparkify_dagster.lake import Lake
from sparkify_dagster.loading import LoadReport, LoadRequest, load
from sparkify_dagster.tables import ANALYTICS_TABLES
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster_tests.oracle import COLUMNS, Files, Record, Row, expected_rows

from .stores import Store

Months = tuple[str, str]

ALL_MONTHS: Months = ("2018-10", "2019-02")
"""The months that tests put files into, and one more at either end."""

STAGING = ("staging_events", "staging_songs")
WITH_MONTHS = ("songplays", "time")
WITHOUT_MONTHS = ("users", "user_levels", "songs", "artists")
STAR = WITH_MONTHS + WITHOUT_MONTHS


class Deployment:
    """A lake and a warehouse.

    Args:
        store: The lake.
        warehouse: Where it is loaded into.
    """

    def __init__(self, store: Store, warehouse: Warehouse) -> None:
        self._store = store
        self._lake = store.lake
        self._warehouse = warehouse

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse."""
        return self._warehouse

    @property
    def lake(self) -> Lake:
        """The lake, as the platform sees it."""
        return self._lake

    def begin_anew(self) -> None:
        """Empties the lake and the warehouse: quicker than making others."""
        self._store.empty()
        self._warehouse.create_tables()
        tables = self._warehouse.tables()
        with self._warehouse.transaction("test") as session:
            for table in tables:
                if table != "warehouse_lock":
                    session.query(f"DELETE FROM {table}")

    # --- the lake

    def put(self, key: str, records: Sequence[Record]) -> None:
        """Writes a file of the lake, a record a line; one that is there is overwritten."""
        self.put_bytes(key, "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records).encode())

    def put_all(self, files: Files) -> None:
        """Writes files of the lake."""
        for key, records in files.items():
            self.put(key, records)

    def put_bytes(self, key: str, content: bytes) -> None:
        """Writes a file of the lake as it is."""
        self._store.put(key, content)

    def delete(self, key: str) -> None:
        """Takes a file out of the lake."""
        self._store.delete(key)

    def hidden(self, key: str) -> AbstractContextManager[None]:
        """Takes a file out of the lake for a while; it comes back as it was."""
        return self._store.hidden(key)

    # --- the platform

    def load_events(self, months: Months = ALL_MONTHS, *, rebuild: bool = False, prune: bool = False) -> LoadReport:
        """Loads the events of a range of log months."""
        request = LoadRequest("staging_events", "test", months, rebuild=rebuild, prune=prune)
        return load(request, self._lake, self._warehouse)

    def load_songs(self, *, rebuild: bool = False, prune: bool = False) -> LoadReport:
        """Loads the songs."""
        return load(LoadRequest("staging_songs", "test", rebuild=rebuild, prune=prune), self._lake, self._warehouse)

    def load_all(self, *, prune: bool = False) -> None:
        """Loads events and songs."""
        self.load_events(prune=prune)
        self.load_songs(prune=prune)

    def build(self, table: str, months: Months = ALL_MONTHS, *, rebuild: bool = False) -> None:
        """Builds a table of the star schema; the months count for a table that has some."""
        asked = months if table in WITH_MONTHS else None
        build(BuildRequest(table, "test", asked, rebuild=rebuild), self._warehouse)

    def build_all(self, months: Months = ALL_MONTHS) -> None:
        """Builds the whole star schema."""
        for table in STAR:
            self.build(table, months)

    def build_stale(self) -> None:
        """Builds the tables, and of plays and moments the months one by one, that the ledger says lack a load."""
        for table in STAR:
            with self._warehouse.reading() as session:
                stale = session.run("ledger/stale_tables")
            for month in sorted(str(month)[:7] for name, month in stale if name == table):
                self.build(table, (month, month) if table in WITH_MONTHS else ALL_MONTHS)

    def load_and_build_all(self) -> None:
        """Brings everything up to date."""
        self.load_all()
        self.build_all()

    def refresh(self) -> Behind:
        """Builds the tables of analytics that are behind, each for the months for which it is; returns what was."""
        behind = self.behind()
        for table in ANALYTICS_TABLES:
            months = sorted(behind.months.get(table, ()))
            if months or table in behind.tables:
                span = (months[0], months[-1]) if months else None
                build_analytics(BuildRequest(table, "test", span), self._warehouse)
        return behind

    def behind(self) -> Behind:
        """The tables of analytics that are behind."""
        with self._warehouse.reading() as session:
            return analytics_behind(session)

    # --- what came of it

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, with the columns of the contract."""
        columns = ", ".join(COLUMNS[table])
        with self._warehouse.reading() as session:
            return session.query(f"SELECT {columns} FROM {table}")

    def snapshot(self) -> dict[str, Counter[Row]]:
        """The rows of all tables, without their order."""
        return {table: Counter(self.rows(table)) for table in COLUMNS}

    def staged_by_file(self, table: str) -> dict[str, Counter[Row]]:
        """The rows of a staging table by the key of the file that the ledger says brought them."""
        columns = ", ".join(f"s.{column}" for column in COLUMNS[table])
        with self._warehouse.reading() as session:
            rows = session.query(
                f"SELECT f.file_key, {columns} FROM {table} AS s INNER JOIN load_files AS f ON s.file_id = f.file_id"
            )
        found: dict[str, Counter[Row]] = {}
        for key, *values in rows:
            found.setdefault(str(key), Counter())[tuple(values)] += 1
        return found

    def ledger(self) -> tuple[list[Row], list[Row]]:
        """The ledger: loads, and versions of files."""
        with self._warehouse.reading() as session:
            loads = session.query("SELECT load_id, table_name, rows_loaded FROM loads ORDER BY load_id")
            files = session.query("SELECT file_id, file_key, rows_loaded, removed_by FROM load_files ORDER BY file_id")
        return loads, files

    def check(self, files: Files, tables: Iterable[str] = COLUMNS) -> None:
        """Checks that tables hold what the contract says of these files, no row more, no row less."""
        for table in tables:
            found = Counter(self.rows(table))
            expected = Counter(expected_rows(table, files))
            missing, surplus = expected - found, found - expected
            differs = bool(missing or surplus)
            assert not differs, f"{table} {COLUMNS[table]}\n  lacks {_listed(missing)}\n  has   {_listed(surplus)}"


def _listed(rows: Counter[Row]) -> str:
    shown = sorted(map(repr, rows.elements()))
    return "nothing" if not shown else "\n        ".join([*shown[:10], *(["…"] if len(shown) > 10 else [])])
