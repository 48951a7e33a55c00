"""An embedded platform with rows in it, and a backup of it.

What belongs here: fixtures of these tests. What doesn't: expectations.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.backups import back_up
from sparkify_dagster.settings import Settings, read_settings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.contract.deployment import Deployment
from sparkify_dagster_tests.contract.stores import FolderStore
from sparkify_dagster_tests.lakes import SONG, play

NOVEMBER = "log_data/2018/11/2018-11-01-events.json"
LATER = "log_data/2018/11/2018-11-02-events.json"
A_SONG = "song_data/A/B/C/TR1.json"


class Embedded:
    """An embedded platform in a folder.

    Attributes:
        folder: The folder.
        environment: Its settings, as variables.
        settings: Its settings.
        deployment: Its lake and its warehouse.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lake = folder / "lake"
        home = folder / "home"
        self.environment = {
            "SPARKIFY_LAKE": str(lake),
            "SPARKIFY_FIRST_MONTH": "2018-11",
            "SPARKIFY_DUCKDB_PATH": str(folder / "warehouse.duckdb"),
            "SPARKIFY_LOCK_WAIT": "0.5",
            "DAGSTER_HOME": str(home),
        }
        self.settings: Settings = read_settings(self.environment, folder)
        self.deployment = Deployment(FolderStore(lake), DuckDBWarehouse(self.settings.duckdb_path, lock_wait=0.5))

    def close(self) -> None:
        """Lets go of the warehouse, as a process does that ends."""
        self.deployment.warehouse.close()

    def load(self) -> None:
        """Loads and builds everything, and lets go of the warehouse."""
        self.deployment.load_and_build_all()
        self.close()

    def sessions(self) -> list[int]:
        """The sessions of the events that are loaded."""
        with self.deployment.warehouse.reading() as session:
            rows = session.query("SELECT session_id FROM staging_events ORDER BY session_id")
        self.close()
        return [int(str(number)) for (number,) in rows]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, made_home: Path) -> Path:
    """The folder of an embedded platform that has loaded a song and a play, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copytree(made_home, folder / "home")
    for part in ("log_data", "song_data"):
        (folder / "lake" / part).mkdir(parents=True)
    platform = Embedded(folder)
    platform.deployment.put(A_SONG, [SONG])
    platform.deployment.put(NOVEMBER, [play(0, sessionId=1)])
    platform.load()
    return folder


@pytest.fixture(scope="session")
def backed_up(tmp_path_factory: pytest.TempPathFactory, loaded: Path) -> Path:
    """The same with a backup, after which another play was loaded."""
    folder = tmp_path_factory.mktemp("backed-up") / "platform"
    shutil.copytree(loaded, folder)
    platform = Embedded(folder)
    back_up(platform.settings, folder / "backup")
    platform.deployment.put(LATER, [play(1, sessionId=2)])
    platform.load()
    return folder


@pytest.fixture
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Embedded]:
    """An embedded platform that has loaded a song and a play; with ``backup``, one more since."""
    made = request.getfixturevalue("backed_up" if "backup" in request.fixturenames else "loaded")
    shutil.copytree(made, tmp_path / "platform")
    platform = Embedded(tmp_path / "platform")
    yield platform
    platform.close()


@pytest.fixture
def backup(embedded: Embedded) -> Path:
    """A backup of it, after which another play was loaded."""
    return embedded.folder / "backup"
