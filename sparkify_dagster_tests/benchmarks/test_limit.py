"""The script that stands for the limit makes the tables of the contract, and those that the platform makes.

What belongs here: what it makes of small lakes. What doesn't: how long it takes.
"""

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from sparkify_dagster.lake import FolderLake
from sparkify_dagster.simulator import generate_lake
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.benchmarks.limit import build
from sparkify_dagster_tests.benchmarks.probes.without_dagster import make_tables
from sparkify_dagster_tests.benchmarks.tables import different_tables, row_counts
from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song
from sparkify_dagster_tests.oracle import COLUMNS, Record, expected_rows


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two months."""
    folder = tmp_path_factory.mktemp("benchmarks") / "lake"
    generate_lake(folder, events=3_000, months=2, songs=100, users=50, first_month="2018-12", seed=3)
    return folder


@pytest.fixture(scope="module")
def limit(simulated: Path) -> Path:
    """What the script makes of it."""
    path = simulated.with_name("limit.duckdb")
    build(simulated, path)
    return path


def loaded(lake: Path, folder: Path) -> Path:
    """The warehouse that the platform makes of a lake."""
    path = folder / "warehouse.duckdb"
    warehouse = DuckDBWarehouse(path, lock_wait=2.0)
    make_tables(FolderLake(lake / "log_data", lake / "song_data", str(lake)), warehouse)
    return path


def test_the_limit_has_the_tables_that_the_platform_makes(simulated: Path, limit: Path, tmp_path: Path) -> None:
    warehouse = loaded(simulated, tmp_path)
    assert row_counts(warehouse)["staging_events"] == 3_000
    assert different_tables(warehouse, limit) == []


def test_tables_that_differ_in_one_value_are_told_apart(limit: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(limit, tmp_path))
    with duckdb.connect(other) as connection:
        connection.execute("UPDATE users SET level = 'other' WHERE user_id = (SELECT min(user_id) FROM users)")
        connection.execute("INSERT INTO songs FROM songs LIMIT 1")
    assert different_tables(limit, other) == ["users", "songs"]


def test_the_limit_settles_repeats_ties_and_white_space_as_the_contract_says(lake_folder: Path, tmp_path: Path) -> None:
    files: dict[str, list[Record]] = {}

    def log(day: str, *records: dict) -> None:
        path = write_log(lake_folder, day, records)
        files[path.relative_to(lake_folder).as_posix()] = list(records)

    def song(name: str, **fields) -> None:
        record = {**SONG, **fields}
        path = write_song(lake_folder, name, record)
        files[path.relative_to(lake_folder).as_posix()] = [record]

    spaced = {**play(2), "song": "\u00a0 You Gotta Be\t"}
    # The same play in two months, and twice in one of them; of one moment but another item; unmatched; without a user.
    log("2018-11-01", play(1, level="paid"), {**play(1), "song": "Another"}, spaced)
    log("2018-12-01", play(1, level="free"), play(3, ts=play(2)["ts"]), play(4, userId="", firstName=None))
    # Two events of one moment; a level that comes and goes; a level that is not known.
    log(
        "2018-12-30",
        event(itemInSession=5, level="paid", ts=1_546_128_000_000),
        event(itemInSession=6, level="free", ts=1_546_128_000_000, lastName="Lovelace"),
        event(itemInSession=7, level="", ts=1_546_128_060_000),
        event(itemInSession=8, level="paid", ts=1_546_128_120_000, lastName=None),
        {**play(9, ts=1_546_214_400_000), "length": 248.4},
        {**play(10, ts=1_546_214_400_001), "length": None},
    )
    song("a", year=1994)
    song("b", song_id="SO0", artist_name="Des'ree ", artist_location="London")
    song("c", song_id="SO1", year=1994, duration=247.0)
    song("d", song_id="SO2", artist_id="AR2", artist_location="", artist_latitude=51.5, title="", year=0)
    song("e", song_id="SO3", artist_id="AR2", artist_name="", duration=1.0)
    build(lake_folder, tmp_path / "limit.duckdb")
    with duckdb.connect(tmp_path / "limit.duckdb") as connection:
        for table, columns in COLUMNS.items():
            rows = connection.execute(f'SELECT {", ".join(columns)} FROM "{table}"').fetchall()
            assert Counter(rows) == Counter(expected_rows(table, files)), table
