"""The double as these tests meet it, and connections to it.

What belongs here: fixtures. What doesn't: expectations.
"""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sparkify_dagster_tests.redshift.clients import Client, Files
from sparkify_dagster_tests.redshift.double import RedshiftDouble


@pytest.fixture(scope="session")
def s3(s3_endpoint: str) -> Any:
    """A client of S3."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def redshift(double: RedshiftDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedshiftDouble]:
    """The double, trusted, with nothing left of the tests before."""
    for name, value in double.environment().items():
        monkeypatch.setenv(name, value)
    double.clear()
    yield double
    double.drop_all_connections()


@pytest.fixture
def schema(redshift: RedshiftDouble) -> Iterator[str]:
    """An empty schema."""
    name = redshift.new_schema()
    yield name
    redshift.drop_all_connections()
    redshift.drop_schema(name)


@pytest.fixture
def connect(redshift: RedshiftDouble, schema: str) -> Callable[[], Client]:
    """Makes connections that look into ``schema``."""
    return lambda: Client.of(redshift, schema)


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    """A connection that looks into ``schema``; BEGIN and COMMIT have to be said."""
    return connect()


@pytest.fixture
def files(s3: Any) -> Files:
    """An empty bucket."""
    bucket = f"lake-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    return Files(s3, bucket)
