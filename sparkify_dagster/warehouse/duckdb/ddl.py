"""DuckDB's DDL, made from the description of a table.

What belongs here: column types, NOT NULL and comments. What doesn't: keys, which DuckDB would enforce at the cost of
an index four times the size of the table; uniqueness and references are checked instead, as on Redshift.
"""

from collections.abc import Iterator

from sparkify_dagster.sqlfiles import quoted
from sparkify_dagster.tables import Table


def create_statements(table: Table) -> Iterator[str]:
    """The statements that create a table with its comments."""
    columns = ", ".join(
        f'"{column.name}" {column.type.replace(" PRECISION", "")}{"" if column.nullable else " NOT NULL"}'
        for column in table.columns
    )
    yield f'CREATE TABLE "{table.name}" ({columns})'
    yield f'COMMENT ON TABLE "{table.name}" IS {quoted(table.description, "duckdb")}'
    for column in table.columns:
        yield f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {quoted(column.description, "duckdb")}'
