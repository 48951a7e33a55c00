"""The real data: the figures that the contract names, and that the order of its files doesn't matter.

What belongs here: what is true of the data in ``udacity``. What doesn't: made-up data.
"""

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from sparkify_dagster_tests.oracle import Files, Row, expected_tables

from .deployment import STAR, Deployment

FIGURES = {
    "staging_events": 4_058,
    "staging_songs": 71,
    "songplays": 3_479,
    "users": 89,
    "user_levels": 98,
    "songs": 71,
    "artists": 69,
    "time": 3_476,
}
KNOWN_SONG = "SOZCTXZ12AB0182364"
NOVEMBER = ("2018-11", "2018-11")

Tables = dict[str, Counter[Row]]


@pytest.fixture(
    params=[
        "duckdb",
        pytest.param("redshift", marks=pytest.mark.slow),
        pytest.param("live_redshift", marks=pytest.mark.live),
    ]
)
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Each engine in turn; ``cli.test_redshift`` loads the same into Redshift."""
    return request.getfixturevalue(f"on_{request.param}")


@pytest.fixture(scope="module")
def contents(udacity: Path) -> dict[str, bytes]:
    """The files by key, byte for byte."""
    paths = [path for part in ("log_data", "song_data") for path in sorted((udacity / part).rglob("*.json"))]
    return {path.relative_to(udacity).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def tables(contents: dict[str, bytes]) -> Tables:
    """What the oracle says of them."""
    # A song file is one record on one line.
    files: Files = {key: [json.loads(line) for line in content.splitlines()] for key, content in contents.items()}
    return {table: Counter(rows) for table, rows in expected_tables(files).items()}


@pytest.fixture
def loaded(deployment: Deployment, contents: dict[str, bytes]) -> Deployment:
    """A lake with all of them, loaded and built at once."""
    for key, content in contents.items():
        deployment.put_bytes(key, content)
    deployment.load_and_build_all()
    return deployment


def figures(tables: Tables) -> dict[str, int]:
    return {table: rows.total() for table, rows in tables.items()}


def songs_played(tables: Tables) -> list[str]:
    return [song_id for _, _, _, _, song_id, *_ in tables["songplays"].elements() if song_id is not None]


def test_the_oracle_gives_the_figures_of_the_contract(tables: Tables) -> None:
    assert figures(tables) == FIGURES
    assert songs_played(tables) == [KNOWN_SONG]


def test_the_warehouse_gives_the_figures_of_the_contract(loaded: Deployment) -> None:
    found = loaded.snapshot()
    assert figures(found) == FIGURES
    assert songs_played(found) == [KNOWN_SONG]


def test_every_table_equals_the_oracle(loaded: Deployment, tables: Tables) -> None:
    assert loaded.snapshot() == tables


def test_loading_and_building_again_changes_nothing(loaded: Deployment, tables: Tables) -> None:
    ledger = loaded.ledger()
    loaded.load_and_build_all()
    assert loaded.ledger() == ledger
    assert loaded.snapshot() == tables


def test_loading_and_building_everything_from_scratch_changes_no_row(loaded: Deployment, tables: Tables) -> None:
    loaded.load_events(rebuild=True)
    loaded.load_songs(rebuild=True)
    for table in STAR:
        loaded.build(table, rebuild=True)
    assert loaded.snapshot() == tables


@pytest.mark.parametrize(
    "deployment",
    [
        "duckdb",
        pytest.param("redshift", marks=pytest.mark.slow),
        pytest.param("live_redshift", marks=pytest.mark.live),
    ],
    indirect=True,
)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_file_after_file_in_any_order_is_the_same_as_all_at_once(
    deployment: Deployment, contents: dict[str, bytes], tables: Tables, seed: int
) -> None:
    for key in Random(seed).sample(sorted(contents), len(contents)):
        deployment.put_bytes(key, contents[key])
        if key.startswith("log_data/"):
            deployment.load_events(NOVEMBER)
        else:
            deployment.load_songs()
    deployment.build_all()
    assert deployment.snapshot() == tables


@pytest.mark.slow
@pytest.mark.parametrize("backwards", [pytest.param(False, id="forwards"), pytest.param(True, id="backwards")])
def test_day_by_day_with_a_build_after_each_is_the_same_as_all_at_once(
    deployment: Deployment, contents: dict[str, bytes], tables: Tables, backwards: bool
) -> None:
    days = sorted((key for key in contents if key.startswith("log_data/")), reverse=backwards)
    songs = sorted(contents.keys() - set(days))
    for number, day in enumerate(days):
        for key in (day, *songs[number :: len(days)]):
            deployment.put_bytes(key, contents[key])
        deployment.load_all()
        deployment.build_all(NOVEMBER)
    assert deployment.snapshot() == tables
