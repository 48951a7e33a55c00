"""Fixtures for the tests of the lake: places in folders and in an S3 that runs in this process."""

from pathlib import Path
from typing import Any

import pytest

from .places import FolderPlace, Place, make_client

# Planted so that tests can look for it in whatever people get to see.
SECRET = "planted/SECRET+of+the+tests"
SESSION_TOKEN = "planted-SESSION-TOKEN"


@pytest.fixture(autouse=True)
def _aws_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the tests off whatever AWS account and proxy the machine is set up for."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTEDBYTESTS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


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
