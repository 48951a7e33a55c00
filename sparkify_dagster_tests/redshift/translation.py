"""Statements of Redshift in words that PostgreSQL knows, and what the front does itself instead.

Queries go to PostgreSQL as they are, but for single tokens. A query's tree is never generated anew: that would change
what is tested.

What belongs here: telling statements apart, refusing what Redshift refuses, rewriting tokens. What doesn't: running
anything, CREATE and ALTER TABLE (``tables``), the options of COPY (``copying``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from sparkify_dagster_tests.redshift import views
from sparkify_dagster_tests.redshift.copying import CopyCommand, parse_copy
from sparkify_dagster_tests.redshift.errors import ServerError, syntax_error, unsupported
from sparkify_dagster_tests.redshift.functions import DATEPARTS
from sparkify_dagster_tests.redshift.grammar import refusals
from sparkify_dagster_tests.redshift.lexing import Reader, Token, joined, quoted_text, tokens
from sparkify_dagster_tests.redshift.tables import alter_table, create_table

_WITH_DATEPARTS = frozenset({"DATEADD", "DATEDIFF", "DATE_ADD", "DATE_DIFF", "DATE_PART", "DATE_TRUNC"})
_ENDINGS = frozenset({"COMMIT", "END", "ROLLBACK", "ABORT"})
_TRANSACTIONS = frozenset({*_ENDINGS, "BEGIN", "START"})
# Redshift knows these; the platform's own rules forbid them.
_RULES_OF_THE_PLATFORM = ("TRUNCATE:", "ALTER TABLE APPEND:", "IDENTITY:")
_MANY_TOKENS = 2000
_POSTGRES_SETTINGS = frozenset(
    {"SEARCH_PATH", "STATEMENT_TIMEOUT", "DATESTYLE", "TIMEZONE", "EXTRA_FLOAT_DIGITS", "CLIENT_ENCODING"}
    | {"TIME", "TRANSACTION", "SESSION", "LOCAL", "APPLICATION_NAME", "INTERVALSTYLE"}
)
_REDSHIFT_SETTINGS = re.compile(
    r"ENABLE_\w+|WLM_QUERY_SLOT_COUNT|ANALYZE_THRESHOLD_PERCENT|DESCRIBE_FIELD_NAME_IN_UPPERCASE"
    r"|JSON_SERIALIZATION_\w+|MV_\w+|MAX_CURSOR_RESULT_SET_SIZE|DOWNCASE_DELIMITED_IDENTIFIER|SPECTRUM_\w+"
    r"|ERROR_ON_NONDETERMINISTIC_UPDATE|\w+_SUPER_NULL_ON_ERROR|AUTO_\w+|USE_FIPS_SSL|QUERY_TIMEOUT"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a statement.

    Attributes:
        sql: PostgreSQL's text; "" where the front does it itself.
        action: What the front does: ``copy``, ``truncate``, ``append``, ``vacuum``, ``nothing``; "" where PostgreSQL
            does it all.
        tag: What the client is told when the front has done it.
        copy: The COPY.
        steps: Statements that the front runs, for ``truncate`` and ``append``.
        mentions: Names that only the front can fill with meaning (``views``).
        label: The query group that it sets; None where it sets none.
        timeout: The statement_timeout that it sets, in seconds; None where it sets none.
        ends: Whether it ends a transaction.
    """

    sql: str = ""
    action: str = ""
    tag: str = ""
    copy: CopyCommand | None = None
    steps: tuple[str, ...] = field(default=())
    mentions: frozenset[str] = frozenset()
    label: str | None = None
    timeout: float | None = None
    ends: bool = False


@lru_cache(maxsize=2000)
def plan(statement: str) -> Plan:
    """What to do with a statement.

    Raises:
        ServerError: Redshift would refuse it, or the double doesn't know it.
    """
    pieces = tokens(statement)
    reader = Reader(pieces)
    if reader.ended:
        return Plan(action="empty")
    first = reader.peek()
    if first in _TRANSACTIONS:
        return Plan(sql=joined(pieces), ends=first in _ENDINGS)
    _refuse(statement, pieces)
    if first in {"UNLOAD", "CALL", "CANCEL"}:
        raise unsupported(f"{first} is not in the double")
    own = _OWN.get(first)
    if own is None or (first == "ALTER" and reader.peek(1) != "TABLE"):
        return Plan(sql=_rewritten(pieces), mentions=views.mentioned(pieces))
    return own(pieces)


def _refuse(statement: str, pieces: list[Token]) -> None:
    reasons = [
        reason for reason in refusals(_shortened(statement, pieces)) if not reason.startswith(_RULES_OF_THE_PLATFORM)
    ]
    if reasons:
        raise unsupported("; ".join(reasons))
    first = pieces[0].upper if pieces else ""
    bound = any(token.kind == "parameter" for token in pieces)
    if bound and first not in {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "("}:
        raise ServerError("42601", f"bound parameters are not supported in {first}")


def _shortened(statement: str, pieces: list[Token]) -> str:
    """The statement, with one row in place of very many: parsing these takes longer than the statement."""
    if len(pieces) < _MANY_TOKENS or pieces[0].upper != "INSERT":
        return statement
    words = [token.upper for token in pieces]
    if "VALUES" not in words:
        return statement
    start = words.index("VALUES") + 1
    return joined(pieces[:start]) + " (" + joined(Reader(pieces[start:]).parenthesized()) + ")"


def _copy(pieces: list[Token]) -> Plan:
    # Redshift doesn't count the rows of a COPY for the client: PG_LAST_COPY_COUNT does.
    return Plan(action="copy", tag="COPY 0", copy=parse_copy(pieces))


def _truncate(pieces: list[Token]) -> Plan:
    return Plan(action="truncate", tag="TRUNCATE TABLE", steps=(_rewritten(pieces),))


def _vacuum(pieces: list[Token]) -> Plan:
    del pieces
    return Plan(action="vacuum", tag="VACUUM")


def _create(pieces: list[Token]) -> Plan:
    reader = Reader(pieces)
    reader.expect("CREATE")
    ahead = [reader.peek(place) for place in range(3)]
    if "TABLE" in ahead:
        return Plan(sql=create_table(reader, _rewritten), mentions=views.mentioned(pieces))
    if reader.take("OR"):
        reader.expect("REPLACE")
    if reader.peek() in {"VIEW", "SCHEMA", "USER", "GROUP", "ROLE"}:
        if [token.upper for token in pieces[-4:]] == ["WITH", "NO", "SCHEMA", "BINDING"]:
            pieces = pieces[:-4]
        return Plan(sql=_rewritten(pieces))
    raise unsupported(f"CREATE {reader.peek()} is not supported")


def _alter_table(pieces: list[Token]) -> Plan:
    reader = Reader(pieces)
    reader.expect("ALTER", "TABLE")
    name = reader.name()
    if reader.take("APPEND"):
        reader.expect("FROM")
        source = reader.name()
        if not reader.ended and not (reader.take("IGNOREEXTRA") or reader.take("FILLTARGET")):
            raise syntax_error(reader.next().text)
        steps = (f"INSERT INTO {name} SELECT * FROM {source}", f"DELETE FROM {source}")
        return Plan(action="append", tag="ALTER TABLE APPEND", steps=steps)
    reader = Reader(pieces)
    reader.expect("ALTER", "TABLE")
    sql = alter_table(reader, _rewritten)
    return Plan(sql=sql) if sql else Plan(action="nothing", tag="ALTER TABLE")


def _analyze(pieces: list[Token]) -> Plan:
    reader = Reader(pieces)
    reader.expect("ANALYZE")
    if reader.take("COMPRESSION"):
        raise unsupported("ANALYZE COMPRESSION is not in the double")
    reader.take("VERBOSE")
    if reader.ended:
        return Plan(action="nothing", tag="ANALYZE")
    return Plan(sql=f"ANALYZE {reader.name()}")


def _setting(pieces: list[Token]) -> Plan:
    reader = Reader(pieces)
    verb = reader.next().upper
    local = "LOCAL " if verb == "SET" and (reader.take("LOCAL") or reader.take("SESSION")) else ""
    name = reader.peek()
    if name == "QUERY_GROUP":
        reader.next()
        if verb != "SET":
            return Plan(sql=f"{verb} redshift.query_group", label="" if verb == "RESET" else None)
        if not (reader.take("TO") or reader.take("=")):
            raise syntax_error(reader.next().text)
        value = reader.next()
        label = "" if value.upper == "DEFAULT" else value.value
        return Plan(sql=f"SET redshift.query_group TO {quoted_text(label)}", label=label)
    if name == "STATEMENT_TIMEOUT" and verb == "SET":
        digits = [token.value for token in pieces if token.value.isdecimal()]
        return Plan(sql=_rewritten(pieces), timeout=int(digits[0]) / 1000 if digits else 0.0)
    if name in _POSTGRES_SETTINGS or name == "ALL" or local:
        return Plan(sql=_rewritten(pieces))
    if _REDSHIFT_SETTINGS.fullmatch(name):
        if verb == "SHOW":
            raise unsupported(f"SHOW {name} is not in the double")
        return Plan(action="nothing", tag=verb)
    if verb == "SHOW":
        return Plan(sql=_rewritten(pieces))
    raise ServerError("42704", f'unrecognized configuration parameter "{name.lower()}"')


_OWN: dict[str, Callable[[list[Token]], Plan]] = {
    "COPY": _copy,
    "CREATE": _create,
    "ALTER": _alter_table,
    "TRUNCATE": _truncate,
    "SET": _setting,
    "RESET": _setting,
    "SHOW": _setting,
    "VACUUM": _vacuum,
    "ANALYZE": _analyze,
}


def _rewritten(pieces: list[Token]) -> str:
    """The text of a statement, or a part, with those tokens changed that PostgreSQL reads otherwise."""
    changed: list[Token] = []
    for place, token in enumerate(pieces):
        behind = pieces[place + 1].text if place + 1 < len(pieces) else ""
        before = pieces[place - 1].text if place else ""
        changed.append(_changed(token, before, behind, pieces, place))
    return joined(changed)


def _changed(token: Token, before: str, behind: str, pieces: list[Token], place: int) -> Token:
    if token.kind == "quoted":
        # Redshift folds quoted names too.
        return Token("quoted", token.text.lower(), token.space)
    if token.kind != "word":
        return token
    word, text = token.upper, token.text
    if behind == "(" and before != ".":
        text = {"NVL": "COALESCE", "JSON_SERIALIZE": '"json_serialize"', "JSON_PARSE": '"json_parse"'}.get(word, text)
    elif behind == "," and before == "(" and _calls_with_datepart(pieces, place) and text.lower() in DATEPARTS:
        text = f"'{text}'"
    elif word == "SYSDATE" and before not in {".", "AS", "as"} and behind != ".":
        text = "pg_catalog.redshift_sysdate()"
    elif word == "MINUS" and behind.upper() in {"SELECT", "("}:
        text = "EXCEPT"
    elif word == "MAX" and before == "(" and behind == ")":
        text = "65535"
    return token if text is token.text else Token("word", text, token.space)


def _calls_with_datepart(pieces: list[Token], place: int) -> bool:
    return place >= 2 and pieces[place - 2].upper in _WITH_DATEPARTS
