"""Fixtures for the tests of alerts: receivers on this machine, and a platform that tells them.

What belongs here: fixtures. What doesn't: the receivers themselves.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster.alerts import finished
from sparkify_dagster_tests.alerts.receiver import Receiver, receiving
from sparkify_dagster_tests.alerts.told import Told
from sparkify_dagster_tests.alerts.topics import Topic
from sparkify_dagster_tests.lakes import play, write_log


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are told of as soon as they ended, and no proxy is in between."""
    monkeypatch.setattr(finished, "SECONDS_TO_SETTLE", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as running:
        yield running


@pytest.fixture
def topic(aws: None, s3_endpoint: str) -> Topic:
    """A topic of SNS."""
    return Topic(s3_endpoint)


@pytest.fixture
def told(lake_folder: Path, tmp_path: Path, receiver: Receiver) -> Told:
    """A platform on a lake of one day that tells a receiver; its sensor has had its first tick."""
    write_log(lake_folder, "2018-11-01", [play(0), play(1)])
    platform = Told(lake_folder, tmp_path, SPARKIFY_SLACK_WEBHOOK=receiver.url)
    assert platform.tick() == "What ends from now on is told."
    return platform
