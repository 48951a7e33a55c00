"""What people are shown of texts that come from elsewhere: keys, addresses, the words of a server.

What belongs here: pure functions that make such a text fit for a log, an error or a table: on one line, and without
what nobody may read. What doesn't: settings that are secrets as a whole, which mask themselves (``settings.Secret``).
"""

import re

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Up to the last "@" before the path: a password may hold others.
_LOGIN = re.compile(r"(\w+://)[^/\s]*@")


def printable(text: str) -> str:
    r"""Gives a text as it can be shown on one line: what cannot be shown comes as an escape such as ``\x0a``."""
    return _UNPRINTABLE.sub(lambda match: _escape(match[0]), text)


def without_login(text: str) -> str:
    """Gives a text without the user and password that may stand in the addresses in it."""
    return _LOGIN.sub(r"\1", text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
