"""Fixtures for the tests of the lake: places in folders and in an S3 that runs in this process."""

from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster_tests.aws import pretend_account

from .places import FolderPlace, Place, make_client

# Planted so that tests can look for it in whatever people get to see.
SECRET = "planted/SECRET+of+the+tests"
SESSION_TOKEN = "planted-SESSION-TOKEN"


@pytest.fixture(autouse=True)
def _aws_of_the_tests(monkeypatch: pytest.MonkeyPatch, no_settings_from_outside: None) -> None:
    """Keeps the tests off whatever AWS account and proxy the machine is set up for."""
    pretend_account(monkeypatch, secret=SECRET, token=SESSION_TOKEN)


@pytest.fixture
def s3_client(s3_endpoint: str) -> Any:
    return make_client(s3_endpoint)


@pytest.fixture
def folder_place(tmp_path: Path) -> FolderPlace:
    """A lake in folders, which are there and empty."""
    place = FolderPlace(tmp_path / "lake")
    place.logs.mkdir(parents=True)
    place.songs.mkdir(parents=True)
    return place


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each kind of lake in turn, empty."""
    return request.getfixturevalue(f"{request.param}_place")
