"""``sparkify generate``: the simulator.

What belongs here: calling it, with progress. What doesn't: simulating.
"""

import logging
from pathlib import Path

from sparkify_dagster.cli.output import say
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.simulator import SimulatedLake, generate_lake

_log = logging.getLogger(__name__)


def write_lake(
    folder: Path, *, events: int, months: int, songs: int, users: int, first_month: str, seed: int
) -> SimulatedLake:
    """Writes a simulated lake and says what is in it.

    Raises:
        SparkifyError: The folder holds a lake already, or the numbers don't fit together.
    """
    told: dict[str, int] = {}

    def progress(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if told.get(what) != tenth:
            told[what] = tenth
            _log.info("%s: %s of %s", what, f"{done:,}", f"{total:,}")

    try:
        lake = generate_lake(
            folder,
            events=events,
            months=months,
            songs=songs,
            users=users,
            first_month=first_month,
            seed=seed,
            progress=progress,
        )
    except (FileExistsError, ValueError) as error:
        raise SparkifyError(str(error)) from error
    except OSError as error:
        raise SparkifyError(f"can't write the lake: {error}") from error
    say(
        f"{folder}: {lake.events:,} events of {lake.users:,} listeners in {len(lake.months)} months "
        f"({lake.months[0]} to {lake.months[-1]}), {lake.songs:,} songs, {lake.files:,} files, "
        f"{lake.bytes_written / 1e6:,.1f} MB"
    )
    return lake
