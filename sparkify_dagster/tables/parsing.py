"""Parses DDL into descriptions, with sqlglot.

What belongs here: the meaning of the DDL's words and of the notes in its comments ("One of: …", "From: …").
What doesn't: any other dialect's DDL, which an engine makes from the description.
"""

import re
from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from sparkify_dagster.tables.description import Column, ForeignKey, Source, Table

_ACCEPTED = re.compile(r"\s*One of: (.*?)\.(?=\s|$)")
_SOURCES = re.compile(r"\s*From: (.*?)\.(?=\s|$)")


def parse_table(ddl: str) -> Table:
    """The description of the table that a file's text creates."""
    statements = [statement for statement in sqlglot.parse(ddl, read="redshift") if statement is not None]
    create = next(statement for statement in statements if isinstance(statement, exp.Create))
    comments = _comments(statements)
    schema = create.this
    return Table(
        name=schema.this.name,
        description=comments[""],
        columns=tuple(_column(node, comments[node.name]) for node in schema.find_all(exp.ColumnDef)),
        primary_key=tuple(name.name for key in schema.find_all(exp.PrimaryKey) for name in key.expressions),
        foreign_keys=tuple(_foreign_key(key) for key in schema.find_all(exp.ForeignKey)),
        ddl=ddl,
    )


def _comments(statements: Sequence[object]) -> dict[str, str]:
    """The comments by column; the table's own under the empty name."""
    comments = {}
    for statement in statements:
        if isinstance(statement, exp.Comment):
            text = re.sub(r"\s+", " ", statement.expression.name)
            comments[statement.this.name if isinstance(statement.this, exp.Column) else ""] = text
    return comments


def _column(node: exp.ColumnDef, comment: str) -> Column:
    kind = node.args["kind"]
    length = kind.expressions[0].this.this if kind.expressions else None
    accepted = _ACCEPTED.search(comment)
    sources = _SOURCES.search(comment)
    return Column(
        name=node.name,
        type=kind.sql(dialect="redshift").split("(")[0],
        max_bytes=int(length) if length is not None else None,
        nullable=node.find(exp.NotNullColumnConstraint) is None,
        description=_SOURCES.sub("", comment).strip(),
        accepted=tuple(value.strip() for value in accepted[1].split(",")) if accepted else (),
        sources=tuple(_source(text.strip()) for text in sources[1].split(",")) if sources else (),
        encoding=encoding.this.name.upper() if (encoding := node.find(exp.EncodeColumnConstraint)) else None,
    )


def _source(text: str) -> Source:
    table, _, column = text.partition(".")
    return Source(table, column)


def _foreign_key(key: exp.ForeignKey) -> ForeignKey:
    target = key.args["reference"].this
    return ForeignKey(
        columns=tuple(name.name for name in key.expressions),
        table=target.this.name,
        table_columns=tuple(name.name for name in target.expressions),
    )
