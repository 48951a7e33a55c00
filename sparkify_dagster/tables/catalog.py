"""The tables by name: the DDL files as descriptions.

What belongs here: which tables there are, and keeping their descriptions, as JSON, for processes to come. What doesn't:
what the DDL means (``parsing``).
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import Any

from sparkify_dagster.kept import kept
from sparkify_dagster.sqlfiles import read_sql, sql_names
from sparkify_dagster.tables.description import Column, ForeignKey, Source, Table


@cache
def catalog() -> Mapping[str, Table]:
    """The tables by name, as the files of ``sql/tables`` describe them."""
    return MappingProxyType({name: _table(read_sql(f"tables/{name}")) for name in sql_names("tables")})


def creation_order() -> list[str]:
    """The names of the tables, each after those that it refers to."""
    references = {name: {key.table for key in table.foreign_keys} for name, table in catalog().items()}
    return list(TopologicalSorter(references).static_order())


def _table(ddl: str) -> Table:
    plain = kept("table", ddl, lambda: _parsed(ddl))
    return Table(
        name=plain["name"],
        description=plain["description"],
        columns=tuple(map(_column, plain["columns"])),
        primary_key=tuple(plain["primary_key"]),
        foreign_keys=tuple(map(_foreign_key, plain["foreign_keys"])),
        ddl=ddl,
    )


def _parsed(ddl: str) -> dict[str, Any]:
    from sparkify_dagster.tables.parsing import parse_table  # noqa: PLC0415 it imports sqlglot

    return asdict(parse_table(ddl))


def _column(plain: dict[str, Any]) -> Column:
    sources = tuple(Source(**source) for source in plain["sources"])
    return Column(**{**plain, "accepted": tuple(plain["accepted"]), "sources": sources})


def _foreign_key(plain: dict[str, Any]) -> ForeignKey:
    return ForeignKey(tuple(plain["columns"]), plain["table"], tuple(plain["table_columns"]))
