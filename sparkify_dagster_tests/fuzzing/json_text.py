"""A reader of JSON of the tests' own, that keeps numbers as they are written.

What belongs here: RFC 8259 and nothing else, without the help of any library of JSON. What doesn't: what a record may
hold (``rules``).
"""

import re
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    r"[ \t\n\r]*(?:"
    r"(?P<mark>[{}\[\],:])"
    r'|"(?P<text>(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<word>true|false|null)"
    r")"
)
_BLANKS = re.compile(r"[ \t\n\r]*")
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_DEEP = 200
"""Nesting that every reader can follow; at more, one may give up."""


class NotJson(Exception):
    """A text is no JSON."""


class Kind(Enum):
    """What is no text, no number and no null: which, nobody asks."""

    BOOLEAN = "a Boolean"
    COMPOUND = "an array or an object"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


Member = str | Number | Kind | None


@dataclass(frozen=True, slots=True)
class Members:
    """An object: its members in order, and whether anything in it is nested deeply."""

    pairs: list[tuple[str, Member]]
    deep: bool


@dataclass(slots=True)
class _Tokens:
    text: str
    place: int = 0

    def next(self) -> tuple[str, str]:
        """The kind of the next token and its text."""
        match = _TOKEN.match(self.text, self.place)
        if match is None or match.lastgroup is None:
            raise NotJson
        self.place = match.end()
        return match.lastgroup, match[match.lastgroup]

    def expect(self, mark: str) -> None:
        if self.next() != ("mark", mark):
            raise NotJson

    def end(self) -> None:
        if _BLANKS.fullmatch(self.text, self.place) is None:
            raise NotJson


def read_object(text: str) -> Members | None:
    """Gives the members of the object that a text is; None where it is JSON of another kind.

    Raises:
        NotJson: It is no JSON.
    """
    tokens = _Tokens(text)
    pairs: list[tuple[str, Member]] = []
    first = tokens.next()
    if first != ("mark", "{"):
        _value(tokens, first)
        tokens.end()
        return None
    deepest = 0
    token = tokens.next()
    while token != ("mark", "}"):
        if pairs:
            if token != ("mark", ","):
                raise NotJson
            token = tokens.next()
        if token[0] != "text":
            raise NotJson
        tokens.expect(":")
        member, depth = _value(tokens, tokens.next())
        deepest = max(deepest, depth)
        pairs.append((_unescaped(token[1]), member))
        token = tokens.next()
    tokens.end()
    return Members(pairs, deepest > _DEEP)


def _value(tokens: _Tokens, first: tuple[str, str]) -> tuple[Member, int]:
    """Reads a value on from its first token; returns it and how deep it is nested."""
    kind, text = first
    if kind == "text":
        return _unescaped(text), 0
    if kind == "number":
        return Number(text), 0
    if kind == "word":
        return (None if text == "null" else Kind.BOOLEAN), 0
    if text not in "{[":
        raise NotJson
    return Kind.COMPOUND, _skip(tokens, text)


def _skip(tokens: _Tokens, opened: str) -> int:
    """Reads on to the end of an array or object that was opened; returns how deep it is nested."""
    # Without recursion: what is nested deeply must not be a matter of this reader.
    open_ones, deepest = [opened], 1
    fresh = True
    while open_ones:
        closing = "}" if open_ones[-1] == "{" else "]"
        kind, text = tokens.next()
        if (kind, text) == ("mark", closing):
            open_ones.pop()
            fresh = False
            continue
        if not fresh:
            if (kind, text) != ("mark", ","):
                raise NotJson
            kind, text = tokens.next()
        if closing == "}":
            if kind != "text":
                raise NotJson
            tokens.expect(":")
            kind, text = tokens.next()
        fresh = kind == "mark"
        if fresh:
            if text not in "{[":
                raise NotJson
            open_ones.append(text)
            deepest = max(deepest, len(open_ones))
    return deepest


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _SHORT.get(found[2], found[2]), text)
    # Two escapes may make one character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
