"""From what COPY brings of a record to the columns of a staging table, with nothing taken on trust.

COPY is lenient: 39 becomes a text, "39" a number. So it fills a table of texts, of SUPER where the text alone would not
tell a string from a number, and the expressions made here say of which values they are sure, and convert those. Of
what they are not sure, the loader validates the whole file record by record.

What belongs here: the types that COPY fills, and the expressions. What doesn't: running them, and the rules for a good
record (``loading.records``), which these only have to keep within.
"""

from collections.abc import Iterator

from sparkify_dagster.tables import FREE_TEXTS, Column, Table

_BEGINNINGS_OF_OTHER_JSON = ("-", *"0123456789", "{", "[")
_WHOLE = {"INTEGER": "^-?[0-9]{1,9}$", "BIGINT": "^-?[0-9]{1,18}$"}
_NUMBER = "^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]{1,2})?$"
_MILLISECONDS = "^[0-9]{1,14}$"
_MOST_BYTES = 65_535


def incoming_type(column: Column) -> str:
    """The type of the column that COPY fills. A longer text than fits is an error of its record."""
    if _keeps_its_type(column):
        return "SUPER"
    return f"VARCHAR({column.max_bytes})" if column.type == "VARCHAR" else "VARCHAR(64)"


def doubt(column: Column) -> str:
    """The condition that a value is not plainly right; never NULL."""
    found = " OR ".join(_doubts(column))
    return f"COALESCE({found}, FALSE)"


def conversion(column: Column) -> str:
    """The expression for the value of a column, where there is no doubt about it."""
    value = f"i.{column.name}"
    if column.type == "TIMESTAMP":
        return _moment(value)
    if _keeps_its_type(column):
        # Not NULLIF: Redshift takes blanks for an empty text.
        text = f"CAST({value} AS VARCHAR({column.max_bytes}))"
        return f"CASE WHEN JSON_TYPEOF({value}) = 'string' AND OCTET_LENGTH({text}) > 0 THEN {text} END"
    return value if column.type == "VARCHAR" else f"CAST({value} AS {column.type})"


def day_of(column: Column) -> str:
    """The expression for the UTC day of a moment; NULL where there is doubt about it."""
    return f"CASE WHEN NOT {doubt(column)} THEN CAST({conversion(column)} AS DATE) END"


def source_columns(table: Table, part: str) -> list[Column]:
    """The columns that are read from a part of the lake, in the order of the JSONPaths."""
    return list(table.keys_of(part).values())


def _keeps_its_type(column: Column) -> bool:
    """Whether a value has to be told from its text: a moment is no string, a title that is a number is one."""
    return column.type == "TIMESTAMP" or column.name in FREE_TEXTS


def _doubts(column: Column) -> Iterator[str]:
    value = f"i.{column.name}"
    if not column.nullable:
        yield f"{value} IS NULL"
    if column.type == "TIMESTAMP":
        # A JSON null is no SQL NULL.
        yield f"JSON_TYPEOF({value}) <> 'number'"
        yield f"NOT JSON_SERIALIZE({value}) ~ '{_MILLISECONDS}'"
    elif _keeps_its_type(column):
        yield f"JSON_TYPEOF({value}) NOT IN ('string', 'null')"
        yield f"OCTET_LENGTH(CAST({value} AS VARCHAR({_MOST_BYTES}))) > {column.max_bytes}"
    elif column.type == "VARCHAR":
        others = ", ".join(f"'{beginning}'" for beginning in _BEGINNINGS_OF_OTHER_JSON)
        yield f"LEFT({value}, 1) IN ({others})"
        yield f"{value} IN ('true', 'false')"
    elif column.type.startswith("DOUBLE"):
        yield f"NOT {value} ~ '{_NUMBER}'"
        # As an integer of JSON it is 0, as a text it would be -0.0.
        yield f"{value} = '-0'"
    else:
        yield f"NOT {value} ~ '{_WHOLE[column.type]}'"


def _moment(value: str) -> str:
    """The moment of epoch milliseconds: by days and the rest, since DATEADD counts in integers."""
    milliseconds = f"CAST({value} AS BIGINT)"
    return (
        f"DATEADD(ms, CAST(MOD({milliseconds}, 86400000) AS INTEGER), "
        f"DATEADD(day, CAST({milliseconds} / 86400000 AS INTEGER), CAST('1970-01-01' AS TIMESTAMP)))"
    )
