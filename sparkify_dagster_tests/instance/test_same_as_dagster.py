"""What the storage leaves behind is what Dagster's own would leave: its tools, and its next version, work on it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

# Dagster's public way to an instance in a folder other than DAGSTER_HOME takes no folder for dagster.yaml.
from dagster._core.instance.ref import InstanceRef

from sparkify_dagster.cli.home import prepare_home
from sparkify_dagster.instance import LocalInstance
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.instance.runs import MONTHS, run

ROOT = Path(__file__).parent.parent.parent

_EVENTS = (
    "SELECT dagster_event_type, step_key, asset_key, partition FROM event_logs ORDER BY id",
    """
    SELECT asset_key, last_materialization IS NULL, last_run_id IS NULL, last_materialization_timestamp IS NULL
    FROM asset_keys ORDER BY 1
    """,
    "SELECT event_id, asset_key, key FROM asset_event_tags ORDER BY 1, 2, 3",
    """
    SELECT asset_key, check_name, partition, execution_status, evaluation_event_storage_id,
        materialization_event_storage_id
    FROM asset_check_executions ORDER BY id
    """,
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str, str]]:
    """A home of ours and one of Dagster's, after the same run; with its two ids."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("ours")
        # Said and taken back, so that what is said meanwhile is taken back at the end.
        for name in ("DAGSTER_HOME", "DAGSTER_EVENT_BATCH_SIZE"):
            patch.setenv(name, "")
            patch.delenv(name)
        ours = prepare_home(read_settings({}, folder))
        with dg.DagsterInstance.get() as instance:
            assert isinstance(instance, LocalInstance)
            our_run = run(instance)
        patch.undo()
        theirs = tmp_path_factory.mktemp("theirs")
        with dg.DagsterInstance.local_temp(str(theirs)) as instance:
            their_run = run(instance)
        yield ours, theirs, our_run, their_run


def _ask(database: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_the_files_are_the_same(homes: tuple[Path, Path, str, str]) -> None:
    ours, theirs, our_run, their_run = homes

    def databases(home: Path, run_id: str) -> set[str]:
        return {str(path.relative_to(home)).replace(run_id, "run") for path in home.rglob("*.db*")}

    assert databases(ours, our_run) == databases(theirs, their_run)
    assert "history/runs/run.db" in databases(ours, our_run)


@pytest.mark.parametrize(
    "name", ["history/runs.db", "history/runs/index.db", "history/runs/RUN.db", "schedules/schedules.db"]
)
def test_tables_versions_and_migrations_are_the_same(homes: tuple[Path, Path, str, str], name: str) -> None:
    ours, theirs, our_run, their_run = homes

    for what in (
        "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
        "SELECT version_num FROM alembic_version",
        "SELECT name FROM secondary_indexes WHERE migration_completed IS NOT NULL ORDER BY name",
        "PRAGMA journal_mode",
    ):
        assert _ask(ours / name.replace("RUN", our_run), what) == _ask(theirs / name.replace("RUN", their_run), what)


@pytest.mark.parametrize("name", ["history/runs/index.db", "history/runs/RUN.db"])
def test_the_events_are_the_same(homes: tuple[Path, Path, str, str], name: str) -> None:
    ours, theirs, our_run, their_run = homes

    for what in _EVENTS:
        mine = _ask(ours / name.replace("RUN", our_run), what)
        assert mine == _ask(theirs / name.replace("RUN", their_run), what)
        assert mine or "RUN" in name


def test_the_latest_materialization_of_each_asset_is_found(
    homes: tuple[Path, Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, _, our_run, _ = homes
    monkeypatch.setenv("DAGSTER_HOME", str(ours))
    with dg.DagsterInstance.get() as instance:
        assert instance.get_materialized_partitions(dg.AssetKey("months")) == set(MONTHS)
        (record,) = instance.get_asset_records([dg.AssetKey("months")])
        materialized = record.asset_entry.last_materialization
        assert materialized is not None
        assert (materialized.run_id, materialized.asset_materialization.partition) == (our_run, MONTHS[-1])  # type: ignore[union-attr]


def test_dagster_migrates_it(homes: tuple[Path, Path, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    ours, _, our_run, _ = homes
    monkeypatch.setenv("DAGSTER_HOME", str(ours))
    with dg.DagsterInstance.get() as instance:
        instance.upgrade()
        assert instance.all_logs(our_run)


def test_the_state_is_in_the_folder_that_dagster_gives(tmp_path: Path) -> None:
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path), config_dir=str(ROOT))) as instance:
        assert isinstance(instance, LocalInstance)
        assert (tmp_path / "history/runs/index.db").exists()
