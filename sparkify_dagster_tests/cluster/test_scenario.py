"""The platform's life as somebody types it: create, load, pause, resume, destroy; each a process of its own.

The cluster that moto is asked for is said to listen where the double of Redshift does. The double lets in who knows the
password in the secret that `create` had made, and reads what the manifests in the bucket name that `create` made.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from sparkify_dagster.aws.services import BUCKETS, SECRETS
from sparkify_dagster_tests.cli.test_cli import Shell, _cells
from sparkify_dagster_tests.cluster.cloud import LAKE, Cloud
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION
from sparkify_dagster_tests.lakes import SONG, play
from sparkify_dagster_tests.redshift.double import RedshiftDouble


def put_lake(cloud: Cloud) -> None:
    plays = "\n".join(json.dumps(play(number)) for number in range(3))
    for key, text in (
        ("log_data/2018/11/2018-11-01-events.json", plays),
        ("song_data/A/B/C/TRABCEI128F424C983.json", json.dumps(SONG)),
    ):
        cloud.ask(BUCKETS, "put_object", Bucket=LAKE, Key=f"sparkify/{key}", Body=text.encode())


def let_in_by_the_secret(cloud: Cloud, double: RedshiftDouble, patch: pytest.MonkeyPatch) -> str:
    """Lets whoever knows the cluster's secret into the double, and nobody else; gives the password."""
    text = cloud.ask(SECRETS, "get_secret_value", SecretId="redshift!sparkify-sparkify")["SecretString"]
    secret = json.loads(text)
    patch.setattr(double, "authenticate", lambda *given: given == (secret["username"], secret["password"]))
    return secret["password"]


def test_a_platform_is_created_loaded_paused_resumed_and_destroyed(
    cloud: Cloud, double: RedshiftDouble, made_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.redshift.place = double.host, double.port
    put_lake(cloud)
    shutil.copytree(made_home, tmp_path / ".sparkify" / "dagster")
    schema = double.new_schema()
    (tmp_path / ".env").write_text(f"REDSHIFT_SCHEMA={schema}\n")
    sparkify = Shell(tmp_path, **double.environment())

    created = sparkify("cluster", "create", "--cidr", "10.1.2.3", "--write-env")
    assert created.returncode == 0, created.stderr
    assert cloud.holds()["clusters"]["sparkify"]["state"] == "available"
    password = let_in_by_the_secret(cloud, double, monkeypatch)
    # From here on, all that is known is what create wrote.
    del sparkify.environment["SPARKIFY_LAKE"], sparkify.environment["AWS_DEFAULT_REGION"]
    assert "SPARKIFY_WAREHOUSE" not in os.environ

    double.copies.clear()
    try:
        loaded = sparkify("load")
        assert loaded.returncode == 0, loaded.stderr
        assert _cells(loaded.stdout, "staging_events") == ["staging_events", "3"]
        assert _cells(loaded.stdout, "songplays") == ["songplays", "3"]
        assert double.copies
        place = f"s3://sparkify-manifests-{ACCOUNT}-{REGION}/copy/"
        assert all(place in load.text for load in double.copies)
        role = f"arn:aws:iam::{ACCOUNT}:role/sparkify-redshift"
        assert all(role in load.text for load in double.copies)
    finally:
        double.drop_all_connections()
        double.drop_schema(schema)

    paused = sparkify("cluster", "pause")
    assert paused.returncode == 0, paused.stderr
    status = sparkify("cluster", "status")
    assert status.returncode == 1
    assert "paused" in status.stdout
    assert sparkify("cluster", "resume").returncode == 0
    assert cloud.holds()["clusters"]["sparkify"]["state"] == "available"

    destroyed = sparkify("cluster", "destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stderr
    assert not any(cloud.holds().values())
    for done in (created, loaded, paused, status, destroyed):
        assert password not in done.stdout + done.stderr
