"""A backup: what is in it, that it is of one moment, and what is left where it can't be made."""

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sparkify_dagster.backups import back_up, read_manifest, writing
from sparkify_dagster.backups.manifest import check_files
from sparkify_dagster.cli.backup import make_backup
from sparkify_dagster.errors import SparkifyError, WarehouseBusy
from sparkify_dagster.settings import read_settings
from sparkify_dagster.tables import BASE_TABLES
from sparkify_dagster_tests.lakes import play

from .conftest import LATER, NOVEMBER, Embedded
from .killed import killed_while_backing_up

ROOT = Path(__file__).parent.parent.parent

LOOKED_AT = (
    "SELECT table_name, column_name, data_type, column_default, comment FROM duckdb_columns() ORDER BY ALL",
    "SELECT table_name, comment, estimated_size FROM duckdb_tables() ORDER BY ALL",
    *(f"FROM {table} ORDER BY ALL" for table in BASE_TABLES),
)

OPEN = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True)"

LOAD_ALL_THE_TIME = """
import os, sys
from pathlib import Path
from sparkify_dagster.settings import read_settings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.contract.deployment import Deployment
from sparkify_dagster_tests.contract.stores import FolderStore
from sparkify_dagster_tests.lakes import play

settings = read_settings(dict(os.environ))
warehouse = DuckDBWarehouse(settings.duckdb_path, lock_wait=30)
deployment = Deployment(FolderStore(Path(settings.lake)), warehouse)
for number in range(100, 10_000):
    deployment.put(f"log_data/2018/11/{number}.json", [play(sessionId=number)] * (number % 7 + 1))
    deployment.load_events(("2018-11", "2018-11"))
    deployment.build("songplays", ("2018-11", "2018-11"))
    warehouse.close()
    print(number, flush=True)
"""


def looked_at(path: Path) -> list[Any]:
    with duckdb.connect(path, read_only=True) as connection:
        return [connection.execute(statement).fetchall() for statement in LOOKED_AT]


def test_a_backup_holds_the_whole_warehouse_and_dagsters_databases(embedded: Embedded) -> None:
    manifest = back_up(embedded.settings, embedded.folder / "to/backup")

    folder = embedded.folder / "to/backup"
    assert looked_at(folder / "warehouse.duckdb") == looked_at(embedded.settings.duckdb_path)
    assert manifest == read_manifest(folder)
    check_files(folder, manifest)
    assert manifest.rows["staging_events"] == manifest.rows["songplays"] == 1
    assert set(manifest.rows) == set(BASE_TABLES)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"manifest.json", *manifest.files}
    assert {"dagster/history/runs.db", "dagster/history/runs/index.db", "dagster/schedules/schedules.db"} < found
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_killed_process_left_in_the_log_beside_the_warehouse_is_in_the_backup(embedded: Embedded) -> None:
    path = embedded.settings.duckdb_path
    insert = "INSERT INTO retracted_keys SELECT 1, 'user', '7'"
    script = f'import duckdb, os; c = duckdb.connect({str(path)!r}); c.execute("{insert}"); os.kill(os.getpid(), 9)'
    subprocess.run([sys.executable, "-c", script], check=False)
    assert Path(f"{path}.wal").stat().st_size > 0

    manifest = back_up(embedded.settings, embedded.folder / "backup")

    assert manifest.rows["retracted_keys"] == 1
    with duckdb.connect(embedded.folder / "backup/warehouse.duckdb") as connection:
        assert connection.execute("SELECT entity_key FROM retracted_keys").fetchall() == [("7",)]


@pytest.mark.slow
def test_a_backup_beside_loads_is_of_one_moment(embedded: Embedded) -> None:
    settings = read_settings({**embedded.environment, "SPARKIFY_LOCK_WAIT": "60"})
    surroundings = {**os.environ, **embedded.environment, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", LOAD_ALL_THE_TIME], env=surroundings, stdout=subprocess.PIPE, text=True
    ) as loader:
        try:
            assert loader.stdout is not None
            assert loader.stdout.readline()
            held = [back_up(settings, embedded.folder / f"backup-{number}").rows for number in range(2)]
            assert loader.stdout.readline()
        finally:
            loader.kill()
    for number, rows in enumerate(held):
        with duckdb.connect(embedded.folder / f"backup-{number}/warehouse.duckdb") as connection:
            in_the_ledger = (
                "SELECT CAST(SUM(rows_loaded) AS BIGINT) FROM load_files WHERE table_name = 'staging_events'"
            )
            (staged,) = connection.execute("SELECT COUNT(*) FROM staging_events").fetchall()
            assert connection.execute(in_the_ledger).fetchall() == [staged]
            assert staged == (rows["staging_events"],)


def test_nobody_opens_the_warehouse_while_it_is_copied(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    path = embedded.settings.duckdb_path
    said: list[str] = []
    write = writing.write_manifest

    def try_first(*arguments: Any) -> None:
        # The copy is written by now, and everything of it closed.
        done = subprocess.run([sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True, check=False)
        said.append(done.stderr)
        write(*arguments)

    monkeypatch.setattr(writing, "write_manifest", try_first)
    back_up(embedded.settings, embedded.folder / "backup")
    assert f"(PID {os.getpid()})" in said[0]
    assert subprocess.run([sys.executable, "-c", OPEN, str(path)], check=False).returncode == 0


def test_a_warehouse_that_is_held_too_long_is_not_backed_up(embedded: Embedded) -> None:
    hold = f"import duckdb; c = duckdb.connect({str(embedded.settings.duckdb_path)!r}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WarehouseBusy, match=rf"in use by process {holder.pid}\b"):
            back_up(embedded.settings, embedded.folder / "backup")
        holder.communicate(b"\n")
    assert not [path for path in embedded.folder.iterdir() if path.name.startswith("backup")]


def test_dagsters_databases_are_whole_while_others_write_to_them(embedded: Embedded) -> None:
    path = embedded.settings.dagster_home / "history/runs.db"
    stop = threading.Event()
    began = threading.Event()

    def write() -> None:
        with contextlib.closing(sqlite3.connect(path, timeout=60)) as database:
            database.execute("CREATE TABLE pairs (a INTEGER, b TEXT)")
            number = 0
            while not stop.is_set():
                number += 1
                with database:
                    database.executemany("INSERT INTO pairs VALUES (?, ?)", [(number, "x" * 500)] * 2)
                began.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert began.wait(30)
        back_up(embedded.settings, embedded.folder / "backup")
    finally:
        stop.set()
        writer.join()
    with contextlib.closing(sqlite3.connect(embedded.folder / "backup/dagster/history/runs.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ((count, numbers),) = copy.execute("SELECT COUNT(*), COUNT(DISTINCT a) FROM pairs").fetchall()
    assert count == 2 * numbers > 0


def test_a_destination_that_is_there_is_left_alone(embedded: Embedded) -> None:
    (embedded.folder / "backup").mkdir()
    with pytest.raises(SparkifyError, match=r"backup is there already: name a folder that is not\.$"):
        back_up(embedded.settings, embedded.folder / "backup")
    assert not any((embedded.folder / "backup").iterdir())


def test_where_nothing_was_loaded_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(SparkifyError, match="There is no warehouse at"):
        back_up(read_settings({}, tmp_path), tmp_path / "backup")
    assert not any(tmp_path.iterdir())


def test_an_address_is_no_destination(embedded: Embedded) -> None:
    with pytest.raises(SparkifyError, match="is no folder"):
        make_backup(embedded.settings, Path("s3://bucket/backup"))


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("sparkify_dagster.backups.writing:digest_of", 1),
        ("sparkify_dagster.backups.copying:os.fsync", 1),
        ("sparkify_dagster.backups.writing:write_manifest", 1),
        ("sparkify_dagster.backups.writing:Path.rename", 1),
    ],
)
def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole_and_the_next_one_is(
    at: str, number: int, embedded: Embedded
) -> None:
    killed_while_backing_up(at, number, embedded.environment, embedded.folder / "backup")
    assert not (embedded.folder / "backup").exists()

    back_up(embedded.settings, embedded.folder / "backup")

    check_files(embedded.folder / "backup", read_manifest(embedded.folder / "backup"))
    assert not (embedded.folder / "backup.unfinished").exists()


def test_without_room_on_the_disk_one_line_says_so_and_nothing_is_left(embedded: Embedded) -> None:
    script = (
        "import os, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from sparkify_dagster.backups import back_up\n"
        "from sparkify_dagster.errors import SparkifyError\n"
        "from sparkify_dagster.settings import read_settings\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    back_up(read_settings(dict(os.environ)), Path(sys.argv[1]))\n"
        "except SparkifyError as error:\n"
        "    print(error)\n"
    )
    destination = embedded.folder / "backup"
    surroundings = {**os.environ, **embedded.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(destination)], env=surroundings, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        f"there is no room on the disk for {destination}; no backup was made. Make room there, and try again.\n"
    )
    assert not [path for path in embedded.folder.iterdir() if path.name.startswith("backup")]


def test_a_state_that_postgresql_keeps_is_left_to_pg_dump(
    embedded: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    storage = {"storage": {"postgres": {"postgres_url": {"env": "DAGSTER_PG_URL"}}}}
    (embedded.settings.dagster_home / "dagster.yaml").write_text(json.dumps(storage))
    make_backup(embedded.settings, embedded.folder / "backup")
    assert capsys.readouterr().err == "Dagster's state is in PostgreSQL, and not part of this: pg_dump backs it up.\n"
    assert list(read_manifest(embedded.folder / "backup").files) == ["warehouse.duckdb"]


@pytest.mark.parametrize(
    ("how", "command"),
    [
        ({"REDSHIFT_CLUSTER_IDENTIFIER": "dwh", "REDSHIFT_USER": "etl"}, "aws redshift create-cluster-snapshot"),
        ({"REDSHIFT_WORKGROUP": "dwh"}, "aws redshift-serverless create-snapshot"),
    ],
)
def test_redshift_is_backed_up_by_snapshots_and_one_line_says_how(
    how: dict[str, str], command: str, tmp_path: Path
) -> None:
    redshift = {
        "SPARKIFY_WAREHOUSE": "redshift",
        "SPARKIFY_LAKE": "s3://lake",
        "SPARKIFY_MANIFESTS": "s3://manifests/copy",
        "REDSHIFT_DATABASE": "dwh",
        "REDSHIFT_IAM_ROLE_ARN": "default",
        **how,
    }
    for words in (["backup", "there"], ["restore", "there", "--yes"]):
        done = subprocess.run(
            [sys.executable, "-m", "sparkify_dagster.cli", *words],
            cwd=tmp_path,
            env={**os.environ, **redshift},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith("sparkify: Redshift is backed up by snapshots")
        assert command in done.stderr
        assert done.stderr.count("\n") == 1
    assert not any(tmp_path.iterdir())


def test_a_backup_of_what_an_older_version_made_is_possible(embedded: Embedded) -> None:
    """Since one is advised before an upgrade, and the new version may be installed by then."""
    with duckdb.connect(embedded.settings.duckdb_path) as connection:
        connection.execute("ALTER TABLE songplays DROP COLUMN user_agent")
    assert back_up(embedded.settings, embedded.folder / "backup").rows["songplays"] == 1


def test_the_files_of_the_lake_are_no_part_of_it(embedded: Embedded) -> None:
    embedded.deployment.put(LATER, [play(1, sessionId=2)])
    manifest = back_up(embedded.settings, embedded.folder / "backup")
    assert not [name for name in manifest.files if NOVEMBER in name or LATER in name]
    assert embedded.sessions() == [1]
