"""What all tests share: the real data, a lake to write into, a warehouse to load into.

What belongs here: fixtures that more than one folder of tests uses. What doesn't: helpers of one folder.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.lake import FolderLake
from sparkify_dagster.warehouse import DuckDBWarehouse

# Every commit of a warehouse waits for the disk. Tests commit thousands of times, and no test is about the disk.
_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4 << 30

_SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "udacity"


def pytest_configure(config: pytest.Config) -> None:
    """Puts temporary folders into memory, where there is enough of it and nobody says otherwise."""
    if (
        config.option.basetemp is None
        and os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test, and no test leaves one behind."""
    for name in list(os.environ):
        if name.startswith(("SPARKIFY_", "DAGSTER_", "AWS_", "REDSHIFT_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def udacity() -> Path:
    """The real data: the odd days of November 2018 and 71 songs."""
    if not _SHARED.is_dir():
        pytest.skip("the real data (../shared/data/udacity) is not here")
    return _SHARED


@pytest.fixture
def lake_folder(tmp_path: Path) -> Path:
    """An empty lake."""
    folder = tmp_path / "lake"
    (folder / "log_data").mkdir(parents=True)
    (folder / "song_data").mkdir()
    return folder


@pytest.fixture
def lake(lake_folder: Path) -> FolderLake:
    """The lake in ``lake_folder``."""
    return FolderLake(lake_folder / "log_data", lake_folder / "song_data", str(lake_folder))


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    """An empty DuckDB warehouse."""
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", lock_wait=2.0)
    yield warehouse
    warehouse.close()
