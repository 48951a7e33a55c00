"""What the UI shows of a table, made from its description: columns, comments, keys, lineage, SQL.

What belongs here: turning descriptions into Dagster's metadata. What doesn't: figures of a run.
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from sparkify_dagster.sqlfiles import read_sql
from sparkify_dagster.tables import Column, Table, catalog

OWNERS = ["team:data-platform"]
WAREHOUSE_POOL = "warehouse"
"""All assets and checks share this pool, of which a run takes the only slot: runs on the warehouse wait for each other.
"""


def table_metadata(table: Table, transformation: bool) -> dict[str, Any]:
    """The metadata of a table's definition."""
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema(table),
        "dagster/column_lineage": column_lineage(table),
        "dagster/table_name": table.name,
        "ddl": sql_block(table.ddl),
    }
    if transformation:
        metadata["sql"] = sql_block(read_sql(f"transformations/{table.name}"))
    return metadata


def column_schema(table: Table) -> dg.TableSchema:
    """The columns, with types, comments and constraints."""
    keys = [f"primary key ({', '.join(table.primary_key)})"] if table.primary_key else []
    references = [f"{', '.join(key.columns)} → {key.table}" for key in table.foreign_keys]
    return dg.TableSchema(
        columns=[_column(column, table) for column in table.columns],
        constraints=dg.TableConstraints(other=[*keys, *references]),
    )


def lake_schema(part: str) -> dg.TableSchema:
    """The keys of the JSON in a part of the lake, as the tables read them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(key, column.type.lower(), column.description)
            for table in catalog().values()
            for key, column in table.keys_of(part).items()
        ]
    )


def column_lineage(table: Table) -> dg.TableColumnLineage:
    """Which columns, or keys of the JSON, each column comes from."""
    return dg.TableColumnLineage(
        {
            column.name: [
                dg.TableColumnDep(asset_key=dg.AssetKey(source.table), column_name=source.column)
                for source in column.sources
            ]
            for column in table.columns
            if column.sources
        }
    )


def sources_of(table: Table) -> Sequence[str]:
    """The tables or parts of the lake that a table comes from, in the order of its columns."""
    return list(dict.fromkeys(source.table for column in table.columns for source in column.sources))


def sql_block(sql: str) -> dg.MarkdownMetadataValue:
    """SQL as the UI shows it."""
    return dg.MetadataValue.md(f"```sql\n{sql.strip()}\n```")


def _description(column: Column) -> str:
    """The comment, with what the column comes from: the free UI draws no lineage of columns."""
    sources = ", ".join(f"{source.table}.{source.column}" for source in column.sources)
    return f"{column.description} From: {sources}." if sources else column.description


def _column(column: Column, table: Table) -> dg.TableColumn:
    unique = table.primary_key == (column.name,)
    other = [f"one of {', '.join(column.accepted)}"] if column.accepted else []
    return dg.TableColumn(
        name=column.name,
        type=column.type_text.lower(),
        description=_description(column),
        constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=unique, other=other),
    )
