"""Whether the tables of a warehouse are those that ``sql/tables`` describes.

What belongs here: the comparison, and what to tell people of it. What doesn't: looking at a warehouse, which each
engine does in its own way, and mending (``building.upgrade``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.tables import ALL_TABLES, DERIVED_TABLES, Column, Table, catalog


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column as it is in a warehouse.

    Attributes:
        type: Its type, in the words of the DDL and without a length.
        max_bytes: Most bytes of UTF-8 that a VARCHAR holds; None where the engine sets no limit.
        nullable: Whether it may be NULL.
    """

    type: str
    max_bytes: int | None
    nullable: bool

    @property
    def type_text(self) -> str:
        """The type as DDL writes it."""
        return self.type if self.max_bytes is None else f"{self.type}({self.max_bytes})"


FoundTables = Mapping[str, Mapping[str, FoundColumn]]
"""The tables of a warehouse by name, and of each its columns by name."""


def check_versions(found: FoundTables, location: str) -> None:
    """Checks that tables are as ``sql/tables`` describes them.

    Args:
        found: The tables that are there.
        location: Where the warehouse is, for people.

    Raises:
        WarehouseError: One is not; the message says how it differs, and what to do.
    """
    differing = differences(found)
    if not differing:
        return
    if set(differing) <= set(DERIVED_TABLES):
        remedy = "Make a backup, then run `sparkify tables upgrade` and `sparkify load`"
    else:
        remedy = "Make a backup, then run `sparkify tables drop` and `sparkify load`, which loads the whole lake anew"
    raise WarehouseError(
        f"{location} was made by another version of this software: {in_words(differing)}. Nothing was changed. "
        f"{remedy}."
    )


def in_words(differing: Mapping[str, list[str]]) -> str:
    """What ``differences`` found, as one line."""
    return "; ".join(f"{table} {' and '.join(how)}" for table, how in differing.items())


def differences(found: FoundTables) -> dict[str, list[str]]:
    """How tables that are there differ from their description; those that don't are left out."""
    compared = {name: list(_differences(catalog()[name], found[name])) for name in ALL_TABLES if name in found}
    return {name: how for name, how in compared.items() if how}


def _differences(table: Table, found: Mapping[str, FoundColumn]) -> Iterator[str]:
    lacking = [column.name for column in table.columns if column.name not in found]
    if lacking:
        yield f"lacks {', '.join(lacking)}"
    for column in table.columns:
        if column.name in found:
            yield from _differs(column, found[column.name])
    # A column more does no harm as long as a row needn't have it.
    described = {column.name for column in table.columns}
    unfilled = [name for name, column in found.items() if name not in described and not column.nullable]
    if unfilled:
        yield f"has {', '.join(unfilled)}, which must not be NULL and which nothing fills"


def _differs(column: Column, found: FoundColumn) -> Iterator[str]:
    too_short = column.max_bytes is not None and found.max_bytes is not None and found.max_bytes < column.max_bytes
    # A type that no DDL names may be the engine's own word for a type that one does.
    other_type = found.type != column.type and found.type in _types_of_the_ddl()
    if other_type or too_short:
        yield f"has {column.name} as {found.type_text}, not {column.type_text}"
    elif column.nullable and not found.nullable:
        yield f"has {column.name}, which must not be NULL and may be"


@cache
def _types_of_the_ddl() -> frozenset[str]:
    return frozenset(column.type for table in catalog().values() for column in table.columns)
