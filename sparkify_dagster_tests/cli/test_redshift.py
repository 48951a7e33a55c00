"""`sparkify` on Redshift: the real data from S3, loaded by processes of their own into the double."""

import json
import os
import shutil
from pathlib import Path

import pytest

from sparkify_dagster.questions import questions
from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster_tests.cli.test_cli import Shell, _cells
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import SONG, play
from sparkify_dagster_tests.redshift.double import RedshiftDouble

FIGURES = {
    "staging_events": "4,058",
    "staging_songs": "71",
    "songplays": "3,479",
    "users": "89",
    "user_levels": "98",
    "songs": "71",
    "artists": "69",
    "time": "3,476",
}


def put(place: S3Place, paths: list[Path], root: Path) -> None:
    for path in paths:
        place.put(path.relative_to(root).as_posix(), path.read_bytes())


def figures(output: str) -> dict[str, str]:
    return {table: _cells(output, table)[1] for table in FIGURES}


@pytest.fixture
def sparkify(tmp_path: Path, s3_place: S3Place, redshift_settings: RedshiftSettings, made_home: Path) -> Shell:
    """`sparkify` on an empty lake on S3 and an empty Redshift."""
    shutil.copytree(made_home, tmp_path / ".sparkify" / "dagster")
    return Shell(
        tmp_path,
        **environment_of(redshift_settings),
        **{name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSL_", "NO_PROXY"))},
        SPARKIFY_LOG_DATA=f"s3://{s3_place.bucket}/raw/events",
        SPARKIFY_SONG_DATA=f"s3://{s3_place.bucket}/songs",
        SPARKIFY_LAKE=f"s3://{s3_place.bucket}",
        SPARKIFY_FIRST_MONTH="2018-11",
    )


def test_the_real_data_gives_the_figures_of_the_contract_twice_over(
    sparkify: Shell, s3_place: S3Place, udacity: Path, double: RedshiftDouble
) -> None:
    put(s3_place, sorted(udacity.rglob("*_data/**/*.json")), udacity)
    double.copies.clear()

    done = sparkify("load")

    assert done.returncode == 0, done.stderr
    assert figures(done.stdout) == FIGURES
    # One for the month, one for the songs.
    assert len(double.copies) == 2
    again = sparkify("load")
    assert again.stdout == "Nothing is new: 15 log files of 1 month and 71 song files are loaded.\n"


@pytest.mark.slow
def test_the_order_of_the_files_does_not_matter(sparkify: Shell, s3_place: S3Place, udacity: Path) -> None:
    logs = sorted((udacity / "log_data").rglob("*.json"))
    put(s3_place, logs[::-2], udacity)
    assert sparkify("load").returncode == 0
    put(s3_place, [*logs, *sorted((udacity / "song_data").rglob("*.json"))], udacity)
    done = sparkify("load")
    assert done.returncode == 0, done.stderr
    assert figures(done.stdout) == FIGURES


def test_tables_are_created_and_dropped(sparkify: Shell) -> None:
    assert "songplays" in sparkify("tables", "create").stdout
    assert "songplays" in sparkify("tables", "drop", "--yes").stdout
    assert "no tables yet" in sparkify("config").stdout


@pytest.mark.slow
def test_rejected_records_are_shown(sparkify: Shell, s3_place: S3Place) -> None:
    s3_place.put("log_data/2018/11/2018-11-01-events.json", b'{"ts": 1541105830796, "page": "Home"}\n{"cut": ')
    assert sparkify("load").returncode == 0
    shown = sparkify("rejects").stdout
    assert "log_data/2018/11/2018-11-01-events.json" in shown
    assert '{"cut":' in shown


def test_a_refused_file_fails_the_load_and_says_which_why_and_where_until_the_share_takes_it(
    sparkify: Shell, s3_place: S3Place
) -> None:
    good, bad = json.dumps(play(0)), json.dumps({**play(1), "page": 7})
    s3_place.put("log_data/2018/11/2018-11-01-events.json", good.encode())
    s3_place.put("log_data/2018/11/2018-11-03-events.json", "\n".join([good, *[bad] * 11]).encode())

    done = sparkify("load")

    assert done.returncode == 1
    assert "log_data/2018/11/2018-11-03-events.json is refused: 11 of 12 records are bad" in done.stderr
    assert "the first is line 2: page is a number where text belongs" in done.stderr
    assert "ERROR    staging_events.no_refused_files: 1 found" in done.stdout
    assert "file_key log_data/2018/11/2018-11-03-events.json" in done.stdout
    assert "first_bad_line 2" in done.stdout
    assert _cells(done.stdout, "staging_events") == ["staging_events", "1"]

    sparkify.environment["SPARKIFY_MAX_REJECTED"] = "0.95"
    done = sparkify("load", "--rebuild")
    assert done.returncode == 0, done.stderr
    assert _cells(done.stdout, "staging_events") == ["staging_events", "2"]


def test_a_warehouse_that_is_not_there_is_said_in_one_line(sparkify: Shell) -> None:
    sparkify.environment["REDSHIFT_HOST"] = "nowhere.invalid"
    done = sparkify("load")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "nowhere.invalid" in done.stderr


@pytest.mark.slow
def test_a_question_is_answered(sparkify: Shell, s3_place: S3Place) -> None:
    """The demo's questions run on Redshift too, on a lake that is there."""
    s3_place.put("song_data/A/B/C/TR1.json", json.dumps(SONG).encode())
    s3_place.put("log_data/2018/11/2018-11-01-events.json", json.dumps(play(0)).encode())
    done = sparkify("demo")
    assert done.returncode == 0, done.stderr
    assert "You Gotta Be" in done.stdout


@pytest.mark.slow
def test_analysts_get_their_answers(sparkify: Shell, s3_place: S3Place, udacity: Path, tmp_path: Path) -> None:
    put(s3_place, sorted(udacity.rglob("*_data/**/*.json")), udacity)
    assert sparkify("load").returncode == 0

    done = sparkify("analyze", "--format", "json")

    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    tables = answers.pop("tables")
    assert {name: f"{tables[name]['rows']:,}" for name in FIGURES} == FIGURES
    assert answers.keys() == questions().keys()
    assert [song["plays"] for song in answers["top_songs"]["rows"]] == [1]
    assert [month["known_plays"] for month in answers["known_song_share"]["rows"]] == [1]
    assert sum(hour["plays"] for hour in answers["plays_by_hour"]["rows"]) == 3_479
    (november,) = answers["subscriptions"]["rows"]
    assert november["free_listeners"] + november["paid_listeners"] == 89

    asked = sparkify("query", "SELECT SUM(p.plays) AS plays FROM plays_by_device AS p", "--format", "csv")
    assert asked.stdout.split() == ["plays", "3479"], asked.stderr
    written = sparkify("dashboard", "--output", str(tmp_path / "dashboard.html"))
    assert written.returncode == 0, written.stderr
    assert "Sparkify: what is played" in (tmp_path / "dashboard.html").read_text(encoding="utf-8")
