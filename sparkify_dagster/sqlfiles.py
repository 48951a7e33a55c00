"""Finds the files of ``sql/`` and cuts them into statements.

What belongs here: reading SQL text, and putting it into another dialect. What doesn't: running it.
"""

import hashlib
from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

_HERE = Path(__file__).parent


@cache
def sql_folder() -> Path:
    """The folder of SQL: within the package where it is installed from a wheel, beside it in a clone."""
    packed = _HERE / "sql"
    return packed if packed.is_dir() else _HERE.parent / "sql"


@cache
def read_sql(name: str) -> str:
    """The text of a file, named without its ending, such as ``transformations/songplays``."""
    return (sql_folder() / f"{name}.sql").read_text(encoding="utf-8")


def sql_names(folder: str) -> list[str]:
    """The names of the files in a folder of ``sql/``, sorted, without their ending."""
    return sorted(path.stem for path in (sql_folder() / folder).glob("*.sql"))


@cache
def sql_version(*names: str) -> str:
    """A short version of the files' text: it changes when one of them does."""
    digest = hashlib.sha256("\n".join(read_sql(name) for name in names).encode())
    return digest.hexdigest()[:12]


@cache
def statements(name: str) -> tuple[str, ...]:
    """The statements of a file, in Redshift's dialect, each as it is written there, without comments before it."""
    text = read_sql(name)
    tokens = sqlglot.tokenize(text, read="redshift")
    cut: list[str] = []
    start: int | None = None
    for token in tokens:
        if token.token_type == sqlglot.TokenType.SEMICOLON:
            if start is not None:
                cut.append(text[start : token.start].strip())
            start = None
        elif start is None:
            start = token.start
    if start is not None:
        cut.append(text[start:].strip())
    return tuple(cut)


@cache
def translated(statement: str, dialect: str) -> str:
    """A statement in another dialect; ``:name`` becomes that dialect's named parameter."""
    tree = sqlglot.parse_one(statement, read="redshift")
    return tree.sql(dialect=dialect, comments=False)


def quoted(text: str, dialect: str) -> str:
    """A text as a literal of a dialect, for statements that take no bound values."""
    return exp.Literal.string(text).sql(dialect=dialect)
