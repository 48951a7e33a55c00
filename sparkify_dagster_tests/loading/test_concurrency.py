"""Two loads at once: one after the other, or a clear error; never doubled rows.

What belongs here: other processes and threads at the same warehouse. What does not: files that change meanwhile.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest

from sparkify_dagster.errors import WarehouseBusy, WarehouseError
from sparkify_dagster.lake import FolderLake, Listing
from sparkify_dagster.loading import LoadReport
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.lakes import event, write
from sparkify_dagster_tests.loading.loads import MONTH_FOLDER, ledger, load_events, rows_of, sessions

ROOT = Path(__file__).parent.parent.parent
HOLD = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
LOAD = """
import sys
from pathlib import Path
from sparkify_dagster.lake import FolderLake
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
lake, warehouse = Path(sys.argv[1]), DuckDBWarehouse(Path(sys.argv[2]), lock_wait=60)
print("ready", flush=True)
sys.stdin.read()
request = LoadRequest("staging_events", "t", months=("2018-11", "2018-11"))
print(load(request, FolderLake(lake / "log_data", lake / "song_data", "the lake"), warehouse).rows)
warehouse.close()
"""


@contextmanager
def running(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Runs Python in another process that has said its first word; it goes on when its input is closed."""
    command = [sys.executable, "-c", script, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert said(process.stdout)
            yield process
        finally:
            process.kill()


def said(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()


@pytest.fixture
def written(lake_folder: Path) -> Path:
    """A lake with ten events in two files."""
    for number, name in enumerate(("a.json", "b.json")):
        lines = [json.dumps(event(sessionId=10 * number + line)) for line in range(5)]
        write(lake_folder / MONTH_FOLDER / name, "\n".join(lines).encode())
    return lake_folder


ALL_SESSIONS = [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]


class TestAnotherProcess:
    def test_a_file_that_is_held_gives_an_error_that_names_the_process(self, warehouse_path: Path) -> None:
        with running(HOLD, str(warehouse_path)) as holder:
            warehouse = DuckDBWarehouse(warehouse_path, lock_wait=0.5)
            began = time.monotonic()
            with pytest.raises(WarehouseBusy, match=rf"in use by process {holder.pid}\b") as error:
                warehouse.create_tables()
            assert 0.5 <= time.monotonic() - began < 5
            assert str(warehouse_path) in str(error.value)
            assert "\n" not in str(error.value)

    def test_a_load_waits_until_it_is_free(self, written: Path, lake: FolderLake, warehouse_path: Path) -> None:
        with running(HOLD, str(warehouse_path)) as holder:
            warehouse = DuckDBWarehouse(warehouse_path, lock_wait=30)
            timer = threading.Timer(0.7, let_go, [holder])
            timer.start()
            began = time.monotonic()
            assert load_events(lake, warehouse).rows == 10
            assert time.monotonic() - began >= 0.5
            timer.join()
            warehouse.close()

    def test_after_the_error_the_same_warehouse_can_be_used(
        self, written: Path, lake: FolderLake, warehouse_path: Path
    ) -> None:
        warehouse = DuckDBWarehouse(warehouse_path, lock_wait=0)
        with running(HOLD, str(warehouse_path)) as holder:
            with pytest.raises(WarehouseBusy):
                load_events(lake, warehouse)
            let_go(holder)
            holder.wait(10)
        assert load_events(lake, warehouse).rows == 10
        warehouse.close()

    def test_a_killed_holder_holds_nothing(self, written: Path, lake: FolderLake, warehouse_path: Path) -> None:
        with running(HOLD, str(warehouse_path)) as holder:
            holder.kill()
            holder.wait(10)
        warehouse = DuckDBWarehouse(warehouse_path, lock_wait=0)
        assert load_events(lake, warehouse).rows == 10
        warehouse.close()

    def test_two_processes_load_the_same_month_once(self, written: Path, warehouse_path: Path) -> None:
        arguments = (str(written), str(warehouse_path))
        with running(LOAD, *arguments) as first, running(LOAD, *arguments) as second:
            let_go(first)
            let_go(second)
            assert sorted([said(first.stdout), said(second.stdout)]) == ["0", "10"]
        warehouse = DuckDBWarehouse(warehouse_path)
        assert sessions(warehouse) == ALL_SESSIONS
        assert len(ledger(warehouse)) == 2
        warehouse.close()


class MeetingLake(FolderLake):
    """A folder whose listings are all given out before anybody goes on: each load has seen the same lake."""

    def __init__(self, folder: Path, parties: int) -> None:
        super().__init__(folder / "log_data", folder / "song_data", "the lake")
        self._barrier = threading.Barrier(parties)
        self._met = threading.local()

    def list_logs(self, month: str) -> Listing:
        listing = super().list_logs(month)
        if not getattr(self._met, "once", False):
            self._met.once = True
            self._barrier.wait(10)
        return listing


def at_once(*calls: Callable[[], LoadReport]) -> list[LoadReport | BaseException]:
    """Does all of it at the same time, and gives what came of each."""
    outcomes: list[LoadReport | BaseException] = []

    def run(call: Callable[[], LoadReport]) -> None:
        try:
            outcomes.append(call())
        except BaseException as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == len(calls)
    return outcomes


class TestTwoThreads:
    @pytest.mark.parametrize("rebuild", [False, True])
    def test_one_after_the_other_where_they_share_a_warehouse(
        self, rebuild: bool, written: Path, warehouse: DuckDBWarehouse
    ) -> None:
        lake = MeetingLake(written, 2)
        outcomes = at_once(*[lambda: load_events(lake, warehouse, rebuild=rebuild)] * 2)
        assert sorted(outcome.rows for outcome in outcomes if isinstance(outcome, LoadReport)) == [10 * rebuild, 10]
        assert sessions(warehouse) == ALL_SESSIONS

    @pytest.mark.parametrize("attempt", range(2))
    @pytest.mark.parametrize("rebuild", [False, True])
    def test_one_or_both_where_each_has_a_warehouse_of_its_own(
        self, attempt: int, rebuild: bool, written: Path, lake: FolderLake, warehouse_path: Path
    ) -> None:
        meeting = MeetingLake(written, 2)
        first, second = DuckDBWarehouse(warehouse_path), DuckDBWarehouse(warehouse_path)
        outcomes = at_once(
            lambda: load_events(meeting, first, rebuild=rebuild), lambda: load_events(meeting, second, rebuild=rebuild)
        )
        assert any(isinstance(outcome, LoadReport) for outcome in outcomes)
        for error in (outcome for outcome in outcomes if isinstance(outcome, BaseException)):
            assert isinstance(error, WarehouseBusy)
            assert str(error) == f"Another load is writing to {warehouse_path}: try again when it has ended."
        assert sessions(first) == ALL_SESSIONS
        assert rows_of(first, "SELECT COUNT(*) FROM load_files WHERE removed_by IS NULL") == [(2,)]
        assert load_events(lake, second).load_id is None
        first.close()
        second.close()

    def test_a_load_beside_an_open_transaction_fails_at_once_and_clearly(
        self, written: Path, lake: FolderLake, warehouse_path: Path
    ) -> None:
        first, second = DuckDBWarehouse(warehouse_path), DuckDBWarehouse(warehouse_path)
        with first.transaction("another run"), pytest.raises(WarehouseBusy, match="Another load is writing to"):
            load_events(lake, second)
        assert load_events(lake, second).rows == 10
        first.close()
        second.close()

    def test_a_reader_beside_a_load_sees_the_rows_before_it_or_after_it(
        self, written: Path, lake: FolderLake, warehouse_path: Path
    ) -> None:
        writer, reader = DuckDBWarehouse(warehouse_path), DuckDBWarehouse(warehouse_path)
        counting = (
            "SELECT (SELECT COUNT(*) FROM staging_events), (SELECT COALESCE(SUM(rows_loaded), 0) FROM load_files)"
        )
        with reader.reading() as session:
            assert session.query(counting) == [(0, 0)]
            load_events(lake, writer)
            assert session.query(counting) == [(0, 0)]
        assert rows_of(reader, counting) == [(10, 10)]
        writer.close()
        reader.close()

    @pytest.mark.parametrize("attempt", range(2))
    def test_two_that_make_the_tables_at_once_leave_them_usable(
        self, attempt: int, written: Path, lake: FolderLake, tmp_path: Path
    ) -> None:
        path = tmp_path / "new.duckdb"
        both = [DuckDBWarehouse(path), DuckDBWarehouse(path)]
        outcomes = at_once(*[lambda warehouse=warehouse: load_events(lake, warehouse) for warehouse in both])
        assert all(isinstance(outcome, LoadReport | WarehouseError) for outcome in outcomes)
        assert any(isinstance(outcome, LoadReport) for outcome in outcomes)
        assert sessions(both[0]) == ALL_SESSIONS
        assert rows_of(both[0], "SELECT COUNT(*) FROM warehouse_lock") == [(1,)]
        for warehouse in both:
            warehouse.close()

    def test_one_that_finds_the_tables_just_made_goes_on(
        self, written: Path, lake: FolderLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between looking which tables are missing and making them, another has made them."""
        path = tmp_path / "new.duckdb"
        first, second = DuckDBWarehouse(path), DuckDBWarehouse(path)
        look = second.tables

        def look_before_they_are_made() -> list[str]:
            found = look()
            first.create_tables()
            return found

        with monkeypatch.context() as patched:
            patched.setattr(second, "tables", look_before_they_are_made)
            with suppress(WarehouseBusy):
                second.create_tables()
        assert load_events(lake, second).rows == 10
        assert rows_of(second, "SELECT COUNT(*) FROM warehouse_lock") == [(1,)]
        first.close()
        second.close()
