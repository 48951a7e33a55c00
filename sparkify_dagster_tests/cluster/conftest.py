"""The account that these tests have.

What belongs here: fixtures. What doesn't: expectations.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.aws.services import BUCKETS
from sparkify_dagster.cluster import waiting
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.cluster.cloud import LAKE, Cloud, forget_everything
from sparkify_dagster_tests.cluster.moto_more import REGION, empty_redshift, more
from sparkify_dagster_tests.cluster.workgroups import Workgroups


class _Clock:
    """A clock that only goes on when somebody waits for it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="package")
def better_moto(s3_endpoint: str) -> Iterator[str]:
    """moto's address, with what it lacks."""
    with more():
        yield s3_endpoint


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time that passes while AWS is waited for."""
    clock = _Clock()
    monkeypatch.setattr(waiting, "time", clock)
    return clock


@pytest.fixture
def cloud(better_moto: str, clock: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """An account with a lake in it, and a working directory whose settings name it."""
    pretend_account(monkeypatch, region=REGION, endpoint=better_moto)
    monkeypatch.setenv("SPARKIFY_LAKE", f"s3://{LAKE}/sparkify")
    monkeypatch.chdir(tmp_path)
    forget_everything()
    cloud = Cloud(empty_redshift())
    cloud.client(BUCKETS).create_bucket(Bucket=LAKE, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield cloud
    # Clients outlive a test, and tell of it until they are told of the next one.
    cloud.cut_after = None
    cloud.refused.clear()
    forget_everything()


@pytest.fixture
def workgroups(cloud: Cloud) -> Workgroups:
    """Redshift Serverless in that account."""
    service = Workgroups(cloud.refused)
    cloud.stubs["redshift-serverless"] = service.client()
    return service
