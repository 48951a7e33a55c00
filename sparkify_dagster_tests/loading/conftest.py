"""Fixtures for the tests of the loading: a warehouse at the price of a copy.

What belongs here: fixtures of this folder. What does not: helpers (``loads``, ``literals``).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with all tables, to be copied: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    made = DuckDBWarehouse(path)
    made.create_tables()
    made.close()
    return path


@pytest.fixture
def warehouse_path(tmp_path: Path, empty_warehouse: Path) -> Path:
    """A DuckDB file of the test's own, with all tables and no rows."""
    return Path(shutil.copy(empty_warehouse, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def warehouse(warehouse_path: Path) -> Iterator[DuckDBWarehouse]:
    """An empty DuckDB warehouse."""
    warehouse = DuckDBWarehouse(warehouse_path, lock_wait=2.0)
    yield warehouse
    warehouse.close()
