"""The command line, as a person or a script meets it: as a process of its own."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song

DECEMBER_MS = 1_543_622_400_000


class Shell:
    """Runs `sparkify` in a folder, with settings."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = {**os.environ, "TZ": "America/New_York", **settings}

    def __call__(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sparkify_dagster.cli", *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def sparkify(tmp_path: Path, lake_folder: Path, made_home: Path) -> Shell:
    """`sparkify` on the lake in ``lake_folder``, from November 2018 on."""
    shutil.copytree(made_home, tmp_path / ".sparkify" / "dagster")
    return Shell(tmp_path, SPARKIFY_LAKE=str(lake_folder), SPARKIFY_FIRST_MONTH="2018-11")


@pytest.fixture
def two_months(lake_folder: Path) -> Path:
    """A lake of a song and two months with a day each."""
    write_song(lake_folder, "TR1", SONG)
    write_log(lake_folder, "2018-11-01", [event(), play(1)])
    write_log(lake_folder, "2018-12-01", [play(0, sessionId=2, ts=DECEMBER_MS)])
    return lake_folder


def _cells(text: str, first: str) -> list[str]:
    """The cells of the row of a printed table that begins with a word."""
    (row,) = [line.split() for line in text.splitlines() if line.split()[:1] == [first]]
    return row


def test_a_load_shows_tables_and_checks_and_the_ui_knows_of_it(sparkify: Shell, two_months: Path) -> None:
    done = sparkify("load")

    assert done.returncode == 0, done.stderr
    assert _cells(done.stdout, "songplays") == ["songplays", "2"]
    assert _cells(done.stdout, "staging_songs") == ["staging_songs", "1"]
    assert "staging_events.freshness" in done.stdout
    assert "staging_events: new or changed files: 2" in done.stderr
    with sqlite3.connect(sparkify.folder / ".sparkify/dagster/history/runs.db") as runs:
        assert runs.execute("SELECT pipeline_name, status FROM runs").fetchall() == [("load_lake", "SUCCESS")]


def test_a_second_load_has_nothing_to_do_and_says_so(sparkify: Shell, two_months: Path) -> None:
    sparkify("load")

    again = sparkify("load")

    assert again.returncode == 0
    assert again.stdout == "Nothing is new: 2 log files of 2 months and 1 song file are loaded.\n"
    assert again.stderr == ""


@pytest.mark.slow
def test_a_range_of_months_loads_only_those(sparkify: Shell, two_months: Path) -> None:
    done = sparkify("load", "--from", "2018-12", "--to", "2018-12")

    assert done.returncode == 0, done.stderr
    assert _cells(done.stdout, "staging_events") == ["staging_events", "1"]
    assert _cells(sparkify("status").stdout, "2018-11")[1:4] == ["1", "0", "0"]


@pytest.mark.slow
def test_a_day_that_is_added_later_gives_the_same_tables(sparkify: Shell, two_months: Path) -> None:
    sparkify("load")
    write_log(two_months, "2018-11-02", [play(5, level="paid", sessionId=8)])
    sparkify("load")
    by_steps = sparkify("status").stdout.splitlines()[2:4]

    done = sparkify("load", "--rebuild")

    assert done.returncode == 0, done.stderr
    assert _cells(done.stdout, "songplays") == ["songplays", "3"]
    assert _cells(done.stdout, "user_levels") == ["user_levels", "3"]
    assert [line.split()[:5] for line in sparkify("status").stdout.splitlines()[2:4]] == [
        line.split()[:5] for line in by_steps
    ]


def test_status_shows_what_is_pending(sparkify: Shell, two_months: Path) -> None:
    before = sparkify("status")
    assert _cells(before.stdout, "2018-11") == ["2018-11", "1", "0", "0", "0", "1", "–"]
    assert "3 files to be loaded" in before.stdout

    sparkify("load")
    after = sparkify("status")
    assert _cells(after.stdout, "2018-11")[:6] == ["2018-11", "1", "1", "2", "0", "0"]
    assert _cells(after.stdout, "songs")[:6] == ["songs", "1", "1", "1", "0", "0"]
    assert after.stdout.endswith("Everything is loaded.\n")


def test_a_refused_file_fails_the_load_and_says_which_and_why(sparkify: Shell, two_months: Path) -> None:
    write_log(two_months, "2018-11-03", [event(page=7) for _ in range(11)])

    done = sparkify("load")

    assert done.returncode == 1
    assert "log_data/2018/11/2018-11-03-events.json is refused: 11 of 11 records are bad" in done.stderr
    assert "the first is line 1: page is a number where text belongs" in done.stderr
    assert _cells(done.stdout, "songplays") == ["songplays", "2"]
    again = sparkify("load")
    assert again.returncode == 1
    assert "is refused" in again.stderr


def test_rejects_shows_file_line_and_reason(sparkify: Shell, two_months: Path) -> None:
    assert sparkify("rejects").stdout == "No record was rejected.\n"
    write_log(two_months, "2018-12-02", [event(ts=DECEMBER_MS), event(ts=39.7, userAgent="\x1b[31m")])
    sparkify("load")

    shown = sparkify("rejects", "--full").stdout

    assert "log_data/2018/12/2018-12-02-events.json" in shown
    assert "ts is 39.7 where an integer belongs" in shown
    assert "\x1b" not in shown
    assert sparkify("rejects", "--month", "2018-11").stdout == "No record was rejected.\n"


@pytest.mark.slow
def test_a_deleted_file_keeps_its_rows_until_somebody_prunes(sparkify: Shell, two_months: Path) -> None:
    sparkify("load")
    (two_months / "log_data/2018/12/2018-12-01-events.json").unlink()

    assert sparkify("load").returncode == 0
    assert _cells(sparkify("status").stdout, "2018-12")[1:4] == ["0", "1", "1"]
    pruned = sparkify("load", "--prune")

    assert pruned.returncode == 0, pruned.stderr
    assert _cells(pruned.stdout, "songplays") == ["songplays", "1"]


def test_tables_are_created_and_dropped_after_asking(sparkify: Shell) -> None:
    assert "staging_events" in sparkify("tables", "create").stdout
    assert sparkify("tables", "create").stdout == "All tables are there.\n"
    kept = sparkify("tables", "drop", stdin="n\n")
    assert kept.returncode != 0
    assert sparkify("tables", "create").stdout == "All tables are there.\n"
    assert sparkify("tables", "drop", "--yes").stdout.startswith("dropped artists, ")
    assert sparkify("tables", "drop", "--yes").stdout == "There are no tables to drop.\n"


def test_config_masks_secrets_and_says_whether_all_answers(tmp_path: Path, two_months: Path) -> None:
    secret = "wJalrXUtnFEMIK7MDENG"
    shell = Shell(tmp_path, SPARKIFY_LAKE=str(two_months), AWS_SECRET_ACCESS_KEY=secret, AWS_REGION="us-west-2")

    shown = shell("config")

    assert shown.returncode == 0
    assert "answers, 2 months of logs" in shown.stdout
    assert "us-west-2" in shown.stdout
    assert secret not in shown.stdout + shown.stderr


def test_the_simulator_writes_what_was_asked_for(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    words = [
        "generate",
        "made",
        "--events",
        "500",
        "--months",
        "2",
        "--songs",
        "20",
        "--users",
        "10",
        "--first-month",
        "2020-02",
        "--seed",
        "3",
    ]

    done = shell(*words)

    assert done.returncode == 0, done.stderr
    logs = sorted((tmp_path / "made/log_data").rglob("*.json"))
    lines = [json.loads(line) for path in logs for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 500
    assert len(list((tmp_path / "made/song_data").rglob("*.json"))) == 20
    again = shell(*words)
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["load"], {"SPARKIFY_FIRST_MONTH": "2018-14"}, "SPARKIFY_FIRST_MONTH"),
        (["load"], {"SPARKIFY_LAKE": "nowhere"}, "sparkify generate"),
        (["status"], {"SPARKIFY_LAKE": "nowhere"}, "nowhere"),
        (["load", "--from", "2018"], {}, "2018"),
        (["load", "--from", "2019-02", "--to", "2019-01"], {}, "2019-02"),
        (["load", "--from", "1999-01"], {}, "SPARKIFY_FIRST_MONTH"),
        (["generate", "made", "--months", "0"], {}, "--months"),
        (["up", "--host", "0.0.0.0"], {}, "--public"),
        (["nonsense"], {}, "nonsense"),
        (["load"], {"SPARKIFY_DUCKDB_PATH": "lake"}, "lake"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    words: list[str], settings: dict[str, str], said: str, sparkify: Shell, two_months: Path
) -> None:
    sparkify.environment.update(settings)

    done = sparkify(*words)

    assert done.returncode != 0
    assert said in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_a_warehouse_that_another_process_holds_is_said_with_its_process(sparkify: Shell, two_months: Path) -> None:
    sparkify("load")
    holder = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"
    path = sparkify.folder / ".sparkify/warehouse.duckdb"
    sparkify.environment["SPARKIFY_LOCK_WAIT"] = "0.5"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        done = sparkify("status")
        process.communicate(b"\n")

    assert done.returncode == 1
    assert f"in use by process {process.pid}" in done.stderr


@pytest.mark.slow
def test_the_demo_makes_a_lake_loads_it_and_answers_a_question(tmp_path: Path) -> None:
    shell = Shell(tmp_path)

    done = shell("demo")

    assert done.returncode == 0, done.stderr
    assert int(_cells(done.stdout, "songplays")[1].replace(",", "")) > 10_000
    assert "0 failed" in done.stdout
    assert "Which songs are played most?" in done.stdout
    assert "sparkify up" in done.stdout
    again = shell("demo")
    assert again.returncode == 0
    assert "Nothing is new" in again.stdout
