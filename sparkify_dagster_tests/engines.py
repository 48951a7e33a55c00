"""Both engines, for tests that hold them to the same: DuckDB, and Redshift as its double or for real.

What belongs here: settings for warehouses of a test's own. What doesn't: fixtures, expectations, and
the double itself (``redshift``).
"""

import dataclasses
import os
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from sparkify_dagster.settings import RedshiftSettings, Secret, read_settings
from sparkify_dagster.warehouse.redshift.connecting import connect
from sparkify_dagster_tests.redshift.double import RedshiftDouble

OUTSIDE: Mapping[str, str] = dict(os.environ)
"""The environment as it was, before any test took settings out of it."""

ROLE = "arn:aws:iam::123456789012:role/sparkify-copy"
SCHEMA_OF_LIVE_TESTS = "sparkify_live_test"


def settings_of(double: RedshiftDouble, bucket: str, **others: Any) -> RedshiftSettings:
    """Settings for the double, with a schema of its own."""
    settings = RedshiftSettings(
        host=double.host,
        port=double.port,
        database=double.database,
        user=double.user,
        password=Secret(double.password),
        schema=double.new_schema(),
        iam_role_arn=ROLE,
        cluster_identifier=None,
        workgroup=None,
        secret_arn=None,
        sslmode="verify-ca",
        manifests=f"s3://{bucket}/manifests",
        statement_timeout=60.0,
        connect_timeout=10.0,
    )
    return dataclasses.replace(settings, **others)


def environment_of(settings: RedshiftSettings) -> dict[str, str]:
    """The variables that say the same, for processes of their own."""
    assert settings.password is not None
    return {
        "SPARKIFY_WAREHOUSE": "redshift",
        "REDSHIFT_HOST": settings.host or "",
        "REDSHIFT_PORT": str(settings.port),
        "REDSHIFT_DATABASE": settings.database,
        "REDSHIFT_USER": settings.user or "",
        "REDSHIFT_PASSWORD": settings.password.reveal(),
        "REDSHIFT_SCHEMA": settings.schema,
        "REDSHIFT_IAM_ROLE_ARN": settings.iam_role_arn,
        "SPARKIFY_MANIFESTS": settings.manifests,
    }


def live_settings() -> RedshiftSettings:
    """The settings of a true Redshift from the environment that the tests were started in.

    A schema of its own keeps the tests off everything else there.
    """
    try:
        settings = read_settings(OUTSIDE).redshift
    except Exception as error:
        pytest.fail(f"the live tests need the settings of a true Redshift in the environment: {error}")
    if settings is None:
        pytest.fail("the live tests need SPARKIFY_WAREHOUSE=redshift and its settings in the environment")
    return dataclasses.replace(settings, schema=f"{SCHEMA_OF_LIVE_TESTS}_{uuid.uuid4().hex[:8]}")


def drop_schema(settings: RedshiftSettings) -> None:
    """Drops a schema with all that is in it."""
    connection = connect(settings)
    connection.autocommit = True
    connection.cursor().execute(f"DROP SCHEMA {settings.schema} CASCADE")
    connection.close()
