"""Putting a backup back: what is checked before, what is kept, and that the next load takes up what came since."""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import dagster as dg
import duckdb
import pytest
from hypothesis import given, settings

from sparkify_dagster.backups import back_up, read_manifest, restore
from sparkify_dagster.backups.holders import SECONDS_BETWEEN_NOTES, refuse_while_in_use
from sparkify_dagster.cli.backup import restore_backup
from sparkify_dagster.errors import SparkifyError, WarehouseBusy
from sparkify_dagster.location import build_defs
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.contract.budgets import QUICK, THOROUGH
from sparkify_dagster_tests.contract.strategies import lakes
from sparkify_dagster_tests.oracle import Record

from .conftest import LATER, Embedded
from .killed import killed_while_restoring

Files = dict[str, list[Record]]

NOTHING_CHANGED = [1, 2]
AS_OF_THE_BACKUP = [1]


def put_back(embedded: Embedded, backup: Path) -> list[Path]:
    return restore(embedded.settings, backup, read_manifest(backup)).former


def mark(home: Path) -> None:
    """Writes something into Dagster's state."""
    with contextlib.closing(sqlite3.connect(home / "history/runs.db")) as database, database:
        database.execute("CREATE TABLE later (a INTEGER)")


def is_marked(home: Path) -> bool:
    with contextlib.closing(sqlite3.connect(home / "history/runs.db")) as database:
        return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = 'later'").fetchall())


def test_the_warehouse_and_dagsters_state_are_as_they_were(embedded: Embedded, backup: Path) -> None:
    mark(embedded.settings.dagster_home)
    put_back(embedded, backup)
    assert embedded.sessions() == AS_OF_THE_BACKUP
    assert not is_marked(embedded.settings.dagster_home)


def test_the_next_load_takes_up_what_came_since(embedded: Embedded, backup: Path) -> None:
    never = embedded.deployment.snapshot()
    embedded.close()
    put_back(embedded, backup)
    embedded.load()
    assert embedded.deployment.snapshot() == never


def test_what_was_there_before_is_kept_and_named(
    embedded: Embedded, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark(embedded.settings.dagster_home)
    restore_backup(embedded.settings, backup, ask=False)

    named = [
        Path(line.rpartition(" ")[2]) for line in capsys.readouterr().out.splitlines() if "the former is now" in line
    ]
    assert [path.name.partition(".before-restore-")[0] for path in named] == [
        "warehouse.duckdb",
        "history",
        "schedules",
    ]
    with duckdb.connect(named[0], read_only=True) as connection:
        assert connection.execute("SELECT COUNT(*) FROM staging_events").fetchall() == [(2,)]
    with contextlib.closing(sqlite3.connect(named[1] / "runs.db")) as database:
        assert database.execute("SELECT COUNT(*) FROM later").fetchall() == [(0,)]
    assert not [*embedded.folder.rglob("*.restoring*")]


def test_a_machine_that_had_nothing_gets_all_of_it(embedded: Embedded, backup: Path) -> None:
    embedded.settings.duckdb_path.unlink()
    shutil.rmtree(embedded.settings.dagster_home)
    assert put_back(embedded, backup) == []
    assert embedded.sessions() == AS_OF_THE_BACKUP
    assert not is_marked(embedded.settings.dagster_home)


def test_a_warehouse_that_is_broken_is_replaced_and_kept_with_its_log(embedded: Embedded, backup: Path) -> None:
    path = embedded.settings.duckdb_path
    path.write_bytes(b"broken")
    Path(f"{path}.wal").write_bytes(b"a log of something else")
    former = put_back(embedded, backup)
    assert [file.read_bytes() for file in former[:2]] == [b"a log of something else", b"broken"]
    assert embedded.sessions() == AS_OF_THE_BACKUP


def test_it_asks_and_does_nothing_unless_the_answer_is_yes(
    embedded: Embedded, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(question: str, **_: Any) -> None:
        asked.append(question)
        raise click.Abort

    monkeypatch.setattr(click, "confirm", answer)
    with pytest.raises(click.Abort):
        restore_backup(embedded.settings, backup, ask=True)
    assert str(embedded.settings.duckdb_path) in asked[0]
    assert embedded.sessions() == NOTHING_CHANGED


def _cut(backup: Path) -> None:
    path = backup / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[:-1])


def _change(backup: Path) -> None:
    path = backup / "dagster/history/runs.db"
    path.write_bytes(b"X" + path.read_bytes()[1:])


def _lose(backup: Path) -> None:
    (backup / "dagster/schedules/schedules.db").unlink()


def _cut_off(backup: Path) -> None:
    (backup / "manifest.json").unlink()


def _garble(backup: Path) -> None:
    (backup / "manifest.json").write_bytes(b'{"format": 1, "files": ["\xff"]}')


def _come_from_the_future(backup: Path) -> None:
    path = backup / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))


def _lead_elsewhere(backup: Path) -> None:
    """A manifest that names a file outside of the backup, with its true digest."""
    (backup.parent / "stray").write_bytes(b"")
    path = backup / "manifest.json"
    content = json.loads(path.read_text())
    content["files"]["dagster/../../stray"] = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, r"warehouse\.duckdb is not what was written"),
        (_change, r"runs\.db is not what was written"),
        (_lose, r"schedules\.db: No such file or directory\. The backup is not whole"),
        (_cut_off, r"backup is no backup, or one that was cut off"),
        (_garble, r"backup is no backup, or one that was cut off"),
        (_come_from_the_future, r"is a backup of format 2, and this version reads format 1"),
        (_lead_elsewhere, r"backup is no backup, or one that was cut off"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_changed(
    spoil: Callable[[Path], None], said: str, embedded: Embedded, backup: Path
) -> None:
    spoil(backup)
    with pytest.raises(SparkifyError, match=said) as refused:
        restore_backup(embedded.settings, backup, ask=False)
    assert "\n" not in str(refused.value)
    assert embedded.sessions() == NOTHING_CHANGED


@contextlib.contextmanager
def process_with(opened: str, **surroundings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has opened something, and lets go of it in the end."""
    command = [sys.executable, "-c", f"{opened}; print(flush=True); input()"]
    environment = {**os.environ, **surroundings}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.communicate(b"\n")


def test_a_warehouse_that_a_process_holds_is_not_replaced(embedded: Embedded, backup: Path) -> None:
    mark(embedded.settings.dagster_home)
    opened = f"import duckdb; c = duckdb.connect({str(embedded.settings.duckdb_path)!r})"
    with process_with(opened) as holder, pytest.raises(WarehouseBusy, match=rf"in use by process {holder.pid}\b"):
        restore_backup(embedded.settings, backup, ask=False)
    assert embedded.sessions() == NOTHING_CHANGED
    assert is_marked(embedded.settings.dagster_home)


def test_while_a_process_has_dagsters_state_open_nothing_is_replaced(embedded: Embedded, backup: Path) -> None:
    opened = "import dagster; i = dagster.DagsterInstance.get(); i.get_runs_count()"
    told = "has Dagster's state in .* open: stop"
    with (
        process_with(opened, DAGSTER_HOME=str(embedded.settings.dagster_home)) as holder,
        pytest.raises(SparkifyError, match=rf"process {holder.pid} .* {told}"),
    ):
        restore_backup(embedded.settings, backup, ask=False)
    assert embedded.sessions() == NOTHING_CHANGED


class TestADaemonElsewhere:
    """One whose process can't be seen, but whose notes are in the database."""

    @pytest.fixture
    def home(self, embedded: Embedded) -> Path:
        return embedded.settings.dagster_home

    def note(self, home: Path, ago: float) -> None:
        moment = (datetime.now(UTC) - timedelta(seconds=ago)).replace(tzinfo=None)
        with contextlib.closing(sqlite3.connect(home / "history/runs.db")) as database, database:
            database.execute(
                "INSERT OR REPLACE INTO daemon_heartbeats (daemon_type, timestamp) VALUES ('SENSOR', ?)", [str(moment)]
            )

    def test_is_waited_for_and_seen_by_its_next_note(self, home: Path) -> None:
        self.note(home, ago=10)
        with pytest.raises(SparkifyError, match="a daemon of Dagster is at work on"):
            refuse_while_in_use(home, pause=lambda seconds: self.note(home, ago=0))

    def test_is_gone_where_no_other_note_comes(self, home: Path) -> None:
        self.note(home, ago=10)
        waited: list[float] = []
        refuse_while_in_use(home, pause=waited.append)
        assert 0 < waited[0] <= SECONDS_BETWEEN_NOTES - 10

    def test_that_noted_nothing_for_long_is_not_waited_for(self, home: Path) -> None:
        self.note(home, ago=SECONDS_BETWEEN_NOTES)
        refuse_while_in_use(home, pause=lambda seconds: pytest.fail("there is nothing to wait for"))


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("sparkify_dagster.backups.copying:os.fsync", 1),
        ("pathlib:Path.hardlink_to", 1),
        *(("pathlib:Path.rename", number) for number in (1, 2, 3, 4)),
        ("pathlib:Path.replace", 1),
        ("sparkify_dagster.backups.restoring:settle", 1),
    ],
)
def test_a_restore_that_is_killed_leaves_the_old_or_the_new_warehouse_and_can_be_done_again(
    at: str, number: int, embedded: Embedded, backup: Path
) -> None:
    killed_while_restoring(at, number, embedded.environment, backup)
    assert embedded.sessions() == (AS_OF_THE_BACKUP if "settle" in at else NOTHING_CHANGED)

    put_back(embedded, backup)

    assert embedded.sessions() == AS_OF_THE_BACKUP
    assert not is_marked(embedded.settings.dagster_home)
    assert not [path for path in embedded.folder.rglob("*") if "restoring" in path.name]


def test_without_room_on_the_disk_nothing_is_changed(embedded: Embedded, backup: Path) -> None:
    script = (
        "import os, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from sparkify_dagster.backups import read_manifest, restore\n"
        "from sparkify_dagster.errors import SparkifyError\n"
        "from sparkify_dagster.settings import read_settings\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))\n"
        "source = Path(sys.argv[1])\n"
        "try:\n"
        "    restore(read_settings(dict(os.environ)), source, read_manifest(source))\n"
        "except SparkifyError as error:\n"
        "    print(error)\n"
    )
    surroundings = {**os.environ, **embedded.environment, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(backup)], env=surroundings, capture_output=True, text=True, check=True
    )
    path = embedded.settings.duckdb_path
    assert done.stdout == (
        f"there is no room on the disk for {path}; nothing was changed. Make room there, and try again.\n"
    )
    assert embedded.sessions() == NOTHING_CHANGED


def test_a_state_that_postgresql_keeps_stays_as_it_is(
    embedded: Embedded, backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark(embedded.settings.dagster_home)
    (embedded.settings.dagster_home / "dagster.yaml").write_text("storage:\n  postgres:\n    postgres_url: x\n")
    restore_backup(embedded.settings, backup, ask=False)
    assert "Dagster's state is in PostgreSQL" in capsys.readouterr().err
    assert embedded.sessions() == AS_OF_THE_BACKUP
    assert is_marked(embedded.settings.dagster_home)


def _tick(embedded: Embedded, cursor: str | None) -> tuple[str, list[str]]:
    """A tick of the sensor of the logs: its cursor, and the run keys that it asks for."""
    definitions = build_defs(read_settings(embedded.environment))
    repository = definitions.get_repository_def()
    resources = {name: (definitions.resources or {})[name] for name in ("lake", "announcements", "warehouse_reader")}
    with dg.build_sensor_context(cursor=cursor, repository_def=repository, resources=resources) as context:
        tick = repository.get_sensor_def("new_logs").evaluate_tick(context)
    return tick.cursor or "", [str(request.run_key) for request in tick.run_requests or []]


def test_a_sensor_takes_up_what_came_since_only_if_its_memory_went_back_too(embedded: Embedded, backup: Path) -> None:
    """So whoever puts back a warehouse alone, such as a snapshot of Redshift, has to load once by hand."""
    path = embedded.settings.duckdb_path
    shutil.copy(path, f"{path}.now")
    shutil.copy(backup / "warehouse.duckdb", path)
    (embedded.folder / "lake" / LATER).rename(embedded.folder / "aside")
    as_of_the_backup, keys = _tick(embedded, None)
    assert keys == []
    (embedded.folder / "aside").rename(embedded.folder / "lake" / LATER)
    now, keys_then = _tick(embedded, as_of_the_backup)
    assert len(keys_then) == 1
    shutil.copy(f"{path}.now", path)
    now, keys = _tick(embedded, now)
    assert keys == []

    put_back(embedded, backup)

    assert _tick(embedded, now)[1] == []
    # To a Dagster that remembers the run of that key, nothing new.
    assert _tick(embedded, as_of_the_backup)[1] == keys_then


def _same_as_never_restored(embedded: Embedded, before: Files, since: Files) -> None:
    deployment = embedded.deployment
    deployment.begin_anew()
    deployment.put_all(before)
    embedded.load()
    backup = embedded.folder / "of an example"
    back_up(embedded.settings, backup)
    deployment.put_all(since)
    embedded.load()
    never = deployment.snapshot()
    embedded.close()

    put_back(embedded, backup)
    embedded.load()

    assert deployment.snapshot() == never
    deployment.check({**before, **since})
    for path in (backup, *embedded.folder.rglob("*.before-restore-*")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@given(before=lakes(), since=lakes())
@settings(QUICK, max_examples=2)
def test_whatever_was_loaded_since_a_load_after_a_restore_gives_the_same_rows(
    embedded: Embedded, before: Files, since: Files
) -> None:
    _same_as_never_restored(embedded, before, since)


@pytest.mark.slow
@given(before=lakes(), since=lakes())
@settings(THOROUGH, max_examples=50)
def test_whatever_was_loaded_since_a_load_after_a_restore_gives_the_same_rows_at_length(
    embedded: Embedded, before: Files, since: Files
) -> None:
    _same_as_never_restored(embedded, before, since)
