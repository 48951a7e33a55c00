"""Fixtures for the tests of the loading: a warehouse at the price of a copy, and an S3 in this process.

What belongs here: fixtures of this folder. What does not: helpers (``loads``, ``literals``).
"""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.warehouse import DuckDBWarehouse
from sparkify_dagster_tests.lake.places import S3Place, make_client


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


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Runs an S3 on a free port of this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def s3_place(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> S3Place:
    """A lake in a bucket of its own, whatever AWS account and proxy the machine is set up for."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMADEUPBYTESTS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made up by the tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return S3Place(make_client(s3_endpoint), f"lake-{uuid.uuid4().hex}")
