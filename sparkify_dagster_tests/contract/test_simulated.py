"""A simulated service: both engines hold the same rows of it, and those are what the contract says.

What belongs here: the simulator's lakes. What doesn't: what is true of the simulator itself.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from sparkify_dagster.simulator import generate_lake
from sparkify_dagster_tests.oracle import COLUMNS, Files, expected_tables

from .deployment import Deployment

MONTHS = ("2018-11", "2019-01")


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of three months by key, byte for byte."""
    folder = tmp_path_factory.mktemp("simulated") / "lake"
    generate_lake(folder, events=4_000, months=3, songs=150, users=60, first_month="2018-11", seed=7)
    paths: list[Path] = [path for part in ("log_data", "song_data") for path in sorted((folder / part).rglob("*.json"))]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.slow
def test_both_engines_hold_the_same_rows(
    on_duckdb: Deployment, on_redshift: Deployment, contents: dict[str, bytes]
) -> None:
    files: Files = {key: [json.loads(line) for line in content.splitlines()] for key, content in contents.items()}
    expected = {table: Counter(rows) for table, rows in expected_tables(files).items()}
    for deployment in (on_duckdb, on_redshift):
        for key, content in contents.items():
            deployment.put_bytes(key, content)
        deployment.load_events(MONTHS)
        deployment.load_songs()
        deployment.build_all(MONTHS)
    found = on_redshift.snapshot()
    assert found == on_duckdb.snapshot()
    assert found == expected
    assert sum(row[4] is not None for row in found["songplays"].elements()) > 1_000
    for table in COLUMNS:
        assert found[table], table
