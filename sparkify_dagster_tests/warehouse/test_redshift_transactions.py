"""What becomes of transactions on Redshift when others write, connections break, and answers get lost.

What belongs here: the engine's transactions, seen from outside. What doesn't: how files are loaded
(``test_redshift_loading``).
"""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from sparkify_dagster.errors import TransactionLost, WarehouseBusy, WarehouseError
from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster.warehouse.retrying import ATTEMPTS, retrying
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.redshift.double import RedshiftDouble


@pytest.fixture
def warehouse(redshift: RedshiftWarehouse) -> RedshiftWarehouse:
    redshift.create_tables()
    return redshift


@pytest.fixture
def another(redshift: RedshiftWarehouse) -> Any:
    """Another process's view of the same warehouse; it does not wait long."""
    other = RedshiftWarehouse(redshift._settings, lock_wait=0.3, client_factory=redshift._place._client.get)
    yield other
    other.close()


def add_load(warehouse: RedshiftWarehouse, load_id: int = 1) -> None:
    """Writes a row in a transaction, again and again if need be."""

    def attempt() -> None:
        with warehouse.transaction("run-1") as session:
            session.insert("retracted_keys", ["load_id", "entity", "entity_key"], [(load_id, "user", "1")])

    retrying(attempt, pause=lambda seconds: None)


def rows(warehouse: RedshiftWarehouse) -> list[Any]:
    with warehouse.reading() as session:
        return [load_id for (load_id,) in session.query("SELECT load_id FROM retracted_keys ORDER BY load_id")]


def test_what_a_transaction_wrote_is_there_and_what_failed_is_not(warehouse: RedshiftWarehouse) -> None:
    add_load(warehouse, 1)

    def fail() -> None:
        with warehouse.transaction("run-1") as session:
            session.insert("retracted_keys", ["load_id", "entity", "entity_key"], [(2, "user", "1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows(warehouse) == [1]


def test_every_statement_names_its_run(warehouse: RedshiftWarehouse, double: RedshiftDouble) -> None:
    double.statements.clear()
    add_load(warehouse)
    of_the_run = [s for s in double.statements if "INSERT" in s.text or "UPDATE" in s.text or "LOCK" in s.text]
    assert len(of_the_run) == 3
    assert {statement.label for statement in of_the_run} == {"sparkify run-1"}


def test_the_lock_is_the_first_statement_of_a_transaction_that_writes(
    warehouse: RedshiftWarehouse, double: RedshiftDouble
) -> None:
    double.statements.clear()
    add_load(warehouse)
    said = [s.text.split()[0].upper() for s in double.statements if not s.text.upper().startswith("SET")]
    assert said[:3] == ["BEGIN", "LOCK", "UPDATE"]


@pytest.mark.parametrize("statement", ["LOCK", "INSERT INTO retracted_keys", "COMMIT"])
def test_a_serialization_conflict_is_tried_again(
    warehouse: RedshiftWarehouse, double: RedshiftDouble, statement: str
) -> None:
    double.fail_next(statement, "1023", times=2)
    add_load(warehouse)
    assert rows(warehouse) == [1]


def test_a_conflict_that_never_ends_is_said_in_one_line(warehouse: RedshiftWarehouse, double: RedshiftDouble) -> None:
    double.fail_next("INSERT INTO retracted_keys", "1023", times=ATTEMPTS)
    with pytest.raises(TransactionLost, match="1023") as lost:
        add_load(warehouse)
    assert "\n" not in str(lost.value)
    assert rows(warehouse) == []


@pytest.mark.parametrize("statement", ["BEGIN", "LOCK", "UPDATE warehouse_lock", "INSERT INTO retracted_keys"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_lost_in_a_transaction_leads_to_another_attempt(
    warehouse: RedshiftWarehouse, double: RedshiftDouble, statement: str, when: Any
) -> None:
    double.drop_connection(statement, when)
    add_load(warehouse)
    assert rows(warehouse) == [1]


def test_a_connection_that_went_stale_between_transactions_is_no_attempt(
    warehouse: RedshiftWarehouse, double: RedshiftDouble
) -> None:
    add_load(warehouse)
    double.drop_connection("SET query_group", "before")
    assert rows(warehouse) == [1]


@pytest.mark.parametrize(("when", "inserts"), [("before", 2), ("after", 1)])
def test_a_commit_without_an_answer_is_looked_up_before_anything_is_tried_again(
    warehouse: RedshiftWarehouse, double: RedshiftDouble, when: Any, inserts: int
) -> None:
    double.statements.clear()
    double.drop_connection("^COMMIT", when)
    add_load(warehouse)
    assert rows(warehouse) == [1]
    assert sum("INSERT INTO retracted_keys" in s.text for s in double.statements) == inserts
    assert any("transaction_id" in s.text and s.text.startswith("SELECT") for s in double.statements)


def test_a_commit_that_cannot_be_looked_up_is_not_tried_again(
    warehouse: RedshiftWarehouse, double: RedshiftDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparkify_dagster.warehouse.retrying.FIRST_PAUSE", 0.0)
    double.drop_connection("^COMMIT", "after")
    double.drop_connection("last_transaction|FROM warehouse_lock", "before", times=ATTEMPTS)
    with pytest.raises(WarehouseError, match="can't be looked up") as unknown:
        add_load(warehouse)
    assert not isinstance(unknown.value, TransactionLost)
    assert rows(warehouse) == [1]


def test_two_writers_follow_each_other(warehouse: RedshiftWarehouse, another: RedshiftWarehouse) -> None:
    patient = RedshiftWarehouse(warehouse._settings, lock_wait=20, client_factory=warehouse._place._client.get)
    began: list[float] = []
    with warehouse.transaction("first") as session:
        thread = threading.Thread(target=lambda: (add_load(patient, 2), began.append(time.monotonic())))
        thread.start()
        time.sleep(0.5)
        session.insert("retracted_keys", ["load_id", "entity", "entity_key"], [(1, "user", "1")])
        ended = time.monotonic()
    thread.join(20)
    patient.close()
    assert began[0] > ended
    assert rows(warehouse) == [1, 2]


def test_who_waits_too_long_is_told_so(warehouse: RedshiftWarehouse, another: RedshiftWarehouse) -> None:
    with warehouse.transaction("first"), pytest.raises(WarehouseBusy, match=r"more than 0\.3 seconds"):
        add_load(another)
    add_load(another)
    assert rows(warehouse) == [1]


def test_readers_do_not_wait_for_a_writer(warehouse: RedshiftWarehouse, another: RedshiftWarehouse) -> None:
    with warehouse.transaction("first") as session:
        session.insert("retracted_keys", ["load_id", "entity", "entity_key"], [(1, "user", "1")])
        assert rows(another) == []


def test_a_statement_that_takes_too_long_is_cut_off(
    warehouse: RedshiftWarehouse, double: RedshiftDouble, s3_place: S3Place
) -> None:
    settings = replace(warehouse._settings, statement_timeout=0.05)
    hasty = RedshiftWarehouse(settings, client_factory=lambda: s3_place.client)
    numbers = "SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"
    joined = " CROSS JOIN ".join(f"({numbers}) AS t{n}" for n in range(13))
    with pytest.raises(WarehouseError, match="REDSHIFT_STATEMENT_TIMEOUT"), hasty.reading() as session:
        session.query(f"SELECT SUM(t0.n) AS s FROM {joined}")
    hasty.close()


def test_a_transaction_within_a_transaction_is_an_error_of_the_caller(warehouse: RedshiftWarehouse) -> None:
    with warehouse.reading(), pytest.raises(RuntimeError, match="transaction is open"):
        warehouse.tables()


def test_two_processes_may_create_the_tables_at_once(redshift_settings: RedshiftSettings, s3_place: S3Place) -> None:
    both = [RedshiftWarehouse(redshift_settings, client_factory=lambda: s3_place.client) for _ in range(2)]
    threads = [threading.Thread(target=warehouse.create_tables) for warehouse in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with both[0].reading() as session:
        assert session.query("SELECT COUNT(*) AS n FROM warehouse_lock") == [(1,)]
    for warehouse in both:
        warehouse.close()


def test_tables_are_created_once_and_dropped(redshift: RedshiftWarehouse) -> None:
    assert redshift.tables() == []
    made = redshift.create_tables()
    assert "songplays" in made
    assert redshift.tables() == made
    assert redshift.create_tables() == []
    assert redshift.drop_tables() == made
    assert redshift.tables() == []


def test_many_rows_are_copied_and_few_are_inserted(warehouse: RedshiftWarehouse, double: RedshiftDouble) -> None:
    many = [(n, "user", f"naïve \"{n}\" 'x' \\") for n in range(1_200)]
    double.copies.clear()
    with warehouse.transaction("run-1") as session:
        session.insert("retracted_keys", ["load_id", "entity", "entity_key"], many)
        session.insert("retracted_keys", ["load_id", "entity", "entity_key"], [(1_200, "song", "x")])
    assert len(double.copies) == 1
    with warehouse.reading() as session:
        found = session.query("SELECT load_id, entity, entity_key FROM retracted_keys ORDER BY load_id")
    assert found == [*many, (1_200, "song", "x")]
