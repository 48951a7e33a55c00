"""The checks that tables of analytics agree with what they are made from.

A table that is behind, since plays were loaded after it was built, is not held against them: it is brought up to date
first.

What belongs here: the sums of plays, which are alike for all tables that have them. What doesn't: what is to be said of
one table alone, which is in ``sql/checks``.
"""

from collections.abc import Iterator

from sparkify_dagster.checks.check import Check, Finding, Scope, find_rows
from sparkify_dagster.sqlfiles import statements
from sparkify_dagster.tables import ANALYTICS_TABLES, catalog

_AGREEING = {
    "listeners": "The plays of the days are those of songplays; those of weeks, months and levels add up to them.",
    "retention": "The cohorts of a month have all its listeners, and none has more than it began with.",
    "subscriptions": "The listeners who came are all of user_levels, and those of both levels are as many.",
    "songs_never_played": "The songs never played and those that were are all songs of the catalogue.",
}


def sum_checks() -> Iterator[Check]:
    """The checks that the sums agree."""
    for table in ANALYTICS_TABLES:
        if table in _AGREEING:
            yield _written(table)
        elif {"log_month", "plays"} <= {column.name for column in catalog()[table].columns}:
            yield _of_plays(table)


def _written(table: str) -> Check:
    (statement,) = statements(f"checks/{table}_agree")
    return Check(table, "sums_agree", _AGREEING[table], lambda scope: find_rows(scope, statement))


def _of_plays(table: str) -> Check:
    all_plays = "session_id" not in {source.column for column in catalog()[table].columns for source in column.sources}
    of = "" if all_plays else " of sessions"
    return Check(
        table,
        "sums_agree",
        f"The plays of a month add up to the plays{of} in songplays.",
        lambda scope: _find_other_sums(scope, table, "TRUE" if all_plays else "p.session_id IS NOT NULL"),
    )


def _find_other_sums(scope: Scope, table: str, counted: str) -> Finding:
    sql = (
        "SELECT c.log_month, SUM(c.counted) AS counted, SUM(c.played) AS played FROM ("  # noqa: S608 names of the DDL
        f"SELECT t.log_month, t.plays AS counted, 0 AS played FROM {table} AS t "
        "WHERE t.log_month BETWEEN :first_month AND :last_month UNION ALL "
        "SELECT p.log_month, 0 AS counted, COUNT(*) AS played FROM songplays AS p "
        f"WHERE p.log_month BETWEEN :first_month AND :last_month AND {counted} GROUP BY p.log_month) AS c "
        "INNER JOIN table_builds AS s ON c.log_month = s.log_month AND s.table_name = 'songplays' "
        "INNER JOIN table_builds AS b ON c.log_month = b.log_month AND b.build_number > s.build_number "
        f"AND b.table_name = '{table}' "
        "GROUP BY c.log_month HAVING SUM(c.counted) <> SUM(c.played)"
    )
    return find_rows(scope, sql)
