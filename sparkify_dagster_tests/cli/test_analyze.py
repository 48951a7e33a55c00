"""`sparkify analyze`: the answers come of a warehouse that `sparkify load` made."""

import csv
import io
import json

import pytest

from sparkify_dagster.questions import questions
from sparkify_dagster.tables import ANALYTICS_TABLES, LAKE_TABLES, STAR_TABLES
from sparkify_dagster_tests.cli.test_cli import Shell


def test_every_table_is_counted_and_sampled_and_every_question_answered(loaded: Shell) -> None:
    done = loaded("analyze", "--format", "json")

    assert done.returncode == 0, done.stderr
    whole = json.loads(done.stdout)
    tables = whole.pop("tables")
    assert set(tables) == {*LAKE_TABLES, *STAR_TABLES, *ANALYTICS_TABLES}
    assert tables["staging_events"]["rows"] == 4
    assert len(tables["staging_events"]["sample"]) == 4
    assert tables["songplays"]["sample"][0]["log_month"] in {"2018-11-01", "2018-12-01"}
    assert list(whole) == list(questions())
    assert whole["top_songs"]["title"] == questions()["top_songs"].title
    assert sum(row["plays"] for row in whole["plays_by_hour"]["rows"]) == 3
    for answer in whole.values():
        assert all(list(row) == answer["columns"] for row in answer["rows"])

    shown = loaded("analyze")
    assert shown.returncode == 0, shown.stderr
    # Nothing is behind any more, and progress is no result.
    assert shown.stderr == ""
    assert "staging_events: 4 rows\n" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 200
    for question in questions().values():
        assert f"\n{question.title}\n" in shown.stdout


def test_one_question_is_answered_as_csv_and_several_as_json(loaded: Shell) -> None:
    answer = loaded("analyze", "--question", "plays_by_month", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    assert sum(int(row["plays"]) for row in rows) == 3

    two = loaded("analyze", "--question", "devices", "--question", "top_songs", "--format", "json")
    assert list(json.loads(two.stdout)) == ["devices", "top_songs"]


def test_the_questions_are_listed(loaded: Shell) -> None:
    listed = loaded("analyze", "--list").stdout
    for question in questions().values():
        assert question.name in listed
        assert question.title in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--question", "nonsense"], "top_songs"),
        (["--format", "csv"], "--question"),
        (["--question", "devices", "--question", "top_songs", "--format", "csv"], "--question"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(loaded: Shell, words: list[str], said: str) -> None:
    done = loaded("analyze", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_without_a_load_there_is_nothing_to_analyze(loaded: Shell) -> None:
    empty = Shell(loaded.folder, SPARKIFY_DUCKDB_PATH="none.duckdb")
    assert "sparkify load" in empty("analyze").stderr
    empty("tables", "create")
    done = empty("analyze")
    assert done.returncode == 1
    assert "sparkify load" in done.stderr
    assert done.stderr.count("\n") == 1
