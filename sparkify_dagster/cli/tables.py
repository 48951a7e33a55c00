"""``sparkify tables``: creating, dropping, and making anew what another version made.

What belongs here: asking and telling. What doesn't: DDL.
"""

import click

from sparkify_dagster.building.upgrade import make_anew, tables_to_make_anew, with_referring
from sparkify_dagster.cli.opening import warehouse_of
from sparkify_dagster.cli.output import say
from sparkify_dagster.settings import Settings
from sparkify_dagster.tables import ALL_TABLES
from sparkify_dagster.tables.versions import in_words


def create_tables(settings: Settings) -> None:
    """Creates the tables that are missing."""
    warehouse = warehouse_of(settings)
    created = warehouse.create_tables(ALL_TABLES)
    warehouse.close()
    say(f"created {', '.join(created)} in {warehouse.location}" if created else "All tables are there.")


def drop_tables(settings: Settings, *, ask: bool) -> None:
    """Drops the platform's tables."""
    warehouse = warehouse_of(settings)
    there = warehouse.found_tables()
    if not there:
        say("There are no tables to drop.")
        return
    if ask:
        click.confirm(f"Drop {', '.join(there)} in {warehouse.location}, with all that is in them?", abort=True)
    dropped = warehouse.drop_tables()
    warehouse.close()
    say(f"dropped {', '.join(dropped)} in {warehouse.location}")


def upgrade_tables(settings: Settings, *, ask: bool) -> None:
    """Makes tables of the star and of analytics anew that another version made with other columns."""
    warehouse = warehouse_of(settings)
    differing = tables_to_make_anew(warehouse)
    if not differing:
        say("All tables are as this version describes them.")
        return
    say(f"In {warehouse.location}, {in_words(differing)}.")
    dropped = with_referring(differing)
    if ask:
        click.confirm(f"Drop {', '.join(dropped)}, to be built anew?", abort=True)
    make_anew(warehouse, dropped)
    warehouse.close()
    say(f"made {', '.join(dropped)} anew, empty: run `sparkify load` and `sparkify analyze`, which build them.")
