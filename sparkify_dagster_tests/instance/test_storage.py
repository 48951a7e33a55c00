"""Events of several processes and threads, of runs that are deleted, and of processes that are killed."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import psutil
import pytest

# Dagster has no public name for an event that no run has written yet.
from dagster._core.events import EngineEventData, StepMaterializationData
from sqlalchemy import Engine

from sparkify_dagster.instance import LocalStorage
from sparkify_dagster.instance.events import LocalEventLogStorage
from sparkify_dagster.instance.shards import MOST_OPEN


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose databases are made."""
    home = tmp_path_factory.mktemp("home")
    LocalStorage.from_local(str(home)).event_log_storage.dispose()
    return home


@pytest.fixture
def opened(made: Path) -> Iterator[Callable[[], LocalEventLogStorage]]:
    """Opens the storage of events, as another process would."""
    storages: list[LocalEventLogStorage] = []

    def open_one() -> LocalEventLogStorage:
        storages.append(LocalEventLogStorage(str(made / "history" / "runs")))
        return storages[-1]

    yield open_one
    for storage in storages:
        storage.dispose()


def written(run_id: str, text: str = "") -> dg.EventLogEntry:
    """An event of the run's engine."""
    event = dg.DagsterEvent(
        dg.DagsterEventType.ENGINE_EVENT.value, "job", message=text, event_specific_data=EngineEventData()
    )
    return dg.EventLogEntry(None, "info", text, run_id, time.time(), dagster_event=event)


def materialized(run_id: str, asset: str, month: str) -> dg.EventLogEntry:
    """An event that tells of a month of an asset."""
    data = StepMaterializationData(dg.AssetMaterialization(asset, partition=month))
    event = dg.DagsterEvent(dg.DagsterEventType.ASSET_MATERIALIZATION.value, "job", event_specific_data=data)
    return dg.EventLogEntry(None, "info", "", run_id, time.time(), dagster_event=event)


def texts(storage: LocalEventLogStorage, run_id: str) -> list[str]:
    """What the events of a run say."""
    return [entry.user_message for entry in storage.get_logs_for_run(run_id)]


def new_run() -> str:
    """The id of a run that nobody knows."""
    return str(uuid.uuid4())


def test_what_one_writes_another_sees_at_once(opened: Callable[[], LocalEventLogStorage]) -> None:
    one, other, run = opened(), opened(), new_run()
    for number in range(5):
        one.store_event(written(run, f"one {number}"))
        assert texts(other, run)[-1] == f"one {number}"
        other.store_event(written(run, f"other {number}"))
        assert texts(one, run)[-1] == f"other {number}"


def test_what_a_killed_process_wrote_is_there(made: Path, opened: Callable[[], LocalEventLogStorage]) -> None:
    run = new_run()
    code = (
        "import os, signal, sys\n"
        "from sparkify_dagster.instance.events import LocalEventLogStorage\n"
        "from sparkify_dagster_tests.instance.test_storage import materialized, written\n"
        "storage = LocalEventLogStorage(sys.argv[1])\n"
        "storage.store_event_batch([written(sys.argv[2], 'first'), materialized(sys.argv[2], 'killed', '2018-01')])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(made / "history" / "runs"), run], check=False)
    assert killed.returncode == -signal.SIGKILL

    storage = opened()
    assert texts(storage, run) == ["first", ""]
    assert storage.get_materialized_partitions(dg.AssetKey("killed")) == {"2018-01"}
    storage.store_event(written(run, "gone on"))
    assert texts(storage, run)[-1] == "gone on"


def test_who_watches_a_run_is_told_of_each_event(opened: Callable[[], LocalEventLogStorage]) -> None:
    watching, writing, run = opened(), opened(), new_run()
    told: list[str] = []
    watching.watch(run, None, lambda entry, _: told.append(entry.user_message))

    for number in range(3):
        writing.store_event(written(run, str(number)))
        deadline = time.monotonic() + 10
        while len(told) <= number and time.monotonic() < deadline:
            time.sleep(0.01)

    assert told == ["0", "1", "2"]


def test_many_runs_keep_few_files_open(opened: Callable[[], LocalEventLogStorage]) -> None:
    storage = opened()
    runs = [new_run() for _ in range(3 * MOST_OPEN)]
    for run in runs:
        storage.store_event(written(run, run))
    held = {Path(file.path).name for file in psutil.Process().open_files()}

    assert len([run for run in runs if f"{run}.db" in held]) < MOST_OPEN
    assert [texts(storage, run) for run in runs] == [[run] for run in runs]


def test_after_a_wipe_in_another_process_events_are_kept_again(opened: Callable[[], LocalEventLogStorage]) -> None:
    one, other, run = opened(), opened(), new_run()
    one.store_event(written(run, "before"))
    other.wipe()
    assert texts(one, run) == []
    one.store_event(written(run, "after"))
    assert texts(other, run) == ["after"]


def test_a_deleted_run_leaves_nothing(opened: Callable[[], LocalEventLogStorage]) -> None:
    storage, run = opened(), new_run()
    storage.store_event_batch([written(run), materialized(run, "deleted", "2018-01")])
    storage.delete_events(run)
    assert texts(storage, run) == []
    assert storage.get_materialized_partitions(dg.AssetKey("deleted")) == set()


def test_threads_write_and_read_side_by_side(opened: Callable[[], LocalEventLogStorage]) -> None:
    one, other, runs = opened(), opened(), [new_run() for _ in range(4)]
    before = threading.active_count()

    def work(number: int) -> None:
        storage, run = (one, other)[number // 4], runs[number % 4]
        for month in range(1, 11):
            storage.store_event_batch([materialized(run, f"thread_{number}", f"2018-{month:02}"), written(run)])
            assert storage.get_materialized_partitions(dg.AssetKey(f"thread_{number}"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))

    assert [len(one.get_logs_for_run(run)) for run in runs] == [40] * 4
    assert all(len(other.get_materialized_partitions(dg.AssetKey(f"thread_{number}"))) == 10 for number in range(8))
    assert threading.active_count() < before + 8


def test_what_comes_together_is_in_the_index_whole_or_not_at_all(
    opened: Callable[[], LocalEventLogStorage], monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, run = opened(), new_run()
    events = [materialized(run, "half", "2018-01"), materialized(run, "half", "2018-02")]
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_get_asset_entry_values", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            storage.store_event_batch(events)
    assert storage.get_materialized_partitions(dg.AssetKey("half")) == set()

    storage.store_event_batch(events)
    assert storage.get_materialized_partitions(dg.AssetKey("half")) == {"2018-01", "2018-02"}


def test_a_forked_process_leaves_its_parents_connections_alone(
    opened: Callable[[], LocalEventLogStorage], monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, run = opened(), new_run()
    storage.store_event(written(run, "parent"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 1)
        patch.setattr(Engine, "dispose", lambda _: pytest.fail("closes what its parent opened"))
        storage.store_event(written(run, "child"))
        assert texts(storage, run) == ["parent", "child"]


def test_several_make_a_home_at_once(tmp_path: Path) -> None:
    def make(number: int) -> None:
        storage = LocalStorage.from_local(str(tmp_path / str(number // 4)))
        storage.event_log_storage.store_event(written(f"run {number}"))
        storage.dispose()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(make, range(8)))


def test_a_home_that_is_let_go_leaves_no_log_beside_its_files(tmp_path: Path) -> None:
    storage = LocalStorage.from_local(str(tmp_path))
    storage.event_log_storage.store_event(written("run"))
    storage.dispose()
    assert [path.name for path in tmp_path.rglob("*.db-*")] == []
