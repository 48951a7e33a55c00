"""Which statements of a run read a large table without a range: by a join alone, Redshift skips no blocks.

Told from the SQL alone: a table is read within a range where its own columns are compared with values that are bound.
What it means for large warehouses is in ``benchmarks/redshift_at_scale.md``, which counts on these numbers.

What belongs here: that count. What doesn't: what is read by a query plan, which the double has none of.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlglot import exp, parse_one

from sparkify_dagster.sqlfiles import sql_names, statements

LARGE = ("staging_events", "songplays")
_RANGES = {"log_month", "file_id", "ts", "start_time"}

# Those that a run reaches, and those of ``time`` only if plays were removed.
WITHOUT_A_RANGE = {
    "transformations/songplays": {"staging_events": 2, "songplays": 2},
    "transformations/user_levels": {"staging_events": 2},
    "transformations/users": {"staging_events": 2},
    "transformations/time": {"songplays": 1},
    "checks/plays_match_events": {"staging_events": 1, "songplays": 1},
    "checks/freshness": {"staging_events": 1},
}


def is_within_a_range(table: exp.Table) -> bool:
    """Whether the query that reads a table compares a column of it with a bound value."""
    query = table.find_ancestor(exp.Select, exp.Delete)
    where = query.args.get("where") if query else None
    if where is None:
        return False
    return any(
        column.name in _RANGES and column.table in {"", table.alias} and _is_compared(column)
        for column in where.find_all(exp.Column)
    )


def _is_compared(column: exp.Column) -> bool:
    comparison = column.parent
    return isinstance(comparison, exp.Between | exp.GTE | exp.LTE | exp.EQ) and bool(comparison.find(exp.Placeholder))


def reads_without_a_range(name: str) -> Iterator[str]:
    """The large tables that the statements of a file read without one, each as often as it is read."""
    for statement in statements(name):
        tree = parse_one(statement, dialect="redshift")
        # What is written to is not read.
        written = tree.this if isinstance(tree, exp.Insert) else None
        for table in tree.find_all(exp.Table):
            inside = written is not None and (table is written or table.find_ancestor(exp.Schema) is written)
            if table.name in LARGE and not inside and not is_within_a_range(table):
                yield table.name


@pytest.mark.parametrize(
    "name", [f"{folder}/{n}" for folder in ("transformations", "checks") for n in sql_names(folder)]
)
def test_no_more_than_these_read_all_of_a_large_table(name: str) -> None:
    assert dict(Counter(reads_without_a_range(name))) == WITHOUT_A_RANGE.get(name, {})
