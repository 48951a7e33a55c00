"""What ``sparkify config`` shows of each setting.

What belongs here: names and values as people read them, secrets masked.
What doesn't: reading settings, and printing them.
"""

import os
from collections.abc import Iterator

from sparkify_dagster.settings import AlertSettings, RedshiftSettings, Settings
from sparkify_dagster.settings.values import MASK
from sparkify_dagster.showing import without_login

_SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "KEY", "CREDENTIAL", "WEBHOOK")


def setting_rows(settings: Settings) -> list[tuple[str, object]]:
    """The names and values of the settings in force."""
    return [
        ("SPARKIFY_LAKE", settings.lake),
        ("SPARKIFY_LOG_DATA", settings.log_data),
        ("SPARKIFY_SONG_DATA", settings.song_data),
        ("SPARKIFY_LOG_JSONPATHS", settings.log_jsonpaths),
        ("SPARKIFY_WAREHOUSE", settings.warehouse),
        *_warehouse_rows(settings),
        ("SPARKIFY_DWH_CFG", settings.dwh_cfg or "none"),
        ("SPARKIFY_EVENTS_QUEUE", settings.events_queue or "none: ticks list all months, in turn where they are many"),
        *_alert_rows(settings.alerts),
        ("SPARKIFY_DASHBOARD", settings.dashboard.place),
        ("SPARKIFY_DASHBOARD_URL", settings.dashboard.url or "none: the file is named by its path"),
        ("SPARKIFY_FIRST_MONTH", settings.first_month or "the first month of the lake"),
        ("SPARKIFY_MAX_REJECTED", f"{settings.max_rejected:g}"),
        ("SPARKIFY_LOCK_WAIT", f"{settings.lock_wait:g} s"),
        ("DAGSTER_HOME", settings.dagster_home),
        *_aws_rows(),
    ]


def _warehouse_rows(settings: Settings) -> Iterator[tuple[str, object]]:
    if settings.redshift is None:
        yield "SPARKIFY_DUCKDB_PATH", settings.duckdb_path
        yield "SPARKIFY_MEMORY_LIMIT", settings.memory_limit or "DuckDB's own: 80% of the machine's"
    else:
        yield from _redshift_rows(settings.redshift)


def _redshift_rows(redshift: RedshiftSettings) -> Iterator[tuple[str, object]]:
    by_secret = redshift.login == "secret"
    yield "REDSHIFT_HOST", redshift.host or ("the secret's, or AWS is asked" if by_secret else "AWS is asked")
    # As it is written, not as a count: "5,439" is no port.
    yield "REDSHIFT_PORT", str(redshift.port)
    yield "REDSHIFT_DATABASE", redshift.database or "the secret's"
    yield "REDSHIFT_USER", "the secret's" if by_secret else redshift.user or "IAM decides"
    # A Secret shows itself as a mask.
    yield "REDSHIFT_PASSWORD", str(redshift.password) if redshift.password else "not set"
    yield "REDSHIFT_SECRET_ARN", redshift.secret_arn or "not set"
    yield "REDSHIFT_WORKGROUP", redshift.workgroup or "not set"
    yield "REDSHIFT_CLUSTER_IDENTIFIER", redshift.cluster_identifier or "not set"
    yield "REDSHIFT_SCHEMA", redshift.schema
    yield "REDSHIFT_IAM_ROLE_ARN", redshift.iam_role_arn
    yield "REDSHIFT_SSLMODE", redshift.sslmode
    yield "REDSHIFT_STATEMENT_TIMEOUT", f"{redshift.statement_timeout:g} s" if redshift.statement_timeout else "none"
    yield "REDSHIFT_CONNECT_TIMEOUT", f"{redshift.connect_timeout:g} s"
    yield "SPARKIFY_MANIFESTS", redshift.manifests


def _alert_rows(alerts: AlertSettings) -> Iterator[tuple[str, object]]:
    # The webhook is a Secret, and shows itself as a mask.
    yield "SPARKIFY_SLACK_WEBHOOK", str(alerts.slack_webhook) if alerts.slack_webhook else "none"
    yield "SPARKIFY_SNS_TOPIC", alerts.sns_topic or "none"
    yield "SPARKIFY_UI_URL", alerts.ui_url or "none: alerts have no links"


def _aws_rows() -> Iterator[tuple[str, object]]:
    for name, value in sorted(os.environ.items()):
        if name.startswith("AWS_"):
            yield name, MASK if any(word in name for word in _SECRET_WORDS) else without_login(value)
