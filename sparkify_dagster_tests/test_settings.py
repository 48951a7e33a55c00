"""The settings: what is read, what is refused, and how it is said."""

import subprocess
import sys
from pathlib import Path

import pytest

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings import read_settings


def test_with_nothing_set_everything_lives_below_the_working_directory(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)

    assert settings.lake == str(tmp_path / ".sparkify/lake")
    assert settings.log_data == str(tmp_path / ".sparkify/lake/log_data")
    assert settings.song_data == str(tmp_path / ".sparkify/lake/song_data")
    assert settings.duckdb_path == tmp_path / ".sparkify/warehouse.duckdb"
    assert settings.dagster_home == tmp_path / ".sparkify/dagster"
    assert settings.warehouse == "duckdb"
    assert settings.first_month is None
    assert settings.manages_dagster_home


def test_parts_of_the_lake_override_it(tmp_path: Path) -> None:
    settings = read_settings({"SPARKIFY_LAKE": "s3://bucket/lake/", "SPARKIFY_SONG_DATA": "s3://other/songs"}, tmp_path)

    assert settings.log_data == "s3://bucket/lake/log_data"
    assert settings.song_data == "s3://other/songs"
    assert settings.log_jsonpaths == "s3://bucket/lake/log_json_path.json"


def test_an_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SPARKIFY_FIRST_MONTH=2018-11\nSPARKIFY_LOCK_WAIT=3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARKIFY_LOCK_WAIT", "7")

    settings = read_settings()

    assert settings.first_month == "2018-11"
    assert settings.lock_wait == 7.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPARKIFY_FIRST_MONTH", "2018-13"),
        ("SPARKIFY_FIRST_MONTH", "November"),
        ("SPARKIFY_MAX_REJECTED", "1.5"),
        ("SPARKIFY_MAX_REJECTED", "nan"),
        ("SPARKIFY_LOCK_WAIT", "soon"),
        ("SPARKIFY_MEMORY_LIMIT", "1"),
        ("SPARKIFY_MEMORY_LIMIT", "lots"),
        ("SPARKIFY_WAREHOUSE", "postgres"),
        ("SPARKIFY_LAKE", "gs://bucket"),
        ("SPARKIFY_LAKE", "s3://"),
    ],
)
def test_a_wrong_setting_gets_one_line_that_names_it(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        read_settings({name: value}, tmp_path)

    assert "\n" not in str(refusal.value)


def test_importing_the_definitions_reads_no_setting(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sparkify_dagster.definitions"],
        env={"SPARKIFY_FIRST_MONTH": "nonsense", "PATH": "", "PYTHONPATH": str(Path(__file__).parent.parent)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
