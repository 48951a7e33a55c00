"""What sqlglot is asked of the project's SQL. Importing it takes a fifth of the time that Dagster takes.

What belongs here: cutting and translating texts. What doesn't: where texts come from, and keeping what came of them,
which spares most processes the import of this module (``sqlfiles``).
"""

import sqlglot
from sqlglot import exp


def cut(text: str) -> list[str]:
    """The statements of a text in Redshift's dialect, each as it is written there, without comments before it."""
    tokens = sqlglot.tokenize(text, read="redshift")
    statements: list[str] = []
    start: int | None = None
    for token in tokens:
        if token.token_type == sqlglot.TokenType.SEMICOLON:
            if start is not None:
                statements.append(text[start : token.start].strip())
            start = None
        elif start is None:
            start = token.start
    if start is not None:
        statements.append(text[start:].strip())
    return statements


def translate(statement: str, dialect: str) -> str:
    """A statement of Redshift's dialect in another; ``:name`` becomes that dialect's named parameter."""
    tree = sqlglot.parse_one(statement, read="redshift")
    return tree.sql(dialect=dialect, comments=False)


def literal(text: str, dialect: str) -> str:
    """A text as a literal of a dialect."""
    return exp.Literal.string(text).sql(dialect=dialect)
