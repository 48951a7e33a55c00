"""Finds the files of ``sql/``, their statements, and these in another dialect.

What belongs here: reading SQL text, and asking for what follows from it. What doesn't: parsing (``dialects``), keeping
what came of it (``kept``), and running it.
"""

import hashlib
from functools import cache
from pathlib import Path

from sparkify_dagster.kept import kept

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
    return tuple(kept("statements", text, lambda: _cut(text)))


@cache
def translated(statement: str, dialect: str) -> str:
    """A statement in another dialect; ``:name`` becomes that dialect's named parameter."""
    return kept(f"translated to {dialect}", statement, lambda: _translate(statement, dialect))


def quoted(text: str, dialect: str) -> str:
    """A text as a literal of a dialect, for statements that take no bound values."""
    if dialect == "duckdb":
        # Where a quote is doubled and nothing else means anything, sqlglot need not be imported for it.
        return "'{}'".format(text.replace("'", "''"))
    from sparkify_dagster.dialects import literal  # noqa: PLC0415 as below

    return literal(text, dialect)


def _cut(text: str) -> list[str]:
    from sparkify_dagster.dialects import cut  # noqa: PLC0415 it imports sqlglot, which most processes don't need

    return cut(text)


def _translate(statement: str, dialect: str) -> str:
    from sparkify_dagster.dialects import translate  # noqa: PLC0415

    return translate(statement, dialect)
