"""The tables in groups, as the UI has them.

What belongs here: which table is in which group, and what a group is for. What doesn't: the tables themselves.
"""

from dataclasses import dataclass

from sparkify_dagster.tables import ANALYTICS_TABLES, LAKE_TABLES, LEDGER_TABLES, STAR_TABLES


@dataclass(frozen=True, slots=True)
class Group:
    """Tables that belong together.

    Attributes:
        name: Its name, as assets have it.
        title: The same as a heading.
        about: What it is for, in a sentence or two.
        tables: The names of its tables.
    """

    name: str
    title: str
    about: str
    tables: tuple[str, ...]


GROUPS = (
    Group("staging", "Staging", "The records of the lake, as they came: what all else is made from.", LAKE_TABLES),
    Group("star", "Star", "Plays, and what they are told apart by. Built from the staging tables.", STAR_TABLES),
    Group(
        "analytics",
        "Analytics",
        "What people ask of the plays, counted. Small tables, built from the star, read by questions and dashboard.",
        ANALYTICS_TABLES,
    ),
    Group(
        "ledger",
        "Ledger",
        "The books: what was loaded, rejected and built. Written in the transaction of the load or build itself.",
        LEDGER_TABLES,
    ),
)


def group_of(table: str) -> Group:
    """The group that a table is in."""
    return next(group for group in GROUPS if table in group.tables)
