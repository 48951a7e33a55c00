"""Makes tables of the star and of analytics anew that another version of the platform made with other columns.

They hold nothing that does not follow from the staging tables: they are dropped, what the ledger says of them is
forgotten, and the next load builds them. Staging tables and the ledger can't be made anew that way.

What belongs here: that. What doesn't: finding out how tables differ (``tables.versions``).
"""

from collections.abc import Collection

from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY
from sparkify_dagster.tables import DERIVED_TABLES, catalog
from sparkify_dagster.tables.catalog import creation_order
from sparkify_dagster.tables.versions import check_versions, differences
from sparkify_dagster.warehouse import Value, Warehouse


def tables_to_make_anew(warehouse: Warehouse) -> dict[str, list[str]]:
    """The tables of the star and of analytics that differ from their description, and how.

    Raises:
        WarehouseError: Other tables differ too; nothing of what is loaded can be kept.
    """
    found = warehouse.found_tables()
    check_versions({name: columns for name, columns in found.items() if name not in DERIVED_TABLES}, warehouse.location)
    return differences(found)


def with_referring(tables: Collection[str]) -> list[str]:
    """Tables, and those that refer to them: Redshift drops no table that another one refers to. Each before those."""
    wanted: list[str] = []
    for name in creation_order():
        if name in tables or any(key.table in wanted for key in catalog()[name].foreign_keys):
            wanted.append(name)
    return wanted[::-1]


def make_anew(warehouse: Warehouse, tables: Collection[str]) -> None:
    """Drops tables of the star or of analytics, forgets how far they were built, and creates them empty.

    A process that is killed leaves all of them as they were, or none, which the next load creates.

    Args:
        warehouse: The warehouse.
        tables: The tables, each before those that it refers to (``with_referring``).
    """
    with warehouse.transaction("upgrade") as session:
        for table in tables:
            session.query(f"DROP TABLE IF EXISTS {table}")
            forgotten: dict[str, Value] = {"table_name": table, "first_month": FIRST_DAY, "last_month": LAST_DAY}
            session.run("ledger/forget_builds", forgotten)
    warehouse.create_tables(tables)
