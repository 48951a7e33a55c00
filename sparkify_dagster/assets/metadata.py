"""What the UI shows of a table, made from its description: columns, comments, keys, lineage, SQL.

What belongs here: turning descriptions into Dagster's metadata. What doesn't: figures of a run.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from sparkify_dagster.sqlfiles import read_sql, sql_folder
from sparkify_dagster.tables import Column, Source, Table, catalog

OWNERS = ["team:data-platform"]
WAREHOUSE_POOL = "warehouse"
"""All assets and checks share this pool, of which a run takes the only slot: runs on the warehouse wait for each other.
"""

_PACKAGE = Path(__file__).parent.parent
_BUILDING = ("transformations", "analytics")


def table_metadata(table: Table) -> dict[str, Any]:
    """The metadata of a table's definition."""
    built_by = [name for folder in _BUILDING if _sql_path(name := f"{folder}/{table.name}").is_file()]
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema(table),
        "dagster/column_lineage": column_lineage(table),
        "dagster/table_name": table.name,
        **_sql_files([f"tables/{table.name}", *built_by]),
        "ddl": sql_block(table.ddl),
    }
    if built_by:
        metadata["sql"] = sql_block(read_sql(built_by[0]))
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
            dg.TableColumn(
                key, column.type.lower(), f"{column.description} Into: {_link(Source(table.name, column.name))}."
            )
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


def is_clone() -> bool:
    """Whether the code is a clone, whose files a person may edit; an installed package holds SQL of its own."""
    return sql_folder().parent != _PACKAGE


def sources_of(table: Table) -> Sequence[str]:
    """The tables or parts of the lake that a table comes from, in the order of its columns."""
    return list(dict.fromkeys(source.table for column in table.columns for source in column.sources))


def sql_block(sql: str) -> dg.MarkdownMetadataValue:
    """SQL as the UI shows it."""
    return dg.MetadataValue.md(f"```sql\n{sql.strip()}\n```")


def _sql_path(name: str) -> Path:
    return sql_folder() / f"{name}.sql"


def _sql_files(names: Sequence[str]) -> dict[str, Any]:
    """Where the SQL of a table is: within the project, and in a clone as links that open it in the editor."""
    shown: dict[str, Any] = {"sql_files": ", ".join(f"sql/{name}.sql" for name in names)}
    if is_clone():
        # Without a line the UI's text would be "…:null".
        files = [
            dg.LocalFileCodeReference(file_path=str(_sql_path(name)), line_number=1, label=f"{name}.sql")
            for name in names
        ]
        shown["dagster/code_references"] = dg.CodeReferencesMetadataValue(code_references=[*files])
    return shown


def _description(column: Column) -> str:
    """The comment, with what the column comes from, as links: the free UI draws no lineage of columns."""
    sources = ", ".join(map(_link, column.sources))
    return f"{column.description} From: {sources}." if sources else column.description


def _link(source: Source) -> str:
    return f"[{source.table}.{source.column}](/assets/{source.table})"


def _column(column: Column, table: Table) -> dg.TableColumn:
    # Accepted values are in the comment, in full; as marks beside the type they would be cut short.
    return dg.TableColumn(
        name=column.name,
        type=column.type_text.lower(),
        description=_description(column),
        constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=table.primary_key == (column.name,)),
    )
