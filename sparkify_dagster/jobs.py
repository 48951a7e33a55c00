"""The jobs: which assets are materialized together, and which checks look together.

What belongs here: their selections. What doesn't: when they run (``sensors``, ``schedules``, ``cli``).
"""

from typing import Any

import dagster as dg

from sparkify_dagster.checks.written import ALL_FILES_LOADED, FRESHNESS, RECONCILING
from sparkify_dagster.job_names import (
    LOAD_CATALOGUE,
    LOAD_LAKE,
    LOAD_LOGS,
    LOAD_SONGS,
    MAKE_MONTHLY_REPORT,
    RECONCILE,
    REFRESH_ANALYTICS,
)
from sparkify_dagster.tables import ANALYTICS_TABLES, LAKE_TABLES

_EVENTS = "staging_events"
_OF_LOGS = (_EVENTS, "songplays", "users", "user_levels", "time")
_OF_SONGS = ("staging_songs", "songs", "artists")

_JOBS = {
    LOAD_LAKE: ("Loads what is new in the lake, and builds every table.", (*_OF_LOGS, *_OF_SONGS)),
    LOAD_LOGS: ("Loads what is new in the logs of a month, and builds what follows from it.", _OF_LOGS),
    LOAD_SONGS: (
        "Loads what is new among the songs, and matches the plays of a range of log months again.",
        (*_OF_SONGS, "songplays", "time"),
    ),
    LOAD_CATALOGUE: ("Loads what is new among the songs, where no plays are loaded yet.", _OF_SONGS),
    REFRESH_ANALYTICS: (
        "Brings the tables of analytics up to date with the star schema, and makes the dashboard from them.",
        (*ANALYTICS_TABLES, "dashboard"),
    ),
    MAKE_MONTHLY_REPORT: ("Makes the report of a log month.", ("monthly_report",)),
}


# Dagster has no public name for the type of a job that is not resolved yet.
def jobs_by_name() -> dict[str, Any]:
    """The jobs."""
    jobs = {
        name: dg.define_asset_job(
            name,
            selection=dg.AssetSelection.assets(*assets) - _checks(ALL_FILES_LOADED),
            description=description,
        )
        for name, (description, assets) in _JOBS.items()
    }
    return {**jobs, RECONCILE: _reconcile()}


def _reconcile() -> Any:
    return dg.define_asset_job(
        RECONCILE,
        selection=_checks(*RECONCILING) | dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(_EVENTS), FRESHNESS)),
        description="Holds the ledger against the lake, and looks whether logs still come; it changes nothing.",
        # Loads that wait in the queue go first.
        run_tags={"dagster/priority": "-1"},
    )


def _checks(*names: str) -> dg.AssetSelection:
    """The checks of both staging tables that are called so."""
    return dg.AssetSelection.checks(
        *(dg.AssetCheckKey(dg.AssetKey(table), name) for table in LAKE_TABLES for name in names)
    )
