"""Queries that people write: one statement that reads tables, told from all that does something else.

What belongs here: what is let through, and what is said of the rest. What doesn't: running it, and what each engine
does besides, so that nothing is changed whatever is let through here.
"""

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from sparkify_dagster.dialects import cut
from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.showing import printable

PLAN_COLUMN = "QUERY PLAN"
"""How Redshift calls the one column of EXPLAIN's answer; a row is a line of the plan."""

_EXPLAIN = re.compile(r"EXPLAIN\b(?:\s+VERBOSE\b)?\s*", re.IGNORECASE)
_BEGINNINGS = ("select", "with", "(")

# Redshift's functions of administration, and those that move a sequence: calls that do something, in a query or not.
_ACTS = frozenset(
    {
        "change_query_priority",
        "change_session_priority",
        "change_user_priority",
        "currval",
        "nextval",
        "pg_cancel_backend",
        "pg_terminate_backend",
        "reboot_cluster",
        "set_config",
        "setval",
    }
)
_ONLY_READS = "Only one query that reads is run: SELECT, WITH … SELECT, a UNION of these, or EXPLAIN of one"
_NO_FUNCTIONS = "FROM names tables and queries, and calls no functions"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that only reads.

    Attributes:
        query: The SELECT, in Redshift's dialect, as it was written.
        explained: Whether its plan is asked for, in place of its rows.
    """

    query: str
    explained: bool

    def translated(self, dialect: str) -> str:
        """The SELECT in another dialect: what was looked at, written anew, and nothing else.

        Raises:
            WarehouseError: The other dialect has nothing that means the same.
        """
        try:
            return _parsed(self.query).sql(dialect=dialect, comments=False, unsupported_level=ErrorLevel.RAISE)
        except SqlglotError as error:
            raise WarehouseError(
                f"The statement can't be put into {dialect}'s words: {printable(str(error))}."
            ) from None


def asked(text: str) -> Asked:
    """A text as a query, where it is one that only reads.

    Args:
        text: One statement in Redshift's dialect, with or without a semicolon.

    Raises:
        WarehouseError: It is no statement, or more than one, or one that may do something else than read tables.
    """
    try:
        found = cut(text)
    except SqlglotError:
        raise WarehouseError("The statement can't be read: a quote or a comment in it has no end.") from None
    if not found:
        raise WarehouseError("There is no statement: write one, such as 'select count(*) from songplays'.")
    if len(found) > 1:
        raise WarehouseError(f"{_ONLY_READS}; here are {len(found)} statements.")
    explaining = _EXPLAIN.match(found[0])
    query = found[0][explaining.end() :] if explaining else found[0]
    if not query.lower().startswith(_BEGINNINGS):
        raise WarehouseError(f"{_ONLY_READS}; this begins with {printable(query[:30].partition(' ')[0])!r}.")
    tree = _parsed(query)
    if tree.find(exp.Placeholder, exp.Parameter):
        raise WarehouseError("A query takes no parameters: write values as they are, and texts in single quotes.")
    reason = _more_than_reading(tree)
    if reason:
        raise WarehouseError(f"{_ONLY_READS}; {reason}.")
    return Asked(query, explained=explaining is not None)


def _parsed(query: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(query, read="redshift")
    except ParseError as error:
        first = error.errors[0]
        where = f"{printable(str(first['highlight']))!r} (line {first['line']}, column {first['col']})"
        raise WarehouseError(f"The statement can't be read: it makes no sense at {where}.") from None
    except (SqlglotError, RecursionError):
        raise WarehouseError("The statement can't be read: it makes no sense, or is nested too deeply.") from None


def _more_than_reading(tree: exp.Expr) -> str | None:
    if not isinstance(tree, exp.Query):
        return "this is something else"
    for node in tree.walk():
        reason = _reason_of(node)
        if reason:
            return reason
    return None


def _reason_of(node: exp.Expr) -> str | None:
    if isinstance(node, exp.DDL | exp.Update | exp.Delete | exp.Merge | exp.Command):
        return f"{node.key.upper()} is in it"
    if isinstance(node, exp.Into):
        return "INTO makes a table"
    if isinstance(node, exp.Lock):
        return "FOR UPDATE locks rows"
    if isinstance(node, exp.CTE) and not isinstance(node.this, exp.Query):
        return f"{printable(node.alias)} in WITH is no query"
    if isinstance(node, exp.Func) and _name_of(node) in _ACTS:
        return f"{_name_of(node)} does more than read"
    if isinstance(node, exp.From | exp.Join | exp.Lateral) and not _is_source(node.this):
        return _NO_FUNCTIONS
    if isinstance(node, exp.Table) and not _is_source(node):
        return _NO_FUNCTIONS
    return None


def _is_source(node: object) -> bool:
    """Whether FROM may name it: functions there read files, or anything else."""
    if isinstance(node, exp.Table):
        return isinstance(node.this, exp.Identifier)
    return isinstance(node, exp.Subquery | exp.Values | exp.Unnest) or (
        isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery)
    )


def _name_of(function: exp.Func) -> str:
    return (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
