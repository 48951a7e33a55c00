"""The checks that say more than a constraint: their SQL is in ``sql/checks``.

What belongs here: which of them guards which table, and what its failure means. What doesn't: SQL.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date

from sparkify_dagster.checks.check import (
    EXAMPLES,
    Check,
    Finding,
    Scope,
    find_rows,
    measure,
)
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.loading.load import list_files
from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY, KnownFile, compare, known_files
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.sqlfiles import statements
from sparkify_dagster.tables import LAKE_TABLES, catalog

ALL_FILES_LOADED = "all_files_loaded"
"""The check that holds the whole lake against the ledger. Loads leave it out: each has just listed what it takes, and a
file that comes meanwhile, which the next load takes, would fail it."""

FRESHNESS = "freshness"
"""The check that looks at the newest event."""

RECONCILING = (ALL_FILES_LOADED, "no_files_gone", "no_refused_files", "records_accounted")
"""The checks of a staging table that hold lake, ledger and rows against each other."""

_SECONDS_TO_LOAD = 900.0
"""A file that came later is no reason to wonder that it is not loaded: the sensors ask each half minute, runs queue."""

_PARTS = {"staging_events": LOG_PART, "staging_songs": SONG_PART}


def written_checks() -> Iterator[Check]:
    """The written checks."""
    for table in LAKE_TABLES:
        yield from _load_checks(table)
    yield Check(
        "staging_events",
        "events_in_month",
        "Every event happened in the month of its file.",
        lambda scope: find_rows(scope, _sql("events_in_month")),
        warns=True,
    )
    yield Check(
        "staging_events",
        FRESHNESS,
        "The newest event is at most two days old.",
        lambda scope: measure(scope, _sql("freshness")),
        warns=True,
    )
    yield Check(
        "songplays",
        "plays_match_events",
        "The plays are the NextSong events, each counted once.",
        lambda scope: find_rows(scope, _sql("plays_match_events")),
        blocking=True,
    )
    yield Check(
        "songplays",
        "known_song_share",
        "The share of plays with a known song is at most 10 percentage points below that of the six months before.",
        lambda scope: measure(scope, _sql("known_song_share")),
        warns=True,
    )
    yield Check(
        "user_levels",
        "levels_contiguous",
        "The history of each user has no overlap and no gap, and its last stretch is the current one.",
        lambda scope: find_rows(scope, _sql("levels_contiguous")),
        blocking=True,
    )


def _load_checks(table: str) -> Iterator[Check]:
    # Of all months, whatever was asked for: a file that is refused in one month stays refused when another loads.
    named = {"table_name": table, "first_month": FIRST_DAY, "last_month": LAST_DAY}
    yield Check(
        table,
        "records_accounted",
        "For every file: records = rows loaded + records rejected, and the rows are there.",
        lambda scope: find_rows(scope, _sql(f"records_accounted_{table}")),
        blocking=True,
    )
    yield Check(
        table,
        "no_refused_files",
        "No file was refused whole for its share of bad records.",
        lambda scope: find_rows(scope, _sql("refused_files"), named),
    )
    yield Check(
        table,
        "no_rejected_records",
        "No record was rejected.",
        lambda scope: find_rows(scope, _sql("rejected_records"), named),
        warns=True,
    )
    yield Check(
        table,
        "no_unknown_fields",
        "No record has a field that no column is made from.",
        lambda scope: find_rows(scope, _sql("unknown_fields"), named),
        warns=True,
    )
    yield Check(
        table,
        "no_files_gone",
        f"Every file of {_PARTS[table]} that was loaded is still in the lake.",
        lambda scope: _find_files_gone(scope, table),
        warns=True,
    )
    yield Check(
        table,
        ALL_FILES_LOADED,
        f"Every file of {_PARTS[table]} is loaded in the version that the lake holds, or was refused in that version, "
        "but for what came in the last quarter of an hour.",
        lambda scope: _find_files_not_loaded(scope, table),
    )


def _find_files_gone(scope: Scope, table: str) -> Finding:
    if catalog()[table].has_months:
        known = known_files(scope.session, table, *(scope.months or ()))
        months = sorted({f"{file.log_month:%Y-%m}" for file in known.values() if file.log_month is not None})
        listed = list_files(scope.lake, table, (months[0], months[-1])).files if months else []
    else:
        known = known_files(scope.session, table)
        listed = list_files(scope.lake, table, None).files
    gone = compare(listed, known).gone
    sql = (
        "SELECT f.file_key, f.rows_loaded, f.load_id FROM load_files AS f "  # noqa: S608 a name of the DDL
        f"WHERE f.table_name = '{table}' AND f.removed_by IS NULL"
    )
    return Finding(not gone, len(gone), ["file_key"], [(key,) for key in gone[:EXAMPLES]], sql)


def _find_files_not_loaded(scope: Scope, table: str) -> Finding:
    if catalog()[table].has_months:
        # The first in the ledger where no months are asked for: those before the first partition are left alone.
        known = known_files(scope.session, table, *(scope.months or ()))
        first = (
            scope.months[0]
            if scope.months
            else min((f.log_month for f in known.values() if f.log_month), default=FIRST_DAY)
        )
        last = scope.months[1] if scope.months else scope.now.date()
        held = [month for month in scope.lake.log_months() if first <= first_day(month) <= last]
        listed = [file for month in held for file in scope.lake.list_logs(month).files]
    else:
        known = known_files(scope.session, table)
        listed = list_files(scope.lake, table, None).files
    # What has just come is on its way.
    before = scope.now.replace(tzinfo=UTC).timestamp() - _SECONDS_TO_LOAD
    lacking = [file for file in compare(listed, known).take if file.modified < before]
    sql = (
        "SELECT f.file_key, f.etag, f.status, f.removed_by, f.load_id FROM load_files AS f "  # noqa: S608 as above
        f"WHERE f.table_name = '{table}' ORDER BY f.file_id DESC"
    )
    shown = [(file.key, file.size, "another version" if file.key in known else "none") for file in lacking[:EXAMPLES]]
    return Finding(not lacking, len(lacking), ["file_key", "bytes", "loaded"], shown, sql)


def _months_to_look_at(scope: Scope, known: Mapping[str, KnownFile]) -> tuple[date, date]:
    """From the first month that is loaded, since those before it may be no partitions, to the current one."""
    loaded = (file.log_month for file in known.values() if file.log_month)
    return min(loaded, default=date(1970, 1, 1)), scope.now.date()


def _sql(name: str) -> str:
    (statement,) = statements(f"checks/{name}")
    return statement
