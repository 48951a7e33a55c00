"""The grammar gate: what Redshift would refuse, told without a Redshift.

No parser knows Redshift's grammar: sqlglot and sqlfluff each let through what it refuses. So a statement has to pass
both sqlfluff's grammar and a list of constructs that Redshift's documentation says are not there. What the platform
itself rules out, such as TRUNCATE, is on the list too.

What belongs here: that list, and asking the two parsers. What doesn't: running a statement, and its style.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp
from sqlglot.errors import SqlglotError

DType = exp.DataType.Type

# Redshift's strings know the backslash as an escape. A dollar-quoted body is opaque.
_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.|'')*'|\$\$.*?\$\$)
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<cast>::)
    |(?P<parameter>(?<![\w:]):[A-Za-z_]\w*|\$\d+|%s\b|\?)
    |(?P<word>[A-Za-z_]\w*|\d+(?:\.\d+)?)
    |(?P<mark>[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)

# From "Unsupported PostgreSQL functions", with those of later releases of PostgreSQL, which Redshift never had.
_POSTGRESQL_FUNCTIONS = (
    r"STRING_AGG|ARRAY_AGG|EVERY|XML_?AGG|CORR|COVAR_POP|COVAR_SAMP|REGR_\w+|CLOCK_TIMESTAMP|STATEMENT_TIMESTAMP"
    r"|TRANSACTION_TIMESTAMP|JUSTIFY_\w+|PG_SLEEP|PG_ADVISORY_\w+|PG_TRY_ADVISORY_\w+|DIV|SETSEED|WIDTH_BUCKET"
    r"|GENERATE_SERIES|GENERATE_SUBSCRIPTS|BIT_LENGTH|OVERLAY|CONVERT_FROM|CONVERT_TO|ENCODE|FORMAT"
    r"|QUOTE_NULLABLE|REGEXP_MATCH|REGEXP_MATCHES|REGEXP_SPLIT_TO_ARRAY|REGEXP_SPLIT_TO_TABLE|REGEXP_LIKE"
    r"|STRING_TO_ARRAY|STRING_TO_TABLE|ARRAY_TO_STRING|ARRAY_APPEND|ARRAY_PREPEND|ARRAY_CAT|ARRAY_LENGTH|ARRAY_UPPER"
    r"|ARRAY_LOWER|ARRAY_FILL|ARRAY_REMOVE|ARRAY_REPLACE|CARDINALITY|MAKE_DATE|MAKE_TIME|MAKE_TIMESTAMP\w*"
    r"|MAKE_INTERVAL|DATE_BIN|TO_JSONB?|ROW_TO_JSON|JSONB?_AGG|JSONB?_OBJECT\w*|JSONB?_BUILD_\w+|JSONB?_EACH\w*"
    r"|JSONB_\w+|GEN_RANDOM_UUID|UUID_GENERATE_V\d|CONCAT_WS|STARTS_WITH|NUM_NULLS|NUM_NONNULLS|MODE|NEXTVAL|CURRVAL"
    r"|SETVAL|LASTVAL|TO_TSVECTOR|TO_TSQUERY|SHA256|SHA512|ROW"
)
_DUCKDB_FUNCTIONS = (
    r"ARG_MAX|ARG_MIN|MAX_BY|MIN_BY|LIST|LIST_\w+|STRUCT_\w+|MAP_\w+|STRFTIME|STRPTIME|EPOCH|EPOCH_\w+|HASH"
    r"|READ_(?:CSV|JSON|NDJSON|PARQUET|TEXT|BLOB)\w*|STRING_SPLIT\w*|STR_SPLIT\w*|REGEXP_EXTRACT\w*|REGEXP_FULL_MATCH"
    r"|COUNT_IF|COUNTIF|QUANTILE\w*|APPROX_COUNT_DISTINCT|APPROX_QUANTILE|GROUP_CONCAT|PRINTF|CONTAINS|JSON_EXTRACT"
    r"|JSON_EXTRACT_STRING|JSON_TRANSFORM|UUID|IF|IIF|RANGE|DATE_SUB|DATE_ADD|COLUMNS|TRY|STRLEN|FSUM|PRODUCT"
)
# From "Leader node-only functions": those that are no longer supported, and those that no query of a table may call.
_DEPRECATED_FUNCTIONS = r"AGE|ISFINITE|NOW|GETBIT|GET_BYTE|SET_BIT|SET_BYTE|TO_ASCII"
_DEPRECATED_WORDS = r"CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP"
_LEADER_FUNCTIONS = r"CURRENT_SCHEMAS?|HAS_(?:DATABASE|SCHEMA|TABLE)_PRIVILEGE|SUBSTR|FACTORIAL|LOG"

# The statement in one line: in capitals, without comments, each text as '' and each quoted name as "".
_PHRASES: tuple[tuple[str, str], ...] = (
    (r"\bON CONFLICT\b", "ON CONFLICT: Redshift has MERGE, or DELETE and INSERT"),
    (r"\bRETURNING\b", "RETURNING: there is none"),
    (r"\bDISTINCT ON \(", "DISTINCT ON: number the rows with ROW_NUMBER"),
    (r"^CREATE (?:UNIQUE )?INDEX\b", "CREATE INDEX: there are no indexes"),
    (r"\bFILTER \( WHERE\b", "FILTER: aggregate over a CASE"),
    (r"\bLATERAL\b", "LATERAL: there is none"),
    (r"\bTABLESAMPLE\b|\bUSING SAMPLE\b", "TABLESAMPLE: there is none"),
    (r"\bFETCH (?:FIRST|NEXT) (?:\d+ )?ROWS?\b", "FETCH FIRST: use LIMIT"),
    (r"\bWINDOW \S+ AS \(", "WINDOW: windows can't be named"),
    (r"\bUNION DISTINCT\b", "UNION DISTINCT: write UNION"),
    (r"\b(?:EXCEPT|INTERSECT|MINUS) (?:ALL|DISTINCT)\b", "EXCEPT ALL, INTERSECT ALL: there are none"),
    (r"\bFOR (?:NO KEY |KEY )?(?:UPDATE|SHARE)\b", "FOR UPDATE: rows can't be locked"),
    (r"\bSAVEPOINT\b|^ROLLBACK (?:WORK |TRANSACTION )?TO\b", "SAVEPOINT: transactions have no parts"),
    (r"\bIS (?:NOT )?DISTINCT FROM\b", "IS DISTINCT FROM: compare, and ask for NULL"),
    (r"\(+ VALUES\b|^VALUES\b", "VALUES as a table: only INSERT takes VALUES"),
    (r"\bARRAY \[", "ARRAY[…]: there are no arrays but in SUPER"),
    (r"\* REPLACE \(", "* REPLACE: name the columns"),
    (r"\bORDER BY ALL\b", "ORDER BY ALL: name the columns"),
    (r"\b(?:ASOF|POSITIONAL|SEMI|ANTI) JOIN\b", "DuckDB's joins: there are none"),
    (r"^FROM\b", "FROM before SELECT: begin with SELECT"),
    (r"\bINTERVAL \d", "INTERVAL without quotes: write INTERVAL '1 day', or DATEADD"),
    (r"\b(?:RANGE|GROUPS) (?:BETWEEN|UNBOUNDED|CURRENT|\d+ (?:PRECEDING|FOLLOWING))", "a frame of RANGE or GROUPS"),
    (r"\bINSERT OVERWRITE\b", "INSERT OVERWRITE: there is none"),
    (r"^INSERT OR (?:REPLACE|IGNORE)\b|^REPLACE INTO\b", "INSERT OR REPLACE: there is none"),
    (r"^INSERT INTO \S+ BY NAME\b", "INSERT BY NAME: name the columns"),
    (r"^INSERT INTO [^ (]+ SET\b", "INSERT … SET: write VALUES"),
    (r"^TRUNCATE\b", "TRUNCATE: it commits what came before it; use DELETE"),
    (r"^ALTER TABLE .*\bAPPEND\b", "ALTER TABLE APPEND: it commits, and is refused in a transaction"),
    (r"\bDEFERRABLE\b|\bINITIALLY (?:DEFERRED|IMMEDIATE)\b", "DEFERRABLE: constraints are not enforced"),
    (r"\bDOUBLE\b(?! PRECISION)", "DOUBLE: the type is DOUBLE PRECISION"),
    (r"\bBYTEA\b|\bBLOB\b", "BYTEA: the type is VARBYTE"),
)
_CREATE_PHRASES: tuple[tuple[str, str], ...] = (
    (r"\) PARTITION BY\b|\bPARTITION OF\b", "PARTITION BY: tables have no partitions"),
    (r"\bON COMMIT (?:DROP|DELETE|PRESERVE)\b", "ON COMMIT: a temporary table lasts as long as its session"),
    (r"\bIDENTITY\b|\bGENERATED\b", "IDENTITY: it has gaps and no order, and other engines count otherwise"),
    (r"\bINHERITS \(", "INHERITS: tables don't inherit"),
    (r"\bCHECK \(", "CHECK: there are no such constraints"),
    (r"\bEXCLUDE (?:USING|\()", "EXCLUDE: there are no such constraints"),
    (r"^CREATE OR REPLACE (?:TEMP |TEMPORARY )?TABLE\b", "CREATE OR REPLACE TABLE: drop the table first"),
    (r"^CREATE UNLOGGED\b", "UNLOGGED: there is none"),
    (
        (
            r"^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?(?:TRIGGER|DOMAIN|TYPE|EXTENSION|SEQUENCE|RULE|MACRO|AGGREGATE"
            r"|OPERATOR|TABLESPACE|COLLATION|CAST|SERVER|PUBLICATION|SUBSCRIPTION)\b"
        ),
        "CREATE TRIGGER, DOMAIN, TYPE, EXTENSION, SEQUENCE, …: there are none",
    ),
)
_MERGE_PHRASES: tuple[tuple[str, str], ...] = (
    (r"\bMATCHED AND\b", "MERGE … WHEN … AND: WHEN takes no condition"),
    (r"\bDO NOTHING\b", "MERGE … DO NOTHING: there is none"),
    (r"\bMATCHED BY (?:SOURCE|TARGET)\b", "MERGE … BY SOURCE: there is none"),
    (r"^MERGE INTO \S+(?: \. \S+)* (?!USING\b)\w", "MERGE INTO t AS x: the target has no alias"),
)
_LEADERS = re.compile(rf"(?<!\. )\b({_LEADER_FUNCTIONS}) \(|\b(CURRENT_SCHEMA)\b")
_NAMED = r"(?<!\bTABLE )(?<!\bINTO )(?<!\bEXISTS )(?<!\bREFERENCES )(?<!\bCOPY )(?<!\bAS )"
_FUNCTIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"{_NAMED}\b({_POSTGRESQL_FUNCTIONS}) \("), "a function of PostgreSQL that Redshift lacks"),
    (re.compile(rf"{_NAMED}\b({_DUCKDB_FUNCTIONS}) \("), "a function of DuckDB"),
    (re.compile(rf"{_NAMED}\b({_DEPRECATED_FUNCTIONS}) \("), "a function of the leader node, no longer supported"),
    (re.compile(rf"\b({_DEPRECATED_WORDS})\b"), "a function of the leader node, no longer supported: use GETDATE()"),
)

_PARSED = re.compile(
    r"(?i)^(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
    r"(?:SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|CREATE\s+(?:(?:OR\s+REPLACE|TEMP|TEMPORARY)\s+)*(?:TABLE|VIEW))\b",
    re.DOTALL,
)
_TAKES_PARAMETERS = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "(")

_TYPES = {
    **dict.fromkeys((DType.SERIAL, DType.BIGSERIAL, DType.SMALLSERIAL), "numbers don't count by themselves"),
    **dict.fromkeys((DType.JSON, DType.JSONB, DType.HSTORE, DType.STRUCT, DType.MAP, DType.VARIANT), "use SUPER"),
    **dict.fromkeys((DType.ARRAY, DType.LIST, DType.UNION), "there are no arrays but in SUPER"),
    **dict.fromkeys((DType.ENUM, DType.UUID, DType.XML, DType.INET), "use VARCHAR"),
    **dict.fromkeys((DType.MONEY, DType.SMALLMONEY, DType.INT128, DType.UINT128, DType.INT256), "use DECIMAL"),
    **dict.fromkeys((DType.TINYINT, DType.UTINYINT, DType.USMALLINT, DType.UINT, DType.UBIGINT), "use another integer"),
    **dict.fromkeys((DType.TIMESTAMP_S, DType.TIMESTAMP_MS, DType.TIMESTAMP_NS), "use TIMESTAMP"),
    **dict.fromkeys((DType.BIT, DType.OBJECT, DType.RANGE, DType.TSRANGE, DType.DATERANGE), "there is none"),
    DType.USERDEFINED: "no type of Redshift is called so",
}

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
    AES128 AES256 ALL ALLOWOVERWRITE ANALYSE ANALYZE AND ANY ARRAY AS ASC AUTHORIZATION AZ64 BACKUP BETWEEN BINARY
    BLANKSASNULL BOTH BYTEDICT BZIP2 CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE CREDENTIALS CROSS DEFAULT
    DEFERRABLE DEFLATE DEFRAG DELTA DELTA32K DESC DISABLE DISTINCT DO ELSE EMPTYASNULL ENABLE ENCODE ENCRYPT ENCRYPTION
    END EXCEPT EXPLICIT FALSE FOR FOREIGN FREEZE FROM FULL GLOBALDICT256 GLOBALDICT64K GRANT GROUP GZIP HAVING IDENTITY
    IGNORE ILIKE IN INITIALLY INNER INTERSECT INTERVAL INTO IS ISNULL JOIN LEADING LEFT LIKE LIMIT LUN LUNS LZO LZOP
    MINUS MOSTLY16 MOSTLY32 MOSTLY8 NATURAL NEW NOT NOTNULL NULL NULLS OFF OFFLINE OFFSET OID OLD ON ONLY OPEN OR ORDER
    OUTER OVERLAPS PARALLEL PARTITION PERCENT PERMISSIONS PIVOT PLACING PRIMARY RAW READRATIO RECOVER REFERENCES
    REJECTLOG RESORT RESPECT RESTORE RIGHT SELECT SIMILAR SNAPSHOT SOME SYSTEM TABLE TAG TDES TEXT255 TEXT32K THEN
    TIMESTAMP TO TOP TRAILING TRUE TRUNCATECOLUMNS UNION UNIQUE UNNEST UNPIVOT USING VERBOSE WALLET WHEN WHERE WITH
    WITHOUT
    """,
    )
)
# Reserved, and called without parentheses: as the name of a column they can't be told from the call.
_RESERVED_CALLS = frozenset(
    re.findall(
        r"\w+",
        """
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURRENT_USER_ID LOCALTIME LOCALTIMESTAMP SESSION_USER
    SYSDATE USER
    """,
    )
)
_SYSTEM_COLUMNS = frozenset({"OID", "TABLEOID", "XMIN", "CMIN", "XMAX", "CMAX", "CTID"})

_FRAMED = (
    exp.Sum,
    exp.Count,
    exp.Avg,
    exp.Min,
    exp.Max,
    exp.Stddev,
    exp.StddevPop,
    exp.StddevSamp,
    exp.Variance,
    exp.VariancePop,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
)


def gate(statement: str) -> list[str]:
    """The reasons why Redshift would refuse a statement; none where it passes."""
    return [*refusals(statement), *lint(statement)]


def assert_all_pass(statements: Iterable[str]) -> None:
    """Fails with every statement that does not pass, and why."""
    refused = [(statement, reasons) for statement in dict.fromkeys(statements) if (reasons := gate(statement))]
    told = "\n\n".join(
        "\n".join([statement.strip(), *(f"    -> {reason}" for reason in reasons)]) for statement, reasons in refused
    )
    assert not refused, f"Redshift would refuse {len(refused)} statements:\n\n{told}"


def refusals(statement: str) -> list[str]:
    """The forbidden constructs in a statement: a millisecond or two, and nothing for one that was asked for before.

    What sqlglot can't parse is judged by its words alone; that the words make a sentence is for ``lint`` to say.
    """
    return list(_refusals(statement))


def lint(statement: str) -> list[str]:
    """What sqlfluff's grammar of Redshift can't parse: some 15 ms, and a second for the first."""
    return list(_unparsable(with_literals(statement)))


def with_literals(statement: str) -> str:
    """The statement with a number in place of each parameter (``:name``, ``$1``, ``%s``), whatever its type."""
    return _TOKEN.sub(lambda token: "1" if token.lastgroup == "parameter" else token[0], statement)


@cache
def _refusals(statement: str) -> tuple[str, ...]:
    words = _words(statement)
    tree = _tree(statement)
    found = [*_by_words(words)]
    if tree is not None:
        found.extend(_by_tree(tree))
    if _reads_tables(words, tree):
        found.extend(f"{m[1] or m[2]}: a function of the leader node only" for m in _LEADERS.finditer(words))
    return tuple(dict.fromkeys(found))


@cache
def _linter() -> Linter:
    return Linter(config=FluffConfig(overrides={"dialect": "redshift"}))


@cache
def _unparsable(sql: str) -> tuple[str, ...]:
    return tuple(f"sqlfluff: {violation.desc()}" for violation in _linter().parse_string(sql).violations)


def _words(statement: str) -> str:
    shown: list[str] = []
    for token in _TOKEN.finditer(statement):
        match token.lastgroup:
            case "comment":
                continue
            case "text":
                shown.append("''")
            case "quoted":
                shown.append('""')
            case "parameter":
                shown.append("?")
            case _:
                shown.append(token[0].upper())
    return " ".join(shown).rstrip(" ;")


def _tree(statement: str) -> exp.Expr | None:
    """sqlglot's tree, where it knows the statement; of others, it warns."""
    if not _PARSED.search(statement):
        return None
    # The two forms that are fine in Redshift, and which sqlglot refuses.
    known = re.sub(r"(?i)\bREMOVE\s+DUPLICATES\b", "WHEN NOT MATCHED THEN INSERT VALUES (1)", statement)
    known = re.sub(r"(?i)\b(?:DISTKEY|SORTKEY)\b(?!\s*\()", "", known)
    try:
        tree = sqlglot.parse_one(known, read="redshift")
    except SqlglotError:
        return None
    return None if isinstance(tree, exp.Command) else tree


def _by_words(words: str) -> Iterator[str]:
    phrases = _PHRASES
    if words.startswith("CREATE "):
        phrases += _CREATE_PHRASES
    elif words.startswith("MERGE "):
        phrases += _MERGE_PHRASES
        yield from _merge_branches(words)
    yield from (reason for pattern, reason in phrases if re.search(pattern, words))
    for pattern, reason in _FUNCTIONS:
        yield from (f"{match[1]}: {reason}" for match in pattern.finditer(words))
    if "?" in words.split() and not words.startswith(_TAKES_PARAMETERS):
        yield f"a bound parameter in {words.split(maxsplit=1)[0]}: only queries and changes of rows take parameters"


def _merge_branches(words: str) -> Iterator[str]:
    matched = len(re.findall(r"\bWHEN MATCHED\b", words))
    missing = len(re.findall(r"\bWHEN NOT MATCHED\b", words))
    wanted = (0, 0) if words.endswith("REMOVE DUPLICATES") else (1, 1)
    if (matched, missing) != wanted:
        yield "MERGE: one WHEN MATCHED and one WHEN NOT MATCHED, or REMOVE DUPLICATES"


def _reads_tables(words: str, tree: exp.Expr | None) -> bool:
    """Whether a statement goes to the compute nodes: it names a table that is none of the catalogue's."""
    if tree is None:
        return bool(re.search(r"\bFROM\b", words))
    return any(
        not table.name.lower().startswith("pg_") and isinstance(table.this, exp.Identifier)
        for table in tree.find_all(exp.Table)
    )


def _by_tree(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        yield from _by_node(node)
    if isinstance(tree, exp.Delete) and tree.this.alias:
        yield "DELETE FROM t AS x: the target has no alias"
    yield from _correlations(tree)


def _by_node(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.DataType):
        yield from _wrong_type(node)
    elif isinstance(node, exp.Window):
        yield from _wrong_window(node)
    elif isinstance(node, exp.Identifier):
        yield from _wrong_name(node)
    elif isinstance(node, exp.ColumnDef) and node.name.upper() in _SYSTEM_COLUMNS:
        yield f"{node.name}: the name of a system column"
    elif isinstance(node, exp.DefaultColumnConstraint) and node.find(exp.Select):
        yield "DEFAULT: a default can't be a query"
    elif isinstance(node, exp.Unnest | exp.Explode):
        yield from _wrong_unnest(node)
    elif isinstance(node, exp.Select):
        yield from _untyped_texts(node)
    elif isinstance(node, exp.In):
        yield from _aggregates_in(node)


def _wrong_type(node: exp.DataType) -> Iterator[str]:
    reason = _TYPES.get(node.this)
    if reason:
        yield f"type {node.sql()}: {reason}"
    elif node.this == DType.INTERVAL and isinstance(node.parent, exp.ColumnDef):
        yield "type INTERVAL: a column's needs YEAR TO MONTH or DAY TO SECOND"


def _wrong_unnest(node: exp.Unnest | exp.Explode) -> Iterator[str]:
    in_from = isinstance(node, exp.Unnest) and isinstance(node.parent, exp.From | exp.Join)
    if not in_from or not isinstance(node.expressions[0], exp.Column | exp.Dot):
        yield "UNNEST: only FROM has it, and only of a SUPER column"


def _wrong_window(node: exp.Window) -> Iterator[str]:
    function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
    ordered, framed = node.args.get("order"), node.args.get("spec")
    if framed and not ordered:
        yield "a frame of ROWS without ORDER BY"
    if ordered and not framed and isinstance(function, _FRAMED):
        yield f"{function.sql_name()} OVER (… ORDER BY …): an ordered aggregate needs a frame of ROWS"
    if function.find(exp.Distinct):
        yield "DISTINCT in a window function"
    if function.find(exp.Window):
        yield "a window function within a window function"


def _wrong_name(node: exp.Identifier) -> Iterator[str]:
    name = node.name.upper()
    if node.args.get("quoted") or isinstance(node.parent, exp.Star):
        return
    if name in _RESERVED or (name in _RESERVED_CALLS and not isinstance(node.parent, exp.Column)):
        yield f"{node.name}: a reserved word as a name"


def _untyped_texts(node: exp.Select) -> Iterator[str]:
    """A bare text in a derived table stays "unknown", and can't be compared, ordered or grouped outside."""
    if not isinstance(node.parent, exp.CTE | exp.Subquery):
        return
    if isinstance(node.parent, exp.Subquery) and not isinstance(node.parent.parent, exp.From | exp.Join):
        return
    for column in node.selects:
        value = column.this if isinstance(column, exp.Alias) else column
        if isinstance(value, exp.Literal) and value.is_string:
            yield f"{column.sql()} in a derived table: its type is unknown, CAST it"


def _aggregates_in(node: exp.In) -> Iterator[str]:
    query = node.args.get("query")
    select = query.this if isinstance(query, exp.Subquery) else query
    if not isinstance(select, exp.Select) or not select.args.get("group"):
        return
    if any(
        not isinstance(found, exp.Min | exp.Max) for column in select.selects for found in column.find_all(exp.AggFunc)
    ):
        yield "IN (… aggregate … GROUP BY …): only of MIN and MAX"


def _correlations(tree: exp.Expr) -> Iterator[str]:
    """The patterns of "Correlated subquery patterns that are not supported" that can be told from qualified names."""
    for column in tree.find_all(exp.Column):
        if not column.table:
            continue
        blocks = list(_blocks(column))
        depth = next((n for n, block in enumerate(blocks) if column.table.lower() in _sources(block)), 0)
        if depth > 1:
            yield f"{column.sql()}: a correlation that skips a query"
        for block in blocks[:depth]:
            if _within_on(block):
                yield f"{column.sql()}: a correlation from a subquery in ON"
            if any(isinstance(inner.this, exp.Func) for inner in block.find_all(exp.Window)):
                yield f"{column.sql()}: a correlation from a subquery with a window function"
        if depth:
            yield from _grouped_by(column, blocks[depth - 1], blocks[depth])


def _blocks(node: exp.Expr) -> Iterator[exp.Expr]:
    """The query blocks around a node, from the inside."""
    above = node.parent
    while above is not None:
        if isinstance(above, exp.Select | exp.Update | exp.Delete | exp.Merge):
            yield above
        above = above.parent


def _sources(block: exp.Expr) -> set[str]:
    """The names under which a query block knows its tables."""
    heads: list[exp.Expr | None] = []
    for key in ("this", "using", "from_"):
        value = block.args.get(key)
        heads.extend(value if isinstance(value, list) else [value])
    heads.extend(block.args.get("joins") or [])
    for using in list(heads):
        heads.extend((using.args.get("joins") or []) if isinstance(using, exp.Table | exp.Subquery) else [])
    named = [head.this if isinstance(head, exp.From | exp.Join) else head for head in heads]
    return {table.alias_or_name.lower() for table in named if isinstance(table, exp.Expr) and table.alias_or_name}


def _within_on(block: exp.Expr) -> bool:
    child, above = block, block.parent
    while above is not None and not isinstance(above, exp.Select):
        if isinstance(above, exp.Join):
            return child is above.args.get("on")
        child, above = above, above.parent
    return False


def _grouped_by(column: exp.Column, inner: exp.Expr, outer: exp.Expr) -> Iterator[str]:
    group = outer.args.get("group")
    if group is None or not isinstance(outer, exp.Select):
        return
    names = {item.name.lower() for item in group.expressions if isinstance(item, exp.Column) and not item.table}
    places = {item.name for item in group.expressions if isinstance(item, exp.Literal)}
    for place, selected in enumerate(outer.selects, start=1):
        holds = any(node is inner for node in selected.find_all(exp.Select))
        if holds and (selected.alias.lower() in names or str(place) in places):
            yield f"{column.sql()}: GROUP BY the result of a correlated subquery"
