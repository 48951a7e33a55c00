"""What stands in for AWS where a deployment's processes run on one machine.

What belongs here: the account, and the bucket for what runs print. What doesn't: the server behind them (moto).
"""

import os
from typing import Any

import pytest

from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.lake.places import make_client


def account(endpoint: str) -> dict[str, str]:
    """The variables of an account whose services are all at one address."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        pretend_account(monkeypatch, endpoint=endpoint)
        return {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name == "NO_PROXY"}


def bucket(endpoint: str, name: str) -> Any:
    """Makes a bucket; gives a client for it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        pretend_account(monkeypatch, endpoint=endpoint)
        client = make_client(endpoint)
    client.create_bucket(Bucket=name)
    return client
