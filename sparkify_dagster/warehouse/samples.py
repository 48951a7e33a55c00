"""Some rows of a table, for people to look at.

What belongs here: which rows. What doesn't: showing them.
"""

from sparkify_dagster.tables import catalog
from sparkify_dagster.warehouse.base import Selection, Session


def sample_rows(session: Session, table: str, count: int) -> Selection:
    """The first rows of a table by its key; where it declares none, some rows."""
    key = ", ".join(catalog()[table].primary_key)
    order = f" ORDER BY {key}" if key else ""
    return session.select(f"SELECT * FROM {table}{order} LIMIT {count:d}")  # noqa: S608 names of the DDL
