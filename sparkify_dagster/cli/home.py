"""Dagster's home: where its instance keeps runs, events and sensors' state.

What belongs here: making it, with the project's dagster.yaml, where it is the platform's own. A home that the user
named is theirs: only where it has no dagster.yaml does it get one.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparkify_dagster.settings import Settings

_PACKAGE = Path(__file__).parent.parent

_EVENTS_AT_ONCE = "1000"
"""Dagster writes what it knows at the same time, such as the months that an asset was loaded for, so many at once."""


def prepare_home(settings: Settings) -> Path:
    """Makes Dagster's home, and names it in the environment for Dagster and its processes."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    instance = home / "dagster.yaml"
    wanted = _dagster_yaml()
    if not instance.exists() or (settings.manages_dagster_home and instance.read_text(encoding="utf-8") != wanted):
        instance.write_text(wanted, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", _EVENTS_AT_ONCE)
    return home


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Lets one process at a time open Dagster's instance.

    The platform's own needs it not; but a home that the user named may have Dagster's own storage, and of two processes
    that make its databases at once, one fails.
    """
    with (home / ".sparkify.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _dagster_yaml() -> str:
    packed = _PACKAGE / "dagster.yaml"
    return (packed if packed.exists() else _PACKAGE.parent / "dagster.yaml").read_text(encoding="utf-8")
