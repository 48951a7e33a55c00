"""The DDL as the one description of each table: what is read from it, and what follows from it."""

import json
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.sqlfiles import read_sql, sql_names, statements, translated
from sparkify_dagster.tables import ALL_TABLES, ANALYTICS_TABLES, BASE_TABLES, DERIVED_TABLES, LAKE_TABLES, catalog
from sparkify_dagster.tables.jsonpaths import jsonpaths
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse

EVENT_KEYS = [
    "artist",
    "auth",
    "firstName",
    "gender",
    "itemInSession",
    "lastName",
    "length",
    "level",
    "location",
    "method",
    "page",
    "registration",
    "sessionId",
    "song",
    "status",
    "ts",
    "userAgent",
    "userId",
]
SONG_KEYS = [
    "num_songs",
    "artist_id",
    "artist_latitude",
    "artist_longitude",
    "artist_location",
    "artist_name",
    "song_id",
    "title",
    "duration",
    "year",
]


def test_there_is_a_file_for_every_table() -> None:
    assert sorted(catalog()) == sorted(ALL_TABLES) == sql_names("tables")


@pytest.mark.parametrize("name", ALL_TABLES)
def test_every_table_and_every_column_says_what_it_means(name: str) -> None:
    table = catalog()[name]

    assert table.description.endswith(".")
    for column in table.columns:
        assert column.description.endswith("."), column.name
        assert "From:" not in column.description


@pytest.mark.parametrize("name", LAKE_TABLES + DERIVED_TABLES)
def test_sources_and_references_exist(name: str) -> None:
    keys = {LOG_PART: EVENT_KEYS, SONG_PART: SONG_KEYS}
    table = catalog()[name]

    for column in table.columns:
        for source in column.sources:
            known = keys.get(source.table) or [other.name for other in catalog()[source.table].columns]
            assert source.column in known, f"{column.name} comes from {source}"
    for key in table.foreign_keys:
        assert catalog()[key.table].primary_key == key.table_columns


def test_the_columns_are_read_from_the_keys_of_the_lake_in_their_order() -> None:
    assert list(catalog()["staging_events"].keys_of(LOG_PART)) == EVENT_KEYS
    assert list(catalog()["staging_songs"].keys_of(SONG_PART)) == SONG_KEYS


def test_the_jsonpaths_are_those_of_the_real_lake(udacity: Path) -> None:
    real = json.loads((udacity / "log_json_path.json").read_text())

    assert json.loads(jsonpaths(catalog()["staging_events"], LOG_PART)) == real


def test_duckdb_gets_the_same_columns_types_and_comments(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    assert warehouse.create_tables() == sorted(BASE_TABLES)
    assert warehouse.create_tables(ALL_TABLES) == sorted(ANALYTICS_TABLES)
    warehouse.close()

    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        rows = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
            "ORDER BY column_index"
        ).fetchall()
    made = [(table, name, kind, nullable, comment) for table, name, kind, nullable, comment in rows]
    for table in catalog().values():
        assert [row[1:] for row in made if row[0] == table.name] == [
            (column.name, column.type.removesuffix(" PRECISION"), column.nullable, column.description)
            for column in table.columns
        ]


def test_creating_tables_twice_creates_them_once(warehouse: DuckDBWarehouse) -> None:
    warehouse.create_tables(ALL_TABLES)

    assert warehouse.create_tables() == warehouse.create_tables(ALL_TABLES) == []
    assert warehouse.drop_tables() == sorted(ALL_TABLES)
    assert warehouse.tables() == []


@pytest.mark.parametrize(
    "folder", ["transformations", "analytics", "checks", "questions", "ledger", "resets", "counts"]
)
def test_every_file_opens_by_saying_what_it_is_for(folder: str) -> None:
    for name in sql_names(folder):
        assert read_sql(f"{folder}/{name}").startswith("-- "), name


@pytest.mark.parametrize("folder", ["checks", "questions", "counts"])
def test_a_question_is_one_query(folder: str) -> None:
    for name in sql_names(folder):
        (statement,) = statements(f"{folder}/{name}")
        assert isinstance(sqlglot.parse_one(statement, read="redshift"), exp.Query), name


def test_statements_are_cut_where_they_end_and_not_within_text() -> None:
    for folder in ("tables", "transformations", "ledger", "resets"):
        for name in sql_names(folder):
            whole = [tree for tree in sqlglot.parse(read_sql(f"{folder}/{name}"), read="redshift") if tree is not None]
            assert len(statements(f"{folder}/{name}")) == len(whole), name


def test_parameters_become_those_of_the_engine() -> None:
    assert translated("SELECT a FROM t WHERE b = :b", "duckdb") == "SELECT a FROM t WHERE b = $b"
