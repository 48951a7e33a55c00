"""`sparkify` on a lake on S3, through Dagster's S3Resource, against a server that speaks S3 over HTTP."""

import re
from pathlib import Path

import boto3
import pytest

from sparkify_dagster_tests.cli.test_cli import Shell, _cells
from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song

SECRET = "planted-secret-Zq8"


@pytest.fixture
def sparkify(tmp_path: Path, lake_folder: Path, s3_endpoint: str) -> Shell:
    """`sparkify` on a lake of a day and a song in a bucket."""
    write_song(lake_folder, "TR1", SONG)
    write_log(lake_folder, "2018-11-01", [event(), play(1)])
    client = boto3.client(
        "s3", endpoint_url=s3_endpoint, region_name="us-west-2", aws_access_key_id="AKID", aws_secret_access_key=SECRET
    )
    bucket = tmp_path.name.replace("_", "-")
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for path in lake_folder.rglob("*.json"):
        client.put_object(Bucket=bucket, Key=f"pre/{path.relative_to(lake_folder)}", Body=path.read_bytes())
    return Shell(
        tmp_path,
        SPARKIFY_LAKE=f"s3://{bucket}/pre",
        AWS_ENDPOINT_URL=s3_endpoint,
        AWS_REGION="us-west-2",
        AWS_DEFAULT_REGION="us-west-2",
        AWS_ACCESS_KEY_ID="AKID",
        AWS_SECRET_ACCESS_KEY=SECRET,
    )


def test_a_lake_on_s3_loads_once_and_leaves_no_secret_behind(sparkify: Shell) -> None:
    assert "answers, 1 month of logs" in sparkify("config").stdout
    done = sparkify("load")

    assert done.returncode == 0, done.stderr
    assert _cells(done.stdout, "songplays") == ["songplays", "1"]
    assert _cells(done.stdout, "songs") == ["songs", "1"]
    again = sparkify("load")
    assert re.match("Nothing is new: 1 log file of 1 month and 1 song file are loaded", again.stdout)
    said = done.stdout + done.stderr + again.stdout + again.stderr
    kept = b"".join(path.read_bytes() for path in (sparkify.folder / ".sparkify").rglob("*") if path.is_file())
    assert SECRET not in said
    assert SECRET.encode() not in kept


def test_a_bucket_that_is_not_there_is_said_in_one_line(sparkify: Shell) -> None:
    sparkify.environment["SPARKIFY_LAKE"] = "s3://nowhere/pre"

    done = sparkify("load")

    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert done.stderr.count("\n") == 1
