"""The file ``dwh.cfg``: what it stands for, what wins over it, and that nothing of it shows in an error."""

import os
import tempfile
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings import Secret, Settings, load_environment_file, read_settings
from sparkify_dagster.settings.dwh_cfg import read_dwh_cfg

PASSWORD = "pl4nted %(x)s #not;a=comment"

OF_OLD = f"""\
[CLUSTER]
HOST = dwhcluster.abc.us-west-2.redshift.amazonaws.com
DB_NAME='dev'
db_user="awsuser"
DB_PASSWORD={PASSWORD}
DB_PORT=5440

[IAM_ROLE]
; the role that COPY reads with
ARN='arn:aws:iam::123456789012:role/dwhRole'

[S3]
LOG_DATA='s3://udacity-dend/log_data'
LOG_JSONPATH='s3://udacity-dend/log_json_path.json'
SONG_DATA='s3://udacity-dend/song_data/'

[AWS]
KEY=AKIAPLANTED
SECRET="pl4nted/SECRET+key"

[DWH]
DWH_CLUSTER_TYPE=multi-node
DWH_NUM_NODES=4
DWH_NODE_TYPE=dc2.large
DWH_IAM_ROLE_NAME=dwhRole
DWH_CLUSTER_IDENTIFIER=dwhCluster
DWH_DB=other
DWH_DB_USER=other
DWH_DB_PASSWORD=other
DWH_PORT=1234
"""


def write(folder: Path, text: str) -> dict[str, str]:
    (folder / "dwh.cfg").write_text(text, encoding="utf-8")
    return {
        "SPARKIFY_DWH_CFG": "dwh.cfg",
        "SPARKIFY_WAREHOUSE": "redshift",
        "SPARKIFY_MANIFESTS": "s3://own/manifests",
    }


def test_a_file_of_old_is_enough_to_load_from(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, OF_OLD), tmp_path)

    assert settings.dwh_cfg == tmp_path / "dwh.cfg"
    assert settings.lake == "s3://udacity-dend"
    assert settings.log_data == "s3://udacity-dend/log_data"
    assert settings.song_data == "s3://udacity-dend/song_data"
    assert settings.log_jsonpaths == "s3://udacity-dend/log_json_path.json"
    redshift = settings.redshift
    assert redshift is not None
    assert redshift.login == "password"
    assert redshift.host == "dwhcluster.abc.us-west-2.redshift.amazonaws.com"
    assert (redshift.port, redshift.database, redshift.user) == (5440, "dev", "awsuser")
    assert redshift.password == Secret(PASSWORD)
    assert redshift.iam_role_arn == "arn:aws:iam::123456789012:role/dwhRole"
    assert redshift.cluster_identifier == "dwhcluster"


def test_the_environment_wins_and_emptiness_does_not(tmp_path: Path) -> None:
    given = {**write(tmp_path, OF_OLD), "REDSHIFT_DATABASE": "mine", "REDSHIFT_USER": "", "REDSHIFT_WORKGROUP": "group"}

    redshift = read_settings(given, tmp_path).redshift

    assert redshift is not None
    assert (redshift.database, redshift.user) == ("mine", "awsuser")
    assert (redshift.workgroup, redshift.cluster_identifier) == ("group", None)


def test_the_env_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**write(tmp_path, OF_OLD), "SPARKIFY_LOG_DATA": "s3://mine/logs"}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    monkeypatch.chdir(tmp_path)

    settings = read_settings()

    assert settings.log_data == "s3://mine/logs"
    assert settings.song_data == "s3://udacity-dend/song_data"
    assert settings.lake == "s3://mine/logs"


def test_a_lake_of_the_environment_wins_over_the_files_parts_of_one(tmp_path: Path) -> None:
    settings = read_settings({**write(tmp_path, OF_OLD), "SPARKIFY_LAKE": "s3://mine/lake"}, tmp_path)

    assert settings.log_data == "s3://mine/lake/log_data"
    assert settings.song_data == "s3://mine/lake/song_data"
    assert settings.log_jsonpaths == "s3://mine/lake/log_json_path.json"


def test_what_the_cluster_was_made_with_fills_the_gaps(tmp_path: Path) -> None:
    text = "[cluster]\nHOST=h\nDB_NAME=\nDB_USER=''\nDB_PASSWORD=mine\n[DWH]\nDWH_DB=dwh\nDWH_DB_USER=dwhuser\n"
    write(tmp_path, f"{text}DWH_DB_PASSWORD=theirs\nDWH_PORT=5439\n")

    assert read_dwh_cfg(tmp_path / "dwh.cfg") == {
        "REDSHIFT_HOST": "h",
        "REDSHIFT_DATABASE": "dwh",
        "REDSHIFT_USER": "dwhuser",
        "REDSHIFT_PASSWORD": "mine",
        "REDSHIFT_PORT": "5439",
    }


@pytest.mark.parametrize(
    ("logs", "songs", "lake"),
    [
        ("s3://b/x/logs", "s3://b/x/songs", "s3://b/x"),
        ("s3://b/logs", "s3://b/logs2", "s3://b"),
        ("s3://a/logs", "s3://b/songs", "s3://a/logs"),
        ("/data/logs", "/data/songs", "/data"),
        ("/logs", "/songs", "/logs"),
        ("s3://a/logs", "/songs", "s3://a/logs"),
    ],
)
def test_where_the_parts_are_said_the_lake_is_what_holds_both(logs: str, songs: str, lake: str) -> None:
    assert read_settings({"SPARKIFY_LOG_DATA": logs, "SPARKIFY_SONG_DATA": songs}).lake == lake


@pytest.mark.parametrize("places", ["LOG_DATA=udacity-dend/log_data\nSONG_DATA=udacity-dend/song_data", ""])
def test_a_place_without_s3_in_front_is_a_folder_and_refused(places: str, tmp_path: Path) -> None:
    given = write(tmp_path, f"[S3]\n{places}\n")

    with pytest.raises(SettingsError, match="loads from S3: set SPARKIFY_LAKE"):
        read_settings(given, tmp_path)


# What a file can't hold: line ends within a value, NUL, and halves of characters.
_PASSWORDS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1)


@given(password=_PASSWORDS, quote=st.sampled_from("'\""), byte_order_mark=st.booleans())
def test_a_password_in_quotes_comes_out_as_it_was(password: str, quote: str, byte_order_mark: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dwh.cfg"
        text = f"[CLUSTER]\nDB_PASSWORD = {quote}{password}{quote} \nHOST=h\n"
        path.write_bytes(text.encode("utf-8-sig" if byte_order_mark else "utf-8"))

        assert read_dwh_cfg(path) == {"REDSHIFT_PASSWORD": password, "REDSHIFT_HOST": "h"}


@pytest.mark.parametrize(
    "content",
    [
        f"DB_PASSWORD={PASSWORD}\n".encode(),
        f"[CLUSTER]\n{PASSWORD.replace('=', '')}\n".encode(),
        f"[CLUSTER]\nDB_PASSWORD={PASSWORD}\nDB_PASSWORD={PASSWORD}\n".encode(),
        f"[CLUSTER]\nDB_PASSWORD={PASSWORD}\xff\n".encode("latin-1"),
        f"[CLUSTER]\nDB_PASSWORD={PASSWORD}\0\n".encode(),
        f"[CLUSTER]\nDB_PASSWORD={PASSWORD}\n[CLUSTER]\n".encode(),
    ],
)
def test_a_bad_file_gets_one_line_that_repeats_nothing_of_it(content: bytes, tmp_path: Path) -> None:
    given = write(tmp_path, "")
    (tmp_path / "dwh.cfg").write_bytes(content)

    with pytest.raises(SettingsError, match=r"SPARKIFY_DWH_CFG.*dwh\.cfg") as refusal:
        read_settings(given, tmp_path)

    assert "\n" not in str(refusal.value)
    assert "pl4nted" not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize("name", ["missing.cfg", "."])
def test_a_file_that_is_not_there_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SPARKIFY_DWH_CFG names"):
        read_settings({"SPARKIFY_DWH_CFG": name}, tmp_path)


def _loaded(folder: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> dict[str, str]:
    """What the environment is after ``load_environment_file``."""
    changed = {**write(folder, f"{OF_OLD}\n[aws-unused]\n"), **environment}
    monkeypatch.setattr(os, "environ", changed)
    load_environment_file(folder)
    return changed


def test_keys_of_aws_reach_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _loaded(tmp_path, monkeypatch, {"AWS_SECRET_ACCESS_KEY": ""})

    assert loaded["AWS_ACCESS_KEY_ID"] == "AKIAPLANTED"
    assert loaded["AWS_SECRET_ACCESS_KEY"] == "pl4nted/SECRET+key"
    assert not [name for name in loaded if name.startswith("REDSHIFT_")]


@pytest.mark.parametrize("mine", ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE"])
def test_keys_of_aws_are_not_mixed_with_the_environments(
    mine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = _loaded(tmp_path, monkeypatch, {mine: "mine"})

    assert {name: value for name, value in loaded.items() if name.startswith("AWS_")} == {mine: "mine"}


def test_the_settings_show_nothing_of_the_files_secrets(tmp_path: Path) -> None:
    settings: Settings = read_settings(write(tmp_path, OF_OLD), tmp_path)

    assert "pl4nted" not in repr(settings)
