"""``sparkify tables``: creating and dropping.

What belongs here: asking and telling. What doesn't: DDL.
"""

import click

from sparkify_dagster.cli.opening import warehouse_of
from sparkify_dagster.cli.output import say
from sparkify_dagster.settings import Settings


def create_tables(settings: Settings) -> None:
    """Creates the tables that are missing."""
    warehouse = warehouse_of(settings)
    created = warehouse.create_tables()
    warehouse.close()
    say(f"created {', '.join(created)} in {warehouse.location}" if created else "All tables are there.")


def drop_tables(settings: Settings, *, ask: bool) -> None:
    """Drops the platform's tables."""
    warehouse = warehouse_of(settings)
    there = warehouse.tables()
    if not there:
        say("There are no tables to drop.")
        return
    if ask:
        click.confirm(f"Drop {', '.join(there)} in {warehouse.location}, with all that is in them?", abort=True)
    dropped = warehouse.drop_tables()
    warehouse.close()
    say(f"dropped {', '.join(dropped)} in {warehouse.location}")
