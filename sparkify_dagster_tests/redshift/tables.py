"""CREATE TABLE and ALTER TABLE of Redshift, told to PostgreSQL.

What belongs here: columns, their types and attributes, and the attributes of tables, which say how Redshift lays them
out and mean nothing here. What doesn't: other statements.
"""

from collections.abc import Callable

from sparkify_dagster_tests.redshift.errors import OCTETS, ServerError, syntax_error, unsupported
from sparkify_dagster_tests.redshift.lexing import Reader, Token, quoted_name, split

Rewrite = Callable[[list[Token]], str]

_VARCHAR_BYTES = 256
_MAX_VARCHAR, _MAX_CHAR, _MAX_PRECISION = 65_535, 4096, 38

_SIMPLE = {
    "SMALLINT": "smallint", "INT2": "smallint", "INTEGER": "integer", "INT": "integer", "INT4": "integer",
    "BIGINT": "bigint", "INT8": "bigint", "REAL": "real", "FLOAT4": "real", "FLOAT8": "double precision",
    "FLOAT": "double precision", "BOOLEAN": "boolean", "BOOL": "boolean", "DATE": "date", "SUPER": "super",
    "TIMESTAMPTZ": "timestamp with time zone", "TIMETZ": "time with time zone",
}  # fmt: skip
_TEXTS = {"VARCHAR": "varchar", "NVARCHAR": "varchar", "TEXT": "varchar", "CHAR": "char", "NCHAR": "char",
          "BPCHAR": "bpchar", "CHARACTER": "char"}  # fmt: skip
_TABLE_CONSTRAINTS = frozenset({"PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT"})


def create_table(reader: Reader, rewrite: Rewrite) -> str:
    """PostgreSQL's text for what follows CREATE.

    Args:
        reader: What follows CREATE.
        rewrite: Puts expressions and queries into PostgreSQL's words.
    """
    reader.take("LOCAL")
    temporary = reader.take("TEMP") or reader.take("TEMPORARY")
    reader.expect("TABLE")
    unless_there = reader.take("IF", "NOT", "EXISTS")
    begin = f"CREATE {'TEMP ' if temporary else ''}TABLE {'IF NOT EXISTS ' if unless_there else ''}{reader.name()}"
    inner = reader.parenthesized() if reader.peek() == "(" else None
    _table_attributes(reader)
    if reader.take("AS"):
        names = f" ({', '.join(Reader(part).name() for part in split(inner))})" if inner else ""
        return f"{begin}{names} AS {rewrite(reader.rest())}"
    if inner is None:
        raise ServerError("42601", "syntax error at end of input")
    parts: list[str] = []
    for part in split(inner):
        parts.extend(_part(Reader(part), rewrite))
    return f"{begin} ({', '.join(parts)})"


def alter_table(reader: Reader, rewrite: Rewrite) -> str | None:
    """PostgreSQL's text for what follows ALTER TABLE; None where there is nothing to do here."""
    name = reader.name()
    if reader.take("ADD"):
        if reader.peek() in _TABLE_CONSTRAINTS:
            return None
        reader.take("COLUMN")
        added = [f"ADD {'' if part.startswith('CONSTRAINT') else 'COLUMN '}{part}" for part in _column(reader, rewrite)]
        return f"ALTER TABLE {name} {', '.join(added)}"
    if reader.take("DROP", "CONSTRAINT"):
        return None
    if reader.take("ALTER"):
        if reader.peek() in {"DISTKEY", "DISTSTYLE", "SORTKEY", "COMPOUND", "ENCODE", "INTERLEAVED"}:
            return None
        reader.take("COLUMN")
        column = reader.name()
        if reader.peek() == "ENCODE":
            return None
        if reader.take("TYPE"):
            kind, length = _type(reader)
            check = quoted_name(OCTETS + column.strip('"'))
            limit = f", ADD CONSTRAINT {check} CHECK (octet_length({column}) <= {length})" if length else ""
            return f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {check}, ALTER COLUMN {column} TYPE {kind}{limit}"
        raise syntax_error(reader.next().text)
    return f"ALTER TABLE {name} {rewrite(reader.rest())}"


def _part(reader: Reader, rewrite: Rewrite) -> list[str]:
    if reader.peek() in _TABLE_CONSTRAINTS:
        # Declared, and never enforced.
        return []
    if reader.take("LIKE"):
        like = f"LIKE {reader.name()} INCLUDING CONSTRAINTS"
        if reader.take("INCLUDING", "DEFAULTS"):
            return [f"{like} INCLUDING DEFAULTS"]
        reader.take("EXCLUDING", "DEFAULTS")
        return [like]
    return _column(reader, rewrite)


def _column(reader: Reader, rewrite: Rewrite) -> list[str]:
    name = reader.name()
    kind, length = _type(reader)
    attributes = ""
    while not reader.ended:
        attributes += _attribute(reader, rewrite)
    column = [f"{name} {kind}{attributes}"]
    if length:
        check = quoted_name(OCTETS + name.strip('"'))
        column.append(f"CONSTRAINT {check} CHECK (octet_length({name}) <= {length})")
    return column


def _type(reader: Reader) -> tuple[str, int]:
    """PostgreSQL's name of a type, and the bytes that a text of it takes; 0 for others."""
    token = reader.next()
    word = token.upper
    if word in _TEXTS:
        return _text_type(reader, word)
    if word in {"DECIMAL", "NUMERIC"}:
        numbers = [part[0].text for part in split(reader.parenthesized())] if reader.peek() == "(" else ["18", "0"]
        precision, scale = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0
        if not 1 <= precision <= _MAX_PRECISION or not 0 <= scale <= precision:
            raise ServerError("22023", f"DECIMAL precision {precision} must be between 1 and {_MAX_PRECISION}")
        return f"numeric({precision},{scale})", 0
    if word == "DOUBLE" and reader.take("PRECISION"):
        return "double precision", 0
    if word in {"TIMESTAMP", "TIME"}:
        zone = reader.take("WITH", "TIME", "ZONE")
        if not zone:
            reader.take("WITHOUT", "TIME", "ZONE")
        return f"{word.lower()} {'with' if zone else 'without'} time zone", 0
    if word in _SIMPLE:
        if reader.peek() == "[":
            raise unsupported(f'type "{token.text}[]" is not supported')
        return _SIMPLE[word], 0
    raise unsupported(f'type "{token.text}" does not exist or is not supported')


def _text_type(reader: Reader, word: str) -> tuple[str, int]:
    kind = _TEXTS[word]
    if word == "CHARACTER" and reader.take("VARYING"):
        kind = "varchar"
    length = 1 if kind == "char" else _VARCHAR_BYTES
    if reader.take("("):
        most = _MAX_VARCHAR if kind == "varchar" else _MAX_CHAR
        length = most if reader.take("MAX") else reader.number()
        reader.expect(")")
        if word == "TEXT":
            length = _VARCHAR_BYTES
        if not 1 <= length <= most:
            raise ServerError("22023", f"length for type {kind} cannot exceed {most}")
    if reader.peek() == "[":
        raise unsupported(f'type "{word.lower()}[]" is not supported')
    return f"{'char' if kind == 'bpchar' else kind}({length})", length


def _attribute(reader: Reader, rewrite: Rewrite) -> str:
    if reader.take("NOT", "NULL"):
        return " NOT NULL"
    if reader.take("DEFAULT"):
        expression = [reader.next()]
        while not reader.ended and (reader.peek() in {"(", "::", "."} or expression[-1].text in {"-", "::", "."}):
            if reader.peek() == "(":
                opening = Token("mark", "(")
                expression += [opening, *reader.parenthesized(), Token("mark", ")")]
            else:
                expression.append(reader.next())
        return f" DEFAULT {rewrite(expression)}"
    if reader.take("IDENTITY"):
        return _identity(reader, "ALWAYS")
    if reader.take("GENERATED", "BY", "DEFAULT", "AS", "IDENTITY"):
        return _identity(reader, "BY DEFAULT")
    if reader.take("REFERENCES"):
        reader.name()
        if reader.peek() == "(":
            reader.parenthesized()
        return ""
    if reader.take("ENCODE"):
        reader.next()
        return ""
    if reader.take("COLLATE"):
        reader.next()
        return ""
    ignored = ("PRIMARY", "KEY"), ("UNIQUE",), ("DISTKEY",), ("SORTKEY",), ("NULL",)
    if any(reader.take(*words) for words in ignored):
        return ""
    raise syntax_error(reader.next().text)


def _identity(reader: Reader, when: str) -> str:
    seed, step = (int("".join(token.text for token in part)) for part in split(reader.parenthesized()))
    least, most = ("", f" MAXVALUE {seed}") if step < 0 else (f" MINVALUE {seed}", "")
    return f" NOT NULL GENERATED {when} AS IDENTITY (START WITH {seed} INCREMENT BY {step}{least}{most})"


def _table_attributes(reader: Reader) -> None:
    while not reader.ended and reader.peek() != "AS":
        if reader.take("BACKUP"):
            if not (reader.take("YES") or reader.take("NO")):
                raise syntax_error(reader.next().text)
        elif reader.take("DISTSTYLE"):
            if not any(reader.take(style) for style in ("AUTO", "EVEN", "KEY", "ALL")):
                raise syntax_error(reader.next().text)
        elif reader.take("DISTKEY"):
            reader.parenthesized()
        elif reader.take("SORTKEY", "AUTO") or reader.take("ENCODE", "AUTO"):
            continue
        else:
            if not reader.take("COMPOUND"):
                reader.take("INTERLEAVED")
            reader.expect("SORTKEY")
            reader.parenthesized()
