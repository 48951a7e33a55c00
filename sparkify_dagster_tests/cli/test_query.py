"""`sparkify query`: it answers, and whatever is written, nothing is changed and nothing but tables is read."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.cli import formats
from sparkify_dagster.cli.formats import as_json, csv_line, json_answer, shown_in, write_table
from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster.warehouse.samples import sample_rows
from sparkify_dagster_tests.cli.test_cli import Shell
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.lake.places import S3Place

ATTEMPTS = [
    "insert into loads (load_id) values (1)",
    "update warehouse_lock set lock_id = 2",
    "delete from warehouse_lock",
    "truncate table warehouse_lock",
    "drop table songs",
    "create table mine as select 1 as a",
    "create temp table mine (a int)",
    "create view mine as select 1 as a",
    "alter table songs add column mood varchar(9)",
    "comment on table songs is 'mine'",
    "merge into songs using artists on songs.artist_id = artists.artist_id when matched then delete",
    "select * into mine from songs",
    "with a as (select 1 as b) select b into mine from a",
    "with a as (insert into loads (load_id) values (1) returning 1) select * from a",
    "with a as (delete from warehouse_lock returning 1) select * from a",
    "select 1; drop table songs",
    "select 1; commit; drop table songs",
    "commit; drop table songs",
    "/* select */ drop table songs",
    "-- select\ndrop table songs",
    "explain analyze delete from warehouse_lock",
    "explain delete from warehouse_lock",
    "copy songs to 'stolen.csv'",
    "copy (select 1) to 'stolen.csv'",
    "copy songs from 'secret.csv'",
    "copy songs from 's3://bucket/songs' iam_role 'arn:aws:iam::123456789012:role/x' json 'auto'",
    "unload ('select * from songs') to 's3://bucket/songs' iam_role 'arn:aws:iam::123456789012:role/x'",
    "attach 'other.duckdb' as other",
    "export database 'stolen'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set transaction read write",
    "pragma database_list",
    "call pragma_version()",
    "vacuum",
    "grant all on songs to public",
    "lock songs",
    "begin",
    "prepare p as delete from warehouse_lock",
    "select * from read_text('secret.csv')",
    "select * from read_csv('secret.csv')",
    "select * from 'secret.csv'",
    'select * from "secret.csv"',
    "select * from glob('*')",
    "select * from songs, read_text('secret.csv')",
    "select * from songs where title in (select content from read_text('secret.csv'))",
    "select * from (read_text('secret.csv') cross join songs)",
    "select * from query('select content from read_text(''secret.csv'')')",
    "select * from warehouse_lock for update",
    "select set_config('transaction_read_only', 'off', false)",
    'select pg_catalog."pg_terminate_backend"(1)',
    "select nextval('s')",
    "select * from generate_series(1, 2)",
    "explain",
    "do $$ begin delete from warehouse_lock; end $$",
    "select :now",
    "select $1",
    "",
    " ; ",
    "-- nothing",
    "select 'no end",
    "(" * 5_000 + "select 1" + ")" * 5_000,
]

COUNTING = "with recursive counting (i) as (select 1 union all select i + 1 from counting where i < 2500)"
SECRET = "what-only-the-file-holds"


@dataclass(frozen=True)
class Unlooked:
    """A statement that nobody looked at, as ``asked.Asked`` comes out of the look."""

    query: str
    explained: bool = False

    def translated(self, dialect: str) -> str:
        return self.query


def contents(warehouse: Warehouse) -> object:
    found = warehouse.found_tables()
    with warehouse.reading() as session:
        rows = {name: sorted(map(repr, session.query(f"SELECT * FROM {name}"))) for name in found}
    warehouse.close()
    return found, rows


def refused(warehouse: Warehouse, statement: str) -> str:
    with pytest.raises(WarehouseError) as error, warehouse.answer(statement) as answer:
        pytest.fail(f"{statement} is answered: {list(answer.rows)[:3]}")
    return str(error.value)


@pytest.fixture
def on_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DuckDBWarehouse:
    monkeypatch.chdir(tmp_path)
    Path("secret.csv").write_text(f"a,b\n1,{SECRET}\n")
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", lock_wait=2.0)
    warehouse.create_tables()
    warehouse.close()
    return warehouse


@pytest.fixture
def on_redshift(redshift: RedshiftWarehouse) -> RedshiftWarehouse:
    redshift.create_tables()
    return redshift


@pytest.mark.engine("duckdb")
def test_duckdb_changes_nothing_and_reads_no_file(on_duckdb: DuckDBWarehouse, tmp_path: Path) -> None:
    before, files = contents(on_duckdb), sorted(os.listdir())
    for statement in ATTEMPTS:
        assert refused(on_duckdb, statement).count("\n") == 0, statement
    assert contents(on_duckdb) == before
    assert sorted(os.listdir()) == files


@pytest.mark.engine("redshift")
def test_redshift_changes_nothing(on_redshift: RedshiftWarehouse) -> None:
    before = contents(on_redshift)
    for statement in ATTEMPTS:
        assert refused(on_redshift, statement).count("\n") == 0, statement
    assert contents(on_redshift) == before


@pytest.mark.parametrize("engine", ["duckdb", "redshift"])
def test_the_engine_itself_changes_nothing_even_if_nobody_looks(
    engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse: Warehouse = request.getfixturevalue(f"on_{engine}")
    before, files = contents(warehouse), sorted(os.listdir())
    with monkeypatch.context() as patch:
        patch.setattr("sparkify_dagster.warehouse.asked.asked", Unlooked)
        for statement in ATTEMPTS[:-1]:
            try:
                with warehouse.answer(statement) as answer:
                    rows = repr(list(answer.rows))
            except Exception as error:
                rows = str(error)
            assert SECRET not in rows, statement
    assert contents(warehouse) == before
    assert sorted(os.listdir()) == files


@pytest.mark.parametrize("engine", ["duckdb", "redshift"])
def test_what_reads_is_answered_alike(engine: str, request: pytest.FixtureRequest) -> None:
    warehouse: Warehouse = request.getfixturevalue(f"on_{engine}")
    for statement, columns, rows in [
        ("select lock_id as n, 'it''s :now $1 ? %s' as t from warehouse_lock;", ["n", "t"], [(1, "it's :now $1 ? %s")]),
        ("with a as (select lock_id as n from warehouse_lock) select n from a -- :now", ["n"], [(1,)]),
        ("(select 1 as n) union all (select 2 as n) order by n /* ; drop */", ["n"], [(1,), (2,)]),
        ("select lock_id::bigint as n from warehouse_lock where lock_id = 7", ["n"], []),
        ("select count(*) as n from loads l left join load_files f on l.load_id = f.load_id", ["n"], [(0,)]),
    ]:
        with warehouse.answer(statement) as answer:
            assert (list(answer.columns), list(answer.rows)) == (columns, rows), statement
    # In parts: an answer is not fetched whole.
    with warehouse.answer(f"{COUNTING} select i as n from counting order by i") as answer:
        assert [n for (n,) in answer.rows] == list(range(1, 2501))
    with warehouse.answer("explain verbose select * from songs") as answer:
        assert answer.columns == ["QUERY PLAN"]
        assert any("songs" in str(line) for (line,) in answer.rows)
    with warehouse.reading() as session:
        assert sample_rows(session, "warehouse_lock", 5).rows[0][0] == 1
    assert "nowhere" in refused(warehouse, "select * from nowhere")
    assert "nothing_such" in refused(warehouse, "select nothing_such from songs")


def test_the_command_answers_in_each_format(loaded: Shell) -> None:
    query = "select 2018 as year, 1234 as plays, 0.25 as paid_share, 'Zürich, \"CH\"' as place, null as none"

    table = loaded("query", query).stdout
    assert table.splitlines()[1].split() == ["2018", "1,234", "25.0%", "Zürich,", '"CH"', "–"]
    answer = json.loads(loaded("query", "-", "--format", "json", stdin=f"{query};\n").stdout)
    assert answer["columns"] == ["year", "plays", "paid_share", "place", "none"]
    assert answer["rows"] == [{"year": 2018, "plays": 1234, "paid_share": 0.25, "place": 'Zürich, "CH"', "none": None}]
    loaded.environment["PYTHONIOENCODING"] = "ascii"
    done = loaded("query", query, "--format", "csv")
    del loaded.environment["PYTHONIOENCODING"]
    assert next(csv.reader(io.StringIO(done.stdout.splitlines()[1]))) == ["2018", "1234", "0.25", 'Zürich, "CH"', ""]


def test_a_table_shows_some_rows_and_says_that_there_are_more(loaded: Shell) -> None:
    many = f"{COUNTING} select i from counting"
    done = loaded("query", many)
    assert done.stdout.count("\n") == 1_001
    assert "--limit" in done.stderr
    done = loaded("query", many, "--limit", "0")
    assert done.stdout.count("\n") == 2_501
    assert done.stderr == ""
    assert loaded("query", many, "--format", "csv").stdout.count("\n") == 2_501


def test_a_wrong_statement_is_one_line_in_the_words_of_the_engine(loaded: Shell) -> None:
    done = loaded("query", "select * from songplay")
    assert done.returncode == 1
    assert 'Did you mean "songplays"?' in done.stderr
    assert done.stderr.count("\n") == 1
    missing = Shell(loaded.folder, SPARKIFY_DUCKDB_PATH="nowhere.duckdb")("query", "select 1")
    assert missing.returncode == 1
    assert "sparkify load" in missing.stderr


def test_ctrl_c_and_a_reader_that_leaves_end_it_quietly(loaded: Shell) -> None:
    rows = ", ".join(f"songplays {name}" for name in "abcdefghijklmnopqrstuvwxyz")
    command = [sys.executable, "-m", "sparkify_dagster.cli", "query", "--format", "csv"]
    with subprocess.Popen(
        [*command, f"select a.* from {rows}"],
        cwd=loaded.folder,
        env=loaded.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        assert reading.stdout.readline().startswith(b"songplay_id,")
        reading.stdout.close()
        assert reading.stderr.read() == b""
    with subprocess.Popen(
        [*command, f"select count(*) from {rows} where a.user_id + b.user_id + c.user_id <> -1"],
        cwd=loaded.folder,
        env=loaded.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as working:
        time.sleep(1.5)
        began = time.monotonic()
        working.send_signal(signal.SIGINT)
        _, said = working.communicate(timeout=10)
    assert time.monotonic() - began < 5
    assert working.returncode != 0
    assert b"Traceback" not in said


def test_the_command_asks_redshift(
    tmp_path: Path, on_redshift: RedshiftWarehouse, redshift_settings: RedshiftSettings, s3_place: S3Place
) -> None:
    shell = Shell(tmp_path, **environment_of(redshift_settings), SPARKIFY_LAKE=f"s3://{s3_place.bucket}")
    done = shell("query", "select lock_id, ':now' as t from warehouse_lock", "--format", "csv")
    assert done.stdout.splitlines() == ["lock_id,t", "1,:now"], done.stderr
    done = shell("query", "delete from warehouse_lock")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**80), 2**80),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8")),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=4)))
def test_csv_and_json_say_what_the_values_are(rows: list[list[object]]) -> None:
    columns = [f"c{place}" for place in range(len(rows[0]))] if rows else ["c0"]
    text = csv_line(columns) + "".join(map(csv_line, rows))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [columns, *([_as_csv(value) for value in row] for row in rows)]

    answer = json.loads(as_json(json_answer(columns, rows)), parse_float=Decimal)
    assert answer["columns"] == columns
    assert [list(row.values()) for row in answer["rows"]] == [[_as_json(value) for value in row] for row in rows]


def _as_csv(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_json(value: object) -> object:
    return Decimal(repr(value)) if isinstance(value, float) else value


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("plays", 1234567, "1,234,567"),
        ("user_id", 1234567, "1234567"),
        ("year", 2018, "2018"),
        ("hour", 23, "23"),
        ("count_star()", 2471, "2,471"),
        ("date_part('year', start_time)", 2018, "2018"),
        ("conversion_rate", 0.0512, "5.1%"),
        ("known_share", Decimal("1"), "100.0%"),
        ("length", 1277.89016, "1,277.89016"),
        ("latitude", -90.0, "-90"),
        ("tiny", 1.5e-9, "1.5e-09"),
        ("known_share", None, "–"),
        ("title", "a\x1b[31m\nb", "a\\x1b[31m\\x0ab"),
    ],
)
def test_a_table_shows_numbers_by_what_they_are(column: str, value: object, shown: str) -> None:
    assert shown_in(column, value) == shown


def test_a_table_that_is_too_wide_is_cut_or_turned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_table("", ["n", "text"], [[1, "ü" * 300], [2, "short"]])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) == formats.WIDEST
    assert lines[1].endswith("…")
    write_table("", [f"text_{n}" for n in range(20)], [["long " * 9] * 20] * 2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [f"text_{n}" for n in range(20)]
    assert max(map(len, lines)) <= formats.WIDEST
