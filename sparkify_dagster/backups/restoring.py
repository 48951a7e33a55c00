"""Puts a backup back: copies are made beside what they replace, and take its place in the end.

DuckDB's file changes in one step; its former one stays under another name. So do the folders of Dagster's databases,
which change first: whoever is cut off in between has the former warehouse, and restores again.

What belongs here: that. What doesn't: checking the backup (``manifest``), whether Dagster is at work (``holders``), and
asking people.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sparkify_dagster.backups.copying import copy, explaining, settle
from sparkify_dagster.backups.manifest import WAREHOUSE, Manifest
from sparkify_dagster.backups.state import kept_elsewhere, replace_databases
from sparkify_dagster.errors import SparkifyError, WarehouseBusy, WarehouseError
from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse

_log = logging.getLogger(__name__)

_UNTOUCHED = "nothing was changed"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done.

    Attributes:
        former: What was there before, under the names that it has now.
        dagster: Whether Dagster's state was put back too.
    """

    former: list[Path]
    dagster: bool


def restore(settings: Settings, source: Path, manifest: Manifest) -> Restored:
    """Puts a backup in the place of DuckDB's warehouse and Dagster's state.

    Args:
        settings: The settings, of an embedded platform.
        source: The folder of the backup.
        manifest: Its manifest.

    Raises:
        SparkifyError: The backup is not whole, somebody is at work, or the disk is full; nothing is changed.
    """
    path, home = settings.duckdb_path, settings.dagster_home
    with_dagster = manifest.holds_dagster and not kept_elsewhere(home)
    aside = f".before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    with (
        explaining(path, _UNTOUCHED),
        _new_folder(path.with_name(f"{path.name}.restoring")) as warehouse,
        _new_folder(home / ".restoring") as state,
    ):
        _copy(source, manifest, WAREHOUSE, warehouse / WAREHOUSE)
        for name in manifest.files if with_dagster else ():
            if name != WAREHOUSE:
                _copy(source, manifest, name, state / name)
        with _alone(path):
            former = _set_aside(path, aside)
            if with_dagster:
                former += replace_databases(home, state / "dagster", aside)
            (warehouse / WAREHOUSE).replace(path)
            settle(path.parent)
    return Restored(former, with_dagster)


def _copy(source: Path, manifest: Manifest, name: str, target: Path) -> None:
    with (source / name).open("rb") as file:
        if copy(file, target) != manifest.files[name]:
            raise SparkifyError(f"{source / name} changed while it was read; {_UNTOUCHED}. Use another backup.")


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder on the disk of what is to be replaced, so that moving takes no time; removed in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds the warehouse that is there, so that nobody writes to it while it is replaced."""
    with ExitStack() as held:
        if path.exists():
            try:
                held.enter_context(DuckDBWarehouse(path, lock_wait=0).still())
            except WarehouseBusy:
                raise
            except WarehouseError as error:
                # That may be why somebody restores.
                _log.info("the former warehouse can't be opened: %s", error)
        yield


def _set_aside(path: Path, aside: str) -> list[Path]:
    """Gives DuckDB's file a second name, and takes away the log of one that can't be opened."""
    kept = path.with_name(f"{path.name}{aside}")
    log = path.with_name(f"{path.name}.wal")
    former = [log.rename(kept.with_name(f"{kept.name}.wal"))] if log.exists() else []
    if path.exists():
        # Not renamed: who waits for the warehouse must find a file there, or would make a new one.
        kept.hardlink_to(path)
        former.append(kept)
    return former
