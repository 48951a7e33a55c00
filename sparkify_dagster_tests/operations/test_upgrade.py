"""A warehouse that another version of the platform made, with other columns.

What belongs here: that it is told before anything is done, and what is made anew. What doesn't: a new version of the
SQL on the same columns, which builds a table from scratch by itself (``contract``).
"""

from collections.abc import Callable

import pytest

from sparkify_dagster.building.pending import find_pending
from sparkify_dagster.building.upgrade import make_anew, tables_to_make_anew, with_referring
from sparkify_dagster.cli.tables import upgrade_tables
from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.sensors.ledger import look_into_ledger
from sparkify_dagster.tables import BASE_TABLES, DERIVED_TABLES, catalog
from sparkify_dagster.tables.versions import FoundColumn, differences
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster_tests.contract.conftest import deployment, on_duckdb, on_live_redshift, on_redshift
from sparkify_dagster_tests.contract.deployment import Deployment
from sparkify_dagster_tests.lakes import SONG, play

from .conftest import Embedded

__all__ = ["deployment", "on_duckdb", "on_live_redshift", "on_redshift"]

NOVEMBER = "log_data/2018/11/2018-11-01-events.json"
A_SONG = "song_data/A/B/C/TR1.json"


@pytest.fixture
def older(deployment: Deployment) -> Deployment:
    """A warehouse with rows, to be made older by ``change``."""
    deployment.put(NOVEMBER, [play(0), play(1)])
    deployment.put(A_SONG, [SONG])
    deployment.load_and_build_all()
    return deployment


def change(warehouse: Warehouse, *statements: str) -> None:
    """Changes tables as another version would have them."""
    with warehouse.transaction("test") as session:
        for statement in statements:
            session.query(statement)


LOOKS: dict[str, Callable[[Deployment], object]] = {
    "a load": lambda it: it.load_events(),
    "a build": lambda it: it.build("users"),
    "sparkify load and sparkify status": lambda it: find_pending(it.lake, it.warehouse, "2018-11", "2018-12"),
    "sparkify tables create": lambda it: it.warehouse.create_tables(),
    "sparkify config": lambda it: it.warehouse.tables(),
    "a sensor": lambda it: look_into_ledger(it.warehouse, "staging_events"),
}


def test_a_column_that_is_lacking_is_told_before_anything_is_done(older: Deployment) -> None:
    warehouse = older.warehouse
    change(warehouse, "ALTER TABLE users DROP COLUMN gender", "ALTER TABLE users DROP COLUMN level")
    older.put(NOVEMBER, [play(2)])
    before = older.ledger()

    told: dict[str, str] = {}
    for name, look in LOOKS.items():
        with pytest.raises(WarehouseError) as refused:
            look(older)
        told[name] = str(refused.value)

    one_line = (
        f"{warehouse.location} was made by another version of this software: users lacks gender, level. "
        "Nothing was changed. Make a backup, then run `sparkify tables upgrade` and `sparkify load`."
    )
    assert told == dict.fromkeys(LOOKS, one_line)
    assert older.ledger() == before


def test_tables_of_the_star_are_made_anew_and_the_next_load_builds_them(older: Deployment) -> None:
    before, loads = older.snapshot(), older.ledger()
    change(older.warehouse, "ALTER TABLE users DROP COLUMN gender", "ALTER TABLE time DROP COLUMN weekday")

    make_anew(older.warehouse, with_referring(tables_to_make_anew(older.warehouse)))
    older.build_stale()

    assert older.snapshot() == before
    assert older.ledger() == loads


def test_nothing_is_made_anew_where_all_is_as_described(older: Deployment) -> None:
    assert tables_to_make_anew(older.warehouse) == {}


def test_staging_tables_and_the_ledger_are_loaded_anew_from_the_lake(older: Deployment) -> None:
    before = older.snapshot()
    lacking = {"staging_events": "user_agent", "load_files": "note", "users": "gender"}
    change(older.warehouse, *(f"ALTER TABLE {table} DROP COLUMN {column}" for table, column in lacking.items()))

    with pytest.raises(WarehouseError) as refused:
        tables_to_make_anew(older.warehouse)
    assert "staging_events lacks user_agent; load_files lacks note. Nothing was changed." in str(refused.value)
    assert str(refused.value).endswith(
        "Make a backup, then run `sparkify tables drop` and `sparkify load`, which loads the whole lake anew."
    )

    assert older.warehouse.drop_tables() == sorted(BASE_TABLES)
    older.load_and_build_all()
    assert older.snapshot() == before


def test_a_column_more_does_no_harm_unless_every_row_must_have_it(older: Deployment) -> None:
    change(older.warehouse, "ALTER TABLE users ADD COLUMN of_somebody VARCHAR(8)")
    older.put(NOVEMBER, [play(0), play(1), play(2)])
    older.load_and_build_all()

    change(
        older.warehouse,
        "DROP TABLE songs",
        "CREATE TABLE songs (song_id VARCHAR(64) NOT NULL, title VARCHAR(65535), artist_id VARCHAR(64), year INTEGER, "
        "duration DOUBLE PRECISION, rank INTEGER NOT NULL)",
    )
    with pytest.raises(WarehouseError, match="songs has rank, which must not be NULL and which nothing fills"):
        older.load_songs()


def test_a_column_of_another_type_is_told(older: Deployment) -> None:
    change(
        older.warehouse,
        "ALTER TABLE users DROP COLUMN gender",
        "ALTER TABLE users ADD COLUMN gender BIGINT",
    )
    with pytest.raises(WarehouseError, match=r"users has gender as BIGINT, not VARCHAR\(\d+\)\."):
        older.load_events()


def test_a_text_that_redshift_would_cut_is_told(on_redshift: Deployment) -> None:
    on_redshift.warehouse.create_tables()
    change(on_redshift.warehouse, "ALTER TABLE users ALTER COLUMN gender TYPE VARCHAR(1)")
    with pytest.raises(WarehouseError, match=r"users has gender as VARCHAR\(1\), not VARCHAR\(\d+\)\."):
        on_redshift.load_events()


def test_the_command_says_what_differs_and_what_to_do_next(
    embedded: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    change(embedded.deployment.warehouse, "ALTER TABLE user_levels DROP COLUMN level")
    embedded.close()
    upgrade_tables(embedded.settings, ask=False)
    assert capsys.readouterr().out.splitlines() == [
        f"In {embedded.settings.duckdb_path}, user_levels lacks level.",
        "made user_levels anew, empty: run `sparkify load` and `sparkify analyze`, which build them.",
    ]
    upgrade_tables(embedded.settings, ask=False)
    assert capsys.readouterr().out == "All tables are as this version describes them.\n"


def _found(**changed: FoundColumn) -> dict[str, FoundColumn]:
    described = {column.name: column for column in catalog()["users"].columns}
    found = {name: FoundColumn(column.type, column.max_bytes, column.nullable) for name, column in described.items()}
    return {**found, **changed}


@pytest.mark.parametrize(("most", "told"), [(None, []), (65_535, []), (1, ["has gender as VARCHAR(1), not VARCHAR("])])
def test_a_text_may_be_longer_than_described_and_not_shorter(most: int | None, told: list[str]) -> None:
    found = differences({"users": _found(gender=FoundColumn("VARCHAR", most, nullable=True))})
    assert [how.partition("not VARCHAR(")[0] + "not VARCHAR(" for how in found.get("users", [])] == told


def test_a_value_that_may_be_missing_must_be_allowed_to_be() -> None:
    found = differences({"users": _found(gender=FoundColumn("VARCHAR", None, nullable=False))})
    assert found == {"users": ["has gender, which must not be NULL and may be"]}


def test_what_refers_to_a_table_is_made_anew_with_it_and_goes_first() -> None:
    """Redshift, unlike its double, refuses to drop a table that another one refers to."""
    for table in DERIVED_TABLES:
        order = with_referring([table])
        assert order[-1] == table
        for place, name in enumerate(order):
            referring = {
                other for other in DERIVED_TABLES for key in catalog()[other].foreign_keys if key.table == name
            }
            assert referring <= set(order[:place])
