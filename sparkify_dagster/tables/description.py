"""What the description of a table consists of.

What belongs here: plain values, and questions that they can answer about themselves. What doesn't: parsing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where a column's values come from: a column of a table, or a key of the JSON in a part of the lake."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its name.
        type: Its type in Redshift's words, without a length: VARCHAR, BIGINT, TIMESTAMP, ….
        max_bytes: Most bytes of UTF-8 that a VARCHAR holds; None for other types.
        nullable: Whether it may be NULL.
        description: What it means, in sentences, without the two notes that follow.
        accepted: The values that it may have ("One of: …" in its comment); empty where any may.
        sources: Where its values come from ("From: …" in its comment).
        encoding: How it is packed on disk, where the DDL says so: ZSTD; None leaves it to the engine.
    """

    name: str
    type: str
    max_bytes: int | None
    nullable: bool
    description: str
    accepted: tuple[str, ...]
    sources: tuple[Source, ...]
    encoding: str | None = None

    @property
    def type_text(self) -> str:
        """The type as DDL writes it, such as VARCHAR(64)."""
        return self.type if self.max_bytes is None else f"{self.type}({self.max_bytes})"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference that the DDL declares, and no engine enforces."""

    columns: tuple[str, ...]
    table: str
    table_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        name: Its name.
        description: What one row means.
        columns: Its columns, in order.
        primary_key: The columns of its key; empty where none is declared.
        foreign_keys: The references that it declares.
        ddl: The file's text, in Redshift's dialect.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    ddl: str

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def has_months(self) -> bool:
        """Whether each row names its log month."""
        return any(column.name == "log_month" for column in self.columns)

    def keys_of(self, part: str) -> dict[str, Column]:
        """The columns that are read from the JSON of a part of the lake, by JSON key, in the order of the columns."""
        return {source.column: column for column in self.columns for source in column.sources if source.table == part}
