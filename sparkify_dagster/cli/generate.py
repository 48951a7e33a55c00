"""``sparkify generate``: the simulator.

What belongs here: calling it, with progress. What doesn't: simulating.
"""

import logging
import time
from pathlib import Path

from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.simulator import SimulatedLake, generate_lake

_log = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 1.0


def write_lake(
    folder: Path, *, events: int, months: int, songs: int, users: int, first_month: str, seed: int
) -> SimulatedLake:
    """Writes a simulated lake.

    Raises:
        SparkifyError: The folder holds a lake already, or the numbers don't fit together.
    """
    try:
        return generate_lake(
            folder,
            events=events,
            months=months,
            songs=songs,
            users=users,
            first_month=first_month,
            seed=seed,
            progress=_Progress(),
        )
    except (FileExistsError, ValueError) as error:
        raise SparkifyError(str(error)) from error
    except OSError as error:
        raise SparkifyError(f"can't write the lake: {error}") from error


def describe_lake(lake: SimulatedLake) -> str:
    """What is in it, in one line."""
    return (
        f"{lake.folder}: {lake.events:,} events of {lake.users:,} listeners in {len(lake.months)} months "
        f"({lake.months[0]} to {lake.months[-1]}), {lake.songs:,} songs, {lake.files:,} files, "
        f"{lake.bytes_written / 1e6:,.1f} MB"
    )


class _Progress:
    """Tells how far the simulator is, now and then."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if time.monotonic() - self._told >= SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            _log.info("%s: %s of %s written", what, f"{done:,}", f"{total:,}")
