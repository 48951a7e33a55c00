"""The settings of Redshift: what follows from what is set, what is refused, and that no password shows."""

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from sparkify_dagster.cli.setting_rows import setting_rows
from sparkify_dagster.errors import LakeError, SettingsError
from sparkify_dagster.lake import open_lake
from sparkify_dagster.settings import RedshiftSettings, Secret, read_settings

PASSWORD = "pl4nted-P4ssw0rd%#;"
ROLE = "arn:aws:iam::123456789012:role/dwhRole"
SECRET_ARN = "arn:aws:secretsmanager:us-west-2:123456789012:secret:redshift!dwh-admin-AbCdEf"

BASE = {
    "SPARKIFY_WAREHOUSE": "redshift",
    "SPARKIFY_LAKE": "s3://lake/sparkify",
    "SPARKIFY_MANIFESTS": "s3://own/manifests/",
    "REDSHIFT_IAM_ROLE_ARN": ROLE,
    "REDSHIFT_DATABASE": "dev",
}
BY_PASSWORD = {**BASE, "REDSHIFT_HOST": "dwh.example", "REDSHIFT_USER": "loader", "REDSHIFT_PASSWORD": PASSWORD}


def read(environment: Mapping[str, str]) -> RedshiftSettings:
    redshift = read_settings(environment, Path("/nowhere")).redshift
    assert redshift is not None
    return redshift


def test_by_password_with_all_defaults() -> None:
    assert read(BY_PASSWORD) == RedshiftSettings(
        host="dwh.example",
        port=5439,
        database="dev",
        user="loader",
        password=Secret(PASSWORD),
        schema="public",
        iam_role_arn=ROLE,
        cluster_identifier=None,
        workgroup=None,
        secret_arn=None,
        sslmode="verify-ca",
        manifests="s3://own/manifests",
        statement_timeout=3600.0,
        connect_timeout=30.0,
    )


@pytest.mark.parametrize(
    ("more", "login"),
    [
        ({"REDSHIFT_HOST": "h", "REDSHIFT_USER": "u", "REDSHIFT_PASSWORD": "p"}, "password"),
        (
            {
                "REDSHIFT_HOST": "h",
                "REDSHIFT_USER": "u",
                "REDSHIFT_PASSWORD": "p",
                "REDSHIFT_CLUSTER_IDENTIFIER": "dwhCluster",
            },
            "password",
        ),
        (
            {
                "REDSHIFT_SECRET_ARN": SECRET_ARN,
                "REDSHIFT_HOST": "h",
                "REDSHIFT_USER": "u",
                "REDSHIFT_PASSWORD": "p",
            },
            "secret",
        ),
        ({"REDSHIFT_SECRET_ARN": SECRET_ARN, "REDSHIFT_DATABASE": ""}, "secret"),
        ({"REDSHIFT_WORKGROUP": "dwh-group"}, "workgroup"),
        ({"REDSHIFT_CLUSTER_IDENTIFIER": "dwhCluster", "REDSHIFT_USER": "u"}, "cluster"),
    ],
)
def test_the_way_of_logging_in_follows_from_what_is_set(more: dict[str, str], login: str) -> None:
    assert read({**BASE, **more}).login == login


def test_a_cluster_is_called_in_small_letters() -> None:
    assert read({**BY_PASSWORD, "REDSHIFT_CLUSTER_IDENTIFIER": "dwhCluster"}).cluster_identifier == "dwhcluster"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"REDSHIFT_PASSWORD": ""}, "REDSHIFT_PASSWORD.*REDSHIFT_SECRET_ARN.*REDSHIFT_WORKGROUP"),
        ({"REDSHIFT_HOST": ""}, "REDSHIFT_HOST"),
        ({"REDSHIFT_USER": ""}, "REDSHIFT_USER"),
        ({"REDSHIFT_HOST": "", "REDSHIFT_USER": ""}, "REDSHIFT_HOST and REDSHIFT_USER"),
        ({"REDSHIFT_DATABASE": ""}, "REDSHIFT_DATABASE"),
        ({"REDSHIFT_IAM_ROLE_ARN": ""}, "REDSHIFT_IAM_ROLE_ARN"),
        ({"REDSHIFT_IAM_ROLE_ARN": "dwhRole"}, "REDSHIFT_IAM_ROLE_ARN"),
        ({"REDSHIFT_IAM_ROLE_ARN": f"{ROLE}, {ROLE}"}, "REDSHIFT_IAM_ROLE_ARN.*no spaces"),
        ({"REDSHIFT_IAM_ROLE_ARN": f"{ROLE}'"}, "REDSHIFT_IAM_ROLE_ARN"),
        ({"SPARKIFY_MANIFESTS": ""}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_MANIFESTS": "manifests"}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_MANIFESTS": "s3://"}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_MANIFESTS": "s3://lake/sparkify/log_data"}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_MANIFESTS": "s3://lake/sparkify/song_data/m"}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_LAKE": ""}, r"loads from S3: set SPARKIFY_LAKE to s3://bucket/prefix\."),
        ({"SPARKIFY_LAKE": "/data/lake"}, r"loads from S3: set SPARKIFY_LAKE to s3://bucket/prefix\."),
        ({"SPARKIFY_LOG_JSONPATHS": "paths.json"}, "SPARKIFY_LOG_JSONPATHS"),
        ({"REDSHIFT_PORT": "0"}, "REDSHIFT_PORT"),
        ({"REDSHIFT_PORT": "5439/dev"}, "REDSHIFT_PORT"),
        ({"REDSHIFT_SCHEMA": "Public"}, "REDSHIFT_SCHEMA"),
        ({"REDSHIFT_SCHEMA": 'a"; drop'}, "REDSHIFT_SCHEMA"),
        ({"REDSHIFT_SCHEMA": "a" * 128}, "REDSHIFT_SCHEMA"),
        ({"REDSHIFT_SSLMODE": "require"}, "REDSHIFT_SSLMODE"),
        ({"REDSHIFT_SSLMODE": "disable"}, "REDSHIFT_SSLMODE"),
        ({"REDSHIFT_STATEMENT_TIMEOUT": "-1"}, "REDSHIFT_STATEMENT_TIMEOUT"),
        ({"REDSHIFT_CONNECT_TIMEOUT": "0"}, "REDSHIFT_CONNECT_TIMEOUT"),
        ({"REDSHIFT_SECRET_ARN": PASSWORD}, "REDSHIFT_SECRET_ARN"),
        ({"REDSHIFT_HOST": f"jdbc:redshift://u:{PASSWORD}@h:5439/dev"}, "REDSHIFT_HOST"),
        ({"REDSHIFT_HOST": "h.redshift.amazonaws.com:5439/dev"}, "REDSHIFT_HOST"),
        ({"REDSHIFT_CLUSTER_IDENTIFIER": "a_b"}, "REDSHIFT_CLUSTER_IDENTIFIER"),
        ({"REDSHIFT_WORKGROUP": "No"}, "REDSHIFT_WORKGROUP"),
        (
            {"REDSHIFT_WORKGROUP": "group", "REDSHIFT_CLUSTER_IDENTIFIER": "dwh"},
            "REDSHIFT_WORKGROUP.*REDSHIFT_CLUSTER_IDENTIFIER",
        ),
        ({"REDSHIFT_PASSWORD": "", "REDSHIFT_USER": "", "REDSHIFT_CLUSTER_IDENTIFIER": "dwh"}, "REDSHIFT_USER"),
        ({"SPARKIFY_WAREHOUSE": "postgres"}, "SPARKIFY_WAREHOUSE.*duckdb.*redshift"),
    ],
)
def test_what_does_not_fit_gets_one_line_that_names_it(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refusal:
        read({**BY_PASSWORD, **changes})

    assert "\n" not in str(refusal.value)
    assert PASSWORD not in str(refusal.value)


@pytest.mark.parametrize("roles", ["default", ROLE, f"{ROLE},arn:aws-cn:iam::210987654321:role/path/other"])
def test_roles_of_all_kinds_are_taken(roles: str) -> None:
    assert read({**BY_PASSWORD, "REDSHIFT_IAM_ROLE_ARN": roles}).iam_role_arn == roles


def test_manifests_may_lie_beside_the_parts_of_the_lake() -> None:
    manifests = "s3://lake/sparkify/log_data_manifests"

    assert read({**BY_PASSWORD, "SPARKIFY_MANIFESTS": manifests}).manifests == manifests


def test_half_a_lake_in_s3_is_refused_where_the_lake_is_opened() -> None:
    settings = read_settings({**BY_PASSWORD, "SPARKIFY_SONG_DATA": "/data/songs"}, Path("/nowhere"))

    with pytest.raises(LakeError, match="both"):
        open_lake(settings.log_data, settings.song_data, settings.lake)


def test_with_duckdb_nothing_of_redshift_is_looked_at(tmp_path: Path) -> None:
    settings = read_settings({"REDSHIFT_PORT": "nonsense", "REDSHIFT_SSLMODE": "disable"}, tmp_path)

    assert settings.redshift is None
    assert not [name for name, _ in setting_rows(settings) if name.startswith("REDSHIFT_")]


def test_a_password_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://u:{PASSWORD}@127.0.0.1:1")
    settings = read_settings(BY_PASSWORD, Path("/nowhere"))
    assert settings.redshift is not None
    secret = settings.redshift.password
    assert secret is not None

    shown = [
        repr(settings),
        str(settings.redshift),
        f"{secret} {secret!r} {secret!s} {secret:}",
        str(dataclasses.asdict(settings)),
        str(setting_rows(settings)),
    ]

    assert not [text for text in shown if PASSWORD in text]
    assert secret.reveal() == PASSWORD
    assert secret == copy.deepcopy(secret) == pickle.loads(pickle.dumps(secret))
    assert ("REDSHIFT_PASSWORD", "********") in setting_rows(settings)


def test_config_shows_the_secrets_arn_and_what_is_left_to_aws() -> None:
    rows = dict(setting_rows(read_settings({**BASE, "REDSHIFT_SECRET_ARN": SECRET_ARN}, Path("/nowhere"))))

    assert rows["REDSHIFT_SECRET_ARN"] == SECRET_ARN
    assert rows["REDSHIFT_PASSWORD"] == "not set"
    assert rows["REDSHIFT_USER"] == "the secret's"
    assert "SPARKIFY_DUCKDB_PATH" not in rows
