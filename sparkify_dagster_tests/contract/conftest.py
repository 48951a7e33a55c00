"""What the tests of the contract share: a deployment on each engine.

What belongs here: fixtures. What doesn't: what they are made of (``deployment``) and made-up lakes (``strategies``).
"""

from pathlib import Path

import pytest

from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.lake.places import S3Place

from .deployment import Deployment
from .stores import FolderStore, S3Store


@pytest.fixture
def on_duckdb(lake_folder: Path, warehouse: DuckDBWarehouse) -> Deployment:
    """An empty lake in a folder, and an empty DuckDB."""
    return Deployment(FolderStore(lake_folder), warehouse)


@pytest.fixture
def on_redshift(s3_place: S3Place, redshift: RedshiftWarehouse) -> Deployment:
    """An empty lake on S3, and an empty Redshift: its double."""
    return Deployment(S3Store(s3_place), redshift)


@pytest.fixture
def on_live_redshift(live: tuple[S3Place, RedshiftWarehouse]) -> Deployment:
    """An empty lake on S3, and an empty schema of a true Redshift."""
    place, warehouse = live
    return Deployment(S3Store(place), warehouse)


@pytest.fixture(params=["duckdb", "redshift", pytest.param("live_redshift", marks=pytest.mark.live)])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Each engine in turn."""
    return request.getfixturevalue(f"on_{request.param}")
