"""What the tests of the contract share: a deployment on each engine.

What belongs here: fixtures. What doesn't: what they are made of (``deployment``) and made-up lakes (``strategies``).
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.lake.s3 import default_client
from sparkify_dagster.warehouse import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.engines import OUTSIDE, dropping, live_settings
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
def on_live_redshift(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """An empty lake below SPARKIFY_MANIFESTS, and an empty schema of a true Redshift."""
    for name, value in OUTSIDE.items():
        if name.startswith(("AWS_", "SSL_")):
            monkeypatch.setenv(name, value)
    settings = live_settings()
    client = default_client()
    bucket, _, prefix = settings.manifests.removeprefix("s3://").partition("/")
    place = S3Place(client, bucket, f"{prefix}/live-{uuid.uuid4().hex[:8]}/")
    with dropping(RedshiftWarehouse(settings)) as warehouse:
        yield Deployment(S3Store(place), warehouse)
    place.empty()


@pytest.fixture(params=["duckdb", "redshift", pytest.param("live_redshift", marks=pytest.mark.live)])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Each engine in turn."""
    return request.getfixturevalue(f"on_{request.param}")
