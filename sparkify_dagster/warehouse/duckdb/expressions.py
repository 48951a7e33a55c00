"""The expressions by which DuckDB reads the values of a column from JSON, and raises an error at what is doubtful.

A value that passes is one that ``loading.records`` would accept, and the same. What is doubtful may be good or bad: it
is for ``loading.records`` to say.

What belongs here: an expression for each type, from a field as JSON text or as text. What doesn't: reading files.
"""

from sparkify_dagster.tables import LAST_TIMESTAMP_MS, Column


def oops(column: Column) -> str:
    """The error that a doubtful value raises."""
    return f"error('look closer: {column.name}')"


def strict_number(value: str, column: Column, *, exponents: bool = True) -> str:
    """A number of any type from a field as JSON.

    Nearly all numbers are plain decimals: they are told by their first character, and take the first branch. What is
    written in another way is read with more care, or is doubtful.

    Args:
        value: The field, read as JSON.
        column: A column of numbers, or a TIMESTAMP, in epoch milliseconds.
        exponents: Whether there may be any: a whole number with one is doubtful.
    """
    text = f"CAST({value} AS VARCHAR)"
    if column.type.startswith("DOUBLE"):
        number = f"CAST({text} AS DOUBLE)"
        # As text, a number, however long, begins with a digit or a minus; Infinity and NaN may, too.
        plain = f"{text} >= '-' AND {text} < ':' AND isfinite({number})"
        return f"CASE WHEN {plain} THEN {number} WHEN {text} IS NULL THEN NULL ELSE {oops(column)} END"
    plain = f"{text} >= '0' AND {text} < ':' AND NOT contains({text}, '.')"
    if exponents:
        plain += f" AND NOT contains({text}, 'e') AND NOT contains({text}, 'E')"
    if column.type == "TIMESTAMP":
        number = f"CAST({text} AS BIGINT)"
        return (
            f"CASE WHEN {plain} AND {number} <= {LAST_TIMESTAMP_MS} THEN make_timestamp_ms({number}) "
            f"WHEN {text} IS NULL THEN NULL ELSE {oops(column)} END"
        )
    return f"CASE WHEN {plain} THEN CAST({text} AS {column.type}) ELSE {_quoted_integer(text, column)} END"


def strict_integer_text(value: str, column: Column) -> str:
    """An integer from a field read as text, in quotes or not; it counts where it is written as one writes it."""
    number = f"CAST({value} AS {column.type})"
    as_written = f"CAST({number} AS VARCHAR) = {value}"
    return f"CASE WHEN {value} = '' THEN NULL WHEN NOT {as_written} THEN {oops(column)} ELSE {number} END"


def _quoted_integer(text: str, column: Column) -> str:
    return strict_integer_text(f"trim({text}, '\"')", column)


def strict_text(value: str, column: Column) -> str:
    """Text from a field read as text, where texts that could as well be something else are doubtful.

    As text, what is no string looks like a number, an object, an array or a word of JSON.
    """
    doubtful = (
        f"({value} >= '-' AND {value} < ':') OR ({value} >= '{{' AND {value} < '|') "
        f"OR ({value} >= '[' AND {value} < '\\') OR {value} IN ('true', 'false') "
        f"OR (strlen({value}) IN (3, 8) AND lower({value}) IN ('nan', 'inf', 'infinity')) "
        f"OR strlen({value}) > {column.max_bytes} OR contains({value}, chr(0))"
    )
    return f"CASE WHEN {value} = '' THEN NULL WHEN {doubtful} THEN {oops(column)} ELSE {value} END"


def strict_free_text(value: str, column: Column) -> str:
    """Text from a field read as JSON, with its quotes and escapes: what has no quotes is no string."""
    text = f"CAST({value} AS VARCHAR)"
    unescaped = f"nullif(json_extract_string({value}, '$'), '')"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL "
        f"WHEN NOT starts_with({text}, '\"') OR strlen({text}) > {column.max_bytes} + 2 "
        f"OR contains({text}, '\\u0000') THEN {oops(column)} "
        f"WHEN contains({text}, '\\') THEN {unescaped} "
        f"ELSE nullif(trim({text}, '\"'), '') END"
    )


def text_beside_its_line(value: str, column: Column, key: str, line: str) -> str:
    """Text from a field read as text, where the line that it comes from holds no objects, arrays, words or NULs.

    Then only a number can be taken for a text. Few texts begin as numbers do: for these the line is looked into.
    """
    quoted_there = f'regexp_matches({line}, \'"{key}": ?"\')'
    return (
        f"CASE WHEN {value} >= ':' AND strlen({value}) <= {column.max_bytes} THEN {value} "
        f"WHEN {value} IS NULL OR {value} = '' THEN NULL WHEN strlen({value}) > {column.max_bytes} THEN {oops(column)} "
        f"WHEN {value} < '-' OR {quoted_there} THEN {value} ELSE {oops(column)} END"
    )
