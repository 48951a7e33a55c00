"""Opens what the settings name, for commands that need no Dagster.

What belongs here: lake and warehouse. What doesn't: Dagster's resources.
"""

from sparkify_dagster.lake import Lake, open_lake
from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.opening import open_warehouse

SECONDS_TO_WAIT = 5.0
"""How long a command that only reads waits for a writer."""


def lake_of(settings: Settings) -> Lake:
    """The lake."""
    return open_lake(settings.log_data, settings.song_data, settings.lake)


def warehouse_of(settings: Settings, *, read_only: bool = False) -> Warehouse:
    """The warehouse."""
    wait = min(settings.lock_wait, SECONDS_TO_WAIT) if read_only else settings.lock_wait
    return open_warehouse(settings, read_only=read_only, lock_wait=wait)
