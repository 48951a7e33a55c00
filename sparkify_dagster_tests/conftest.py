"""What all tests share: the real data, a lake to write into, a warehouse to load into.

What belongs here: fixtures that more than one folder of tests uses. What doesn't: helpers of one folder.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sparkify_dagster.lake import FolderLake
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.lake.places import S3Place, make_client
from sparkify_dagster_tests.moto_server import moto_server

if TYPE_CHECKING:
    from sparkify_dagster.settings import RedshiftSettings
    from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
    from sparkify_dagster_tests.redshift.double import RedshiftDouble

pytest_plugins = ["sparkify_dagster_tests.figures"]

# Every commit of a warehouse waits for the disk. Tests commit thousands of times, and no test is about the disk.
_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4 << 30

# Whole processes of Dagster, and a browser.
_LONGEST = tuple(f"sparkify_dagster_tests/{folder}/" for folder in ("deployment", "ui", "life", "cli"))

_SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "udacity"


def pytest_configure(config: pytest.Config) -> None:
    """Puts temporary folders into memory, where there is enough of it and nobody says otherwise."""
    if (
        config.option.basetemp is None
        and os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest tests first: a worker that begins one of them last leaves the others with nothing to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


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


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dagster's home as a first run leaves it, to be copied: making its databases takes seconds."""
    from dagster import DagsterInstance

    home = tmp_path_factory.mktemp("home")
    shutil.copy(Path(__file__).parent.parent / "dagster.yaml", home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        DagsterInstance.get().dispose()
    return home


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Runs an S3 on a free port of this machine."""
    with moto_server() as endpoint:
        yield endpoint


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str) -> None:
    """Everything of AWS is the server of the tests, whatever account and proxy the machine is set up for."""
    pretend_account(monkeypatch, endpoint=s3_endpoint)


@pytest.fixture
def s3_place(aws: None, s3_endpoint: str) -> S3Place:
    """A lake in a bucket of its own."""
    return S3Place(make_client(s3_endpoint), f"lake-{uuid.uuid4().hex}")


@pytest.fixture(scope="session")
def double(s3_endpoint: str) -> Iterator["RedshiftDouble"]:
    """A Redshift on this machine."""
    from sparkify_dagster_tests.redshift.double import RedshiftDouble

    with RedshiftDouble(s3_endpoint) as running:
        yield running


@pytest.fixture
def redshift_settings(
    double: "RedshiftDouble", s3_place: S3Place, monkeypatch: pytest.MonkeyPatch
) -> Iterator["RedshiftSettings"]:
    """Settings for an empty schema of the double, whose certificate is trusted; manifests go to ``s3_place``."""
    from sparkify_dagster_tests.engines import settings_of

    for name, value in double.environment().items():
        monkeypatch.setenv(name, value)
    double.clear()
    settings = settings_of(double, s3_place.bucket)
    yield settings
    double.drop_all_connections()
    double.drop_schema(settings.schema)


@pytest.fixture
def redshift(redshift_settings: "RedshiftSettings", s3_place: S3Place) -> Iterator["RedshiftWarehouse"]:
    """An empty Redshift warehouse."""
    from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse

    warehouse = RedshiftWarehouse(redshift_settings, lock_wait=5.0, client_factory=lambda: s3_place.client)
    yield warehouse
    warehouse.close()


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[S3Place, "RedshiftWarehouse"]]:
    """An empty lake below SPARKIFY_MANIFESTS, and an empty schema of a true Redshift."""
    from sparkify_dagster.aws.clients import s3_client
    from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
    from sparkify_dagster_tests.engines import OUTSIDE, drop_schema, live_settings

    for name, value in OUTSIDE.items():
        if name.startswith(("AWS_", "SSL_")):
            monkeypatch.setenv(name, value)
    settings = live_settings()
    bucket, _, prefix = settings.manifests.removeprefix("s3://").partition("/")
    place = S3Place(s3_client(), bucket, f"{prefix}/live-{uuid.uuid4().hex[:8]}/")
    warehouse = RedshiftWarehouse(settings)
    yield place, warehouse
    warehouse.close()
    place.empty()
    drop_schema(settings)
