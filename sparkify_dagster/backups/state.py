"""What Dagster keeps in SQLite below its home: runs, their events, and how far the sensors are.

What belongs here: where these databases are, copying them while others write, and putting copies in their place.
What doesn't: what is in them, and other places that a dagster.yaml may name, such as PostgreSQL.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import yaml

from sparkify_dagster.errors import SparkifyError

FOLDERS = ("history", "schedules")
"""The folders, below Dagster's home, that hold the databases."""

_STORAGES = ("storage", "run_storage", "event_log_storage", "schedule_storage")


def kept_elsewhere(home: Path) -> str | None:
    """Where Dagster's state is, for people, if dagster.yaml names another place than its home; else None.

    Raises:
        SparkifyError: dagster.yaml can't be read.
    """
    path = home / "dagster.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SparkifyError(f"{path} can't be read: {' '.join(str(error).split())}") from error
    named = {name: content[name] for name in _STORAGES if name in content} if isinstance(content, dict) else {}
    if not named:
        return None
    return "PostgreSQL" if "postgres" in str(named).lower() else f"a place that {path} names"


def copy_databases(home: Path, target: Path) -> Iterator[Path]:
    """Copies the databases, each as it is at one moment, while others may write to them.

    Yields:
        The copies, each once it is written.
    """
    for source in (path for folder in FOLDERS for path in sorted((home / folder).rglob("*.db"))):
        copy = target / source.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        # A run that somebody deletes takes its database with it.
        if source.exists():
            # Not read-only: of a database with a write-ahead log, SQLite must write the index of that log.
            with (
                closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=60)) as from_here,
                closing(sqlite3.connect(copy)) as to_there,
            ):
                from_here.backup(to_there)
            yield copy


def replace_databases(home: Path, copies: Path, aside: str) -> list[Path]:
    """Puts folders of databases in the place of those of a home.

    Args:
        home: Dagster's home.
        copies: The folder with the folders, on the same disk; they are moved.
        aside: What is added to the names of the former folders.

    Returns:
        The former folders.
    """
    former: list[Path] = []
    for name in FOLDERS:
        if not (copies / name).is_dir():
            continue
        if (home / name).exists():
            former.append((home / name).rename(home / f"{name}{aside}"))
        (copies / name).rename(home / name)
    return former
