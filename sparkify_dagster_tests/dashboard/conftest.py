"""A warehouse with all tables of a small lake, whose names are as bad as names can be.

What belongs here: making it, once. What doesn't: what is shown of it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.lake import FolderLake
from sparkify_dagster.simulator import generate_lake
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.dashboard.filled import fill
from sparkify_dagster_tests.lakes import SONG, play, write_log, write_song

FIRST_MONTH, LAST_MONTH = "2018-08", "2018-11"
HOSTILE = "</script><script>window.attacked=true</script><img src=x onerror=window.attacked=true>"


@pytest.fixture(scope="session")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of a simulated service; in a fourth, a free listener plays a song at a place, all badly named."""
    lake = tmp_path_factory.mktemp("dashboard") / "lake"
    generate_lake(lake, events=3_000, months=3, songs=60, users=40, first_month=FIRST_MONTH, seed=5)
    write_song(lake, "TRHOSTILE", {**SONG, "title": HOSTILE, "artist_name": HOSTILE})
    write_song(lake, "TRSILENT", {**SONG, "song_id": "SO2", "title": "Silence", "year": 1999})
    hostile = {"song": HOSTILE, "artist": HOSTILE, "location": HOSTILE, "userId": "4000"}
    write_log(lake, "2018-11-01", [{**play(number), **hostile} for number in range(3)])
    return lake


@pytest.fixture(scope="session")
def filled(small_lake: Path) -> Iterator[DuckDBWarehouse]:
    """The warehouse, in the folder of the lake."""
    warehouse = DuckDBWarehouse(small_lake.parent / "warehouse.duckdb", lock_wait=2.0)
    fill(warehouse, FolderLake(small_lake / "log_data", small_lake / "song_data", "the lake"), FIRST_MONTH, LAST_MONTH)
    yield warehouse
    warehouse.close()
