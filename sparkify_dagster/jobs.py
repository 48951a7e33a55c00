"""The jobs: which assets are materialized together.

What belongs here: their selections. What doesn't: when they run (``sensors``, ``cli``).
"""

from typing import Any

import dagster as dg

from sparkify_dagster.job_names import LOAD_CATALOGUE, LOAD_LAKE, LOAD_LOGS, LOAD_SONGS

_OF_LOGS = ("staging_events", "songplays", "users", "user_levels", "time")
_OF_SONGS = ("staging_songs", "songs", "artists")

_JOBS = {
    LOAD_LAKE: ("Loads what is new in the lake, and builds every table.", (*_OF_LOGS, *_OF_SONGS)),
    LOAD_LOGS: ("Loads what is new in the logs of a month, and builds what follows from it.", _OF_LOGS),
    LOAD_SONGS: (
        "Loads what is new among the songs, and matches the plays of a range of log months again.",
        (*_OF_SONGS, "songplays", "time"),
    ),
    LOAD_CATALOGUE: ("Loads what is new among the songs, where no plays are loaded yet.", _OF_SONGS),
}


# Dagster has no public name for the type of a job that is not resolved yet.
def jobs_by_name() -> dict[str, Any]:
    """The jobs."""
    return {
        name: dg.define_asset_job(name, selection=dg.AssetSelection.assets(*assets), description=description)
        for name, (description, assets) in _JOBS.items()
    }
