"""DuckDB's DDL, made from the description of a table.

What belongs here: column types, NOT NULL, compression and comments. What doesn't: keys, which DuckDB would enforce at
the cost of an index four times the size of the table; uniqueness and references are checked instead, as on Redshift.
"""

from collections.abc import Iterator

from sparkify_dagster.sqlfiles import quoted
from sparkify_dagster.tables import Column, Table


def create_statements(table: Table) -> Iterator[str]:
    """The statements that create a table with its comments."""
    yield f'CREATE TABLE "{table.name}" ({", ".join(map(_column, table.columns))})'
    yield f'COMMENT ON TABLE "{table.name}" IS {quoted(table.description, "duckdb")}'
    for column in table.columns:
        yield f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {quoted(column.description, "duckdb")}'


def _column(column: Column) -> str:
    words = [f'"{column.name}"', column.type.replace(" PRECISION", "")]
    if not column.nullable:
        words.append("NOT NULL")
    if column.encoding:
        words.append(f"USING COMPRESSION {column.encoding.lower()}")
    return " ".join(words)
