"""Fixtures for the tests of announcements: S3 and SQS on this machine, a lake whose bucket tells a queue.

What belongs here: fixtures. What does not: the platform that is ticked (``announced``).
"""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sparkify_dagster.location import build_defs
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.events.announced import Announced, Bucket, aws_clients
from sparkify_dagster_tests.lakes import play

SECRET = "planted/SECRET+of+the+tests"
MONTHS = ["2018-06", "2018-07", "2018-08", "2018-09", "2018-10", "2018-11", "2018-12"]


@pytest.fixture(scope="session")
def endpoint(s3_endpoint: str) -> str:
    """A server that speaks for S3 and SQS."""
    return s3_endpoint


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, no_settings_from_outside: None) -> None:
    """Keeps the tests off whatever AWS account and proxy the machine is set up for."""
    pretend_account(monkeypatch, secret=SECRET)


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The definitions of seven months and later; which lake they are on is for the tests to say."""
    return build_defs(read_settings({"SPARKIFY_FIRST_MONTH": "2018-06"}, tmp_path_factory.mktemp("definitions")))


@pytest.fixture(scope="session")
def clients(endpoint: str) -> tuple[Any, Any]:
    """Clients for S3 and SQS."""
    return aws_clients(endpoint)


@pytest.fixture
def bucket(clients: tuple[Any, Any]) -> Bucket:
    """An empty lake in a bucket that tells its queue of everything."""
    return Bucket(*clients)


@pytest.fixture
def announced(
    definitions: dg.Definitions, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Announced:
    """Seven months with a day each; nothing is known of them, and nothing waits in the queue."""
    for month in MONTHS:
        bucket.log(f"{month}-01", [play(1)])
    bucket.empty_queue()
    announced = Announced(definitions, bucket, tmp_path / "warehouse.duckdb")
    announced.watch(monkeypatch)
    return announced


_loaded: dict[str, bytes] = {}


@pytest.fixture
def known(announced: Announced) -> Announced:
    """The same, of which all is loaded, and has been seen to be loaded."""
    # The same content has the same etag in every bucket.
    if not _loaded:
        announced.load()
        _loaded["warehouse"] = announced.warehouse.read_bytes()
    announced.warehouse.write_bytes(_loaded["warehouse"])
    assert announced.months() == []
    assert announced.skipped == "All that the lake holds is loaded."
    return announced
