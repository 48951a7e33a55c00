"""SQL text as a list of tokens.

What belongs here: cutting text into tokens and putting it together again. What doesn't: what the words mean.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sparkify_dagster_tests.redshift.errors import ServerError, syntax_error

# As in Redshift, the backslash escapes within a text.
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.|'')*'|\$\$.*?\$\$)
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<parameter>\$\d+)
    |(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<mark>::|<=|>=|<>|!=|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL.

    Attributes:
        kind: ``text`` (a literal), ``quoted`` (a name), ``parameter``, ``number``, ``word`` or ``mark``.
        text: As it is written.
        space: White space and comments before it.
    """

    kind: str
    text: str
    space: str = ""

    @property
    def upper(self) -> str:
        """A word in capitals, to be compared with keywords; "" for a quoted name and a literal."""
        return "" if self.kind in {"text", "quoted"} else self.text.upper()

    @property
    def value(self) -> str:
        """What a literal stands for, or the name that a word or quoted name stands for: both in lower case."""
        if self.kind == "text":
            inner = self.text[1:-1].replace("''", "'")
            return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), inner, flags=re.DOTALL)
        if self.kind == "quoted":
            return self.text[1:-1].replace('""', '"').lower()
        return self.text.lower()


def tokens(sql: str) -> list[Token]:
    """Cuts a statement into tokens; without the semicolon at its end."""
    found: list[Token] = []
    space = ""
    for match in _TOKEN.finditer(sql):
        kind = str(match.lastgroup)
        if kind == "space":
            space += match[0]
            continue
        found.append(Token(kind, match[0], space))
        space = ""
    while found and found[-1].text == ";":
        found.pop()
    return found


def joined(pieces: Iterable[Token]) -> str:
    """The text of tokens."""
    return "".join(piece.space + piece.text for piece in pieces).strip()


class Reader:
    """Reads tokens one after the other."""

    def __init__(self, pieces: list[Token]) -> None:
        self._pieces = pieces
        self._place = 0

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._pieces)

    def peek(self, ahead: int = 0) -> str:
        """The next token, in capitals; "" at the end, and for literals and quoted names."""
        place = self._place + ahead
        return self._pieces[place].upper if place < len(self._pieces) else ""

    def next(self) -> Token:
        """Takes the next token."""
        if self.ended:
            raise ServerError("42601", "syntax error at end of input")
        self._place += 1
        return self._pieces[self._place - 1]

    def take(self, *words: str) -> bool:
        """Takes the given words, if they come next."""
        if any(self.peek(ahead) != word for ahead, word in enumerate(words)):
            return False
        self._place += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Takes the given words, which have to come next."""
        for word in words:
            if not self.take(word):
                raise syntax_error(self.next().text)

    def name(self) -> str:
        """Takes a name, with its schema where it has one; as PostgreSQL reads it, quoted."""
        parts = [self._identifier()]
        while self.take("."):
            parts.append(self._identifier())
        return ".".join(parts)

    def literal(self) -> str:
        """Takes a text literal."""
        token = self.next()
        if token.kind != "text":
            raise syntax_error(token.text)
        return token.value

    def number(self) -> int:
        """Takes a whole number."""
        token = self.next()
        if not token.text.isdecimal():
            raise syntax_error(token.text)
        return int(token.text)

    def parenthesized(self) -> list[Token]:
        """Takes what stands between two matching parentheses."""
        self.expect("(")
        depth, inner = 1, list[Token]()
        while True:
            token = self.next()
            depth += (token.text == "(") - (token.text == ")")
            if depth == 0:
                return inner
            inner.append(token)

    def rest(self) -> list[Token]:
        """Takes all that is left."""
        left, self._place = self._pieces[self._place :], len(self._pieces)
        return left

    def _identifier(self) -> str:
        token = self.next()
        if token.kind not in {"word", "quoted"}:
            raise syntax_error(token.text)
        return quoted_name(token.value)


def split(pieces: list[Token]) -> Iterator[list[Token]]:
    """The parts between commas that are within no parentheses."""
    depth, part = 0, list[Token]()
    for token in pieces:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def quoted_name(name: str) -> str:
    """A name, as PostgreSQL reads it."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A literal, as PostgreSQL reads it here, with the backslash as an escape."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
