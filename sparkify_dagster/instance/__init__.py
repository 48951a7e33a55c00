"""Dagster's instance of the embedded platform: Dagster's own, on SQLite, made for a run that takes seconds.

What belongs here: what ``dagster.yaml`` names as the instance, and how its databases are made, opened and written. What
doesn't: what is in them, which is Dagster's affair: files, tables and versions are those that Dagster makes itself, and
its tools work on them.

Dagster has no public names for the storages of an instance, nor for the parts that they are made of.
"""

from sparkify_dagster.instance.local import LocalInstance
from sparkify_dagster.instance.storage import LocalStorage

__all__ = ["LocalInstance", "LocalStorage"]
