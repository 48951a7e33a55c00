"""What the tests of killed processes share: a platform on each engine that is loaded, and has something to load."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.contract.deployment import Deployment
from sparkify_dagster_tests.contract.stores import FolderStore, S3Store
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.lake.places import S3Place

from .scene import Scene
from .victim import Platform


def scene(deployment: Deployment, environment: Mapping[str, str], folder: Path, made_home: Path) -> Scene:
    platform = Platform({**environment, "SPARKIFY_FIRST_MONTH": "2018-11"}, folder / "victim")
    platform.folder.mkdir()
    platform.scratch.mkdir()
    shutil.copytree(made_home, platform.home)
    return Scene(deployment, platform)


@pytest.fixture
def on_duckdb(lake_folder: Path, warehouse: DuckDBWarehouse, tmp_path: Path, made_home: Path) -> Scene:
    """A lake in a folder, and DuckDB."""
    environment = {"SPARKIFY_LAKE": str(lake_folder), "SPARKIFY_DUCKDB_PATH": warehouse.location}
    return scene(Deployment(FolderStore(lake_folder), warehouse), environment, tmp_path, made_home)


@pytest.fixture
def on_redshift(
    s3_place: S3Place,
    redshift: RedshiftWarehouse,
    redshift_settings: RedshiftSettings,
    tmp_path: Path,
    made_home: Path,
) -> Scene:
    """A lake on S3, and Redshift: its double."""
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSL_", "NO_PROXY"))},
        **environment_of(redshift_settings),
        "SPARKIFY_LOG_DATA": f"s3://{s3_place.bucket}/raw/events",
        "SPARKIFY_SONG_DATA": f"s3://{s3_place.bucket}/songs",
    }
    return scene(Deployment(S3Store(s3_place), redshift), environment, tmp_path, made_home)


@pytest.fixture(params=["duckdb", "redshift"])
def scene_of_each(request: pytest.FixtureRequest) -> Scene:
    """Each engine in turn."""
    return request.getfixturevalue(f"on_{request.param}")
