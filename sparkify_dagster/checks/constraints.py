"""The checks that follow from the DDL: what Redshift declares and never enforces.

What belongs here: not null, unique key, reference, accepted values. What doesn't: anything that the DDL does not say.
"""

from collections.abc import Iterator

from sparkify_dagster.checks.check import EXAMPLES, Check, Finding, Scope, find_rows
from sparkify_dagster.tables import Column, ForeignKey, Table


def constraint_checks(table: Table) -> Iterator[Check]:
    """The checks of a table's constraints."""
    required = [column.name for column in table.columns if not column.nullable]
    if required:
        yield Check(
            table.name,
            "not_null",
            f"{', '.join(required)}: never NULL.",
            lambda scope: find_rows(scope, _nulls(table, required)),
            blocking=True,
        )
    if table.primary_key:
        yield Check(
            table.name,
            "unique_key",
            f"{', '.join(table.primary_key)}: never twice.",
            lambda scope: find_rows(scope, _repeats(table)),
            blocking=True,
        )
    for column in table.columns:
        if column.accepted:
            yield _accepted_check(table, column)
    for key in table.foreign_keys:
        yield _reference_check(table, key)


def _accepted_check(table: Table, column: Column) -> Check:
    return Check(
        table.name,
        f"accepted_{column.name}",
        f"{column.name} is one of {', '.join(column.accepted)}.",
        lambda scope: _find_strangers(scope, table, column),
        warns=True,
    )


def _reference_check(table: Table, key: ForeignKey) -> Check:
    columns = ", ".join(key.columns)
    return Check(
        table.name,
        f"reference_{'_'.join(key.columns)}",
        f"{columns}: always in {key.table} ({', '.join(key.table_columns)}), or NULL.",
        lambda scope: find_rows(scope, _orphans(table, key)),
        looks_at=(key.table,),
    )


def _find_strangers(scope: Scope, table: Table, column: Column) -> Finding:
    accepted = ", ".join(_literal(value, column) for value in column.accepted)
    sql = (
        f"SELECT t.{column.name}, COUNT(*) AS row_count FROM {table.name} AS t "  # noqa: S608 names of the DDL
        f"WHERE t.{column.name} NOT IN ({accepted}){_within(table)} "
        f"GROUP BY t.{column.name} ORDER BY COUNT(*) DESC"
    )
    shown = scope.session.select(sql, scope.parameters)
    found = sum(int(str(count)) for _, count in shown.rows)
    return Finding(not found, found, shown.columns, shown.rows[:EXAMPLES], sql)


def _nulls(table: Table, required: list[str]) -> str:
    missing = " OR ".join(f"t.{name} IS NULL" for name in required)
    return f"SELECT t.* FROM {table.name} AS t WHERE ({missing}){_within(table)}"  # noqa: S608 names of the DDL


def _repeats(table: Table) -> str:
    key = ", ".join(f"t.{name}" for name in table.primary_key)
    return (
        f"SELECT {key}, COUNT(*) AS row_count FROM {table.name} AS t WHERE {_all_months(table)} "  # noqa: S608
        f"GROUP BY {key} HAVING COUNT(*) > 1"
    )


def _orphans(table: Table, key: ForeignKey) -> str:
    columns = ", ".join(f"t.{name}" for name in key.columns)
    joined = " AND ".join(f"t.{name} = r.{other}" for name, other in zip(key.columns, key.table_columns, strict=True))
    filled = " AND ".join(f"t.{name} IS NOT NULL" for name in key.columns)
    target = key.table
    if target == "time":
        target = f"(SELECT m.start_time FROM time AS m WHERE {_at_moments_of_months('m')})"  # noqa: S608
    return (
        f"SELECT {columns}, COUNT(*) AS row_count FROM {table.name} AS t "  # noqa: S608 names of the DDL
        f"LEFT JOIN {target} AS r ON {joined} "
        f"WHERE {filled} AND r.{key.table_columns[0]} IS NULL{_within(table)} GROUP BY {columns}"
    )


def _within(table: Table) -> str:
    if table.has_months:
        return " AND t.log_month BETWEEN :first_month AND :last_month"
    return f" AND {_at_moments_of_months('t')}" if table.name == "time" else ""


def _all_months(table: Table) -> str:
    """A repeat may lie in another month: the moments of the months asked for are looked at in the whole table.

    A play's key says its moment: only plays that share one are compared by their long keys, since these are few.
    """
    if table.name == "time":
        return _at_moments_of_months("t")
    if table.name != "songplays":
        return "TRUE"
    return (
        "t.start_time IN (SELECT s.start_time FROM songplays AS s "  # noqa: S608
        f"WHERE {_at_moments_of_months('s')} GROUP BY s.start_time HAVING COUNT(*) > 1)"
    )


def _at_moments_of_months(alias: str) -> str:
    """The moments between the first and the last play of the months asked for: what else there is, is left alone."""
    return (
        f"{alias}.start_time BETWEEN (SELECT MIN(a.start_time) FROM songplays AS a "  # noqa: S608 an alias
        "WHERE a.log_month BETWEEN :first_month AND :last_month) "
        "AND (SELECT MAX(b.start_time) FROM songplays AS b "
        "WHERE b.log_month BETWEEN :first_month AND :last_month)"
    )


def _literal(value: str, column: Column) -> str:
    quoted = value.replace("'", "''")
    return f"'{quoted}'" if column.type == "VARCHAR" else value
