"""Where Dagster keeps what it knows: in SQLite, for runs that take seconds; in PostgreSQL, which may be away a while.

What belongs here: what ``dagster.yaml`` names as the instance of the embedded platform, and how its databases are made,
opened and written; and the storage that ``deploy/dagster.yaml`` names (``postgres``, imported where it is installed).
What doesn't: what is in them, which is Dagster's affair: files, tables and versions are those that Dagster makes, and
its tools work on them.

Dagster has no public names for the storages of an instance, nor for the parts that they are made of.
"""

from sparkify_dagster.instance.local import LocalInstance
from sparkify_dagster.instance.storage import LocalStorage

__all__ = ["LocalInstance", "LocalStorage"]
