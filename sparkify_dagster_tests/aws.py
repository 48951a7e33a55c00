"""The account of AWS that tests pretend to have.

What belongs here: the variables that make it. What doesn't: servers that stand in for AWS (``lake.places``, moto).
"""

import pytest


def pretend_account(
    monkeypatch: pytest.MonkeyPatch,
    *,
    secret: str = "made up by the tests",
    token: str | None = None,
    region: str = "us-east-1",
    endpoint: str | None = None,
) -> None:
    """Keeps a test off whatever account and proxy the machine is set up for.

    Args:
        monkeypatch: Sets the variables.
        secret: The secret key.
        token: The session's token, if there is one.
        region: The region.
        endpoint: Where all services are; by default where AWS has them.
    """
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIAMADEUPBYTESTS",
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    for name, value in variables.items():
        if value is not None:
            monkeypatch.setenv(name, value)
