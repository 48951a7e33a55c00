"""The tables as the DDL in ``sql/`` describes them: columns, types, comments, keys, accepted values, sources.

What belongs here: reading that description, and what follows from it alone (DDL for another engine, Dagster's column
schema, JSONPaths). What doesn't: the rows of a table, and anything that needs a warehouse.
"""

from sparkify_dagster.tables.catalog import catalog
from sparkify_dagster.tables.description import Column, ForeignKey, Source, Table

LAKE_TABLES = ("staging_events", "staging_songs")
"""Tables that are loaded from the lake."""

STAR_TABLES = ("songplays", "users", "user_levels", "songs", "artists", "time")
"""Tables that are built from the staging tables."""

_MONTHLY_ANALYTICS = (
    "plays_by_month",
    "plays_by_song",
    "plays_by_hour",
    "plays_by_place",
    "plays_by_device",
    "plays_by_listener",
    "session_lengths",
    "listeners",
)

ANALYTICS_TABLES = (*_MONTHLY_ANALYTICS, "retention", "subscriptions", "songs_never_played")
"""Tables that answer questions, built from the star schema."""

LEDGER_TABLES = ("loads", "load_files", "rejected_records", "retracted_keys", "table_builds", "warehouse_lock")
"""Tables that keep the books."""

MONTHLY_TABLES = ("staging_events", "songplays", "time", *_MONTHLY_ANALYTICS)
"""Tables whose partitions are log months."""

BASE_TABLES: tuple[str, ...] = LAKE_TABLES + STAR_TABLES + LEDGER_TABLES
"""Tables that a load needs."""

DERIVED_TABLES: tuple[str, ...] = STAR_TABLES + ANALYTICS_TABLES
"""Tables that hold nothing that does not follow from others."""

ALL_TABLES: tuple[str, ...] = BASE_TABLES + ANALYTICS_TABLES

FREE_TEXTS = frozenset({"artist", "artist_name", "song", "title"})
"""Columns whose texts may well be numbers, as titles are: there the text does not tell a string from a number."""

LAST_TIMESTAMP_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, in epoch milliseconds, UTC: what a TIMESTAMP of either engine holds."""

__all__ = [
    "ALL_TABLES",
    "ANALYTICS_TABLES",
    "BASE_TABLES",
    "DERIVED_TABLES",
    "FREE_TEXTS",
    "LAKE_TABLES",
    "LAST_TIMESTAMP_MS",
    "LEDGER_TABLES",
    "MONTHLY_TABLES",
    "STAR_TABLES",
    "Column",
    "ForeignKey",
    "Source",
    "Table",
    "catalog",
]
