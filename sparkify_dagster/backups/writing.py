"""Writes a backup: into a folder of another name, which gets its own when all is in it.

The state of Dagster comes first, the warehouse after it: a sensor that remembers less than the warehouse holds asks the
ledger, and finds it loaded; one that remembered more would look for nothing. DuckDB's file is copied as it is, which
keeps all that is in it and takes a sixth of the time of copying the tables; the warehouse's lock is held meanwhile.

What belongs here: that. What doesn't: the way back (``restoring``).
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sparkify_dagster.backups.copying import Copied, copy, digest_of, explaining, settle
from sparkify_dagster.backups.manifest import WAREHOUSE, Manifest, describe, write_manifest
from sparkify_dagster.backups.state import copy_databases, kept_elsewhere
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse.counts import count_rows
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse


def back_up(settings: Settings, destination: Path) -> Manifest:
    """Writes a backup of DuckDB's warehouse and Dagster's state.

    Args:
        settings: The settings, of an embedded platform.
        destination: The folder, which must not be there.

    Raises:
        SparkifyError: It can't be written; nothing that looks like a backup is left.
        WarehouseBusy: Another process holds the warehouse for longer than the settings allow.
    """
    if destination.exists() or destination.is_symlink():
        raise SparkifyError(f"{destination} is there already: name a folder that is not.")
    if not settings.duckdb_path.exists():
        raise SparkifyError(f"There is no warehouse at {settings.duckdb_path} yet, and nothing to back up.")
    warehouse = DuckDBWarehouse(settings.duckdb_path, lock_wait=settings.lock_wait)
    with ExitStack() as after, explaining(destination, "no backup was made"):
        made_at = datetime.now(UTC).replace(microsecond=0)
        rows = _count_rows(warehouse)
        with warehouse.still() as path, _unfinished(destination) as folder:
            files = dict(_copy_state(settings.dagster_home, folder))
            # Closed last of all: a process that closes a file takes every lock off it, DuckDB's too.
            source = after.enter_context(path.open("rb"))
            files[WAREHOUSE] = copy(source, folder / WAREHOUSE)
            manifest = describe(made_at, rows, files)
            write_manifest(folder, manifest)
    return manifest


def _count_rows(warehouse: DuckDBWarehouse) -> dict[str, int]:
    with warehouse.reading() as session:
        return {name: count_rows(session, name) for name in warehouse.found_tables()}


def _copy_state(home: Path, folder: Path) -> Iterator[tuple[str, Copied]]:
    if kept_elsewhere(home):
        return
    for path in copy_databases(home, folder / "dagster"):
        yield path.relative_to(folder).as_posix(), digest_of(path)


@contextmanager
def _unfinished(destination: Path) -> Iterator[Path]:
    """A folder that becomes the destination in the end, or is removed."""
    folder = destination.with_name(f"{destination.name}.unfinished")
    # Of a process that was killed: this one has the warehouse's lock, so no other is at it.
    shutil.rmtree(folder, ignore_errors=True)
    destination.parent.mkdir(parents=True, exist_ok=True)
    # What is in it, people's names among it, is for whoever makes it.
    folder.mkdir(mode=0o700)
    try:
        yield folder
        settle(folder)
        folder.rename(destination)
        settle(destination.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
