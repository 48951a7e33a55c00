"""Whether two warehouses hold the same tables, and how many rows.

What belongs here: comparing the columns that the contract names, row by row, in no order. What doesn't: what should be
in them, which is the business of the tests.
"""

from pathlib import Path

import duckdb

from sparkify_dagster.tables import LAKE_TABLES, STAR_TABLES, catalog
from sparkify_dagster_tests.oracle import COLUMNS

TABLES = (*LAKE_TABLES, *STAR_TABLES)


def different_tables(warehouse: Path, other: Path) -> list[str]:
    """The tables of which two DuckDB files don't hold the same rows, each as often."""
    ours, theirs = _fingerprints(warehouse), _fingerprints(other)
    return [table for table in TABLES if ours[table] != theirs[table]]


def row_counts(warehouse: Path) -> dict[str, int]:
    """The rows of each table."""
    return {table: rows for table, (rows, _) in _fingerprints(warehouse).items()}


def _fingerprints(warehouse: Path) -> dict[str, tuple[int, int]]:
    """For each table its rows, and the sum of their hashes, which no order changes and a single row does."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        return {table: _fingerprint(connection, table) for table in TABLES}


def _fingerprint(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    types = {column: catalog()[table].column(column).type.replace(" PRECISION", "") for column in COLUMNS[table]}
    values = ", ".join(f'CAST("{column}" AS {kind})' for column, kind in types.items())
    ((rows, total),) = connection.execute(
        f'SELECT count(*), coalesce(sum(CAST(hash({values}) AS HUGEINT)), 0) FROM "{table}"'
    ).fetchall()
    return rows, total
