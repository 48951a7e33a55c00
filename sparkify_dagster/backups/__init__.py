"""Backups of the embedded platform: DuckDB's file, and what Dagster keeps in SQLite.

What belongs here: writing a backup, and putting one back. What doesn't: the lake, which is the source of all rows;
Redshift and PostgreSQL, which have snapshots and dumps of their own; and settings, which may be secrets.
"""

from sparkify_dagster.backups.manifest import Manifest, read_manifest
from sparkify_dagster.backups.restoring import restore
from sparkify_dagster.backups.writing import back_up

__all__ = ["Manifest", "back_up", "read_manifest", "restore"]
