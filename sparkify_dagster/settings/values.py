"""The kinds of values that settings have, and how each is read from text.

What belongs here: checks that several settings share; an error names the setting.
What doesn't: which settings there are.
"""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.lake.keys import check_month
from sparkify_dagster.showing import without_login

_SIZE = re.compile(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", re.IGNORECASE)

MASK = "********"
"""What is shown in place of a secret, however long that is."""


class Secret:
    """A text that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    # Without __str__: where that is missing, str() and f-strings take this.
    def __repr__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def location(name: str, text: str, folder: Path) -> str:
    """Gives a place in the form that the lake takes: an absolute path, or ``s3://bucket/prefix`` without a last slash.

    Raises:
        SettingsError: It is neither a folder nor in S3.
    """
    if text.startswith("s3://"):
        if not bucket_of(text):
            raise SettingsError(f"{name} names no bucket: write s3://bucket or s3://bucket/prefix.")
        return text.rstrip("/")
    if "://" in text:
        raise SettingsError(f"{name} is {without_login(text)!r}: it is a folder or s3://bucket/prefix.")
    return str(folder / Path(text).expanduser())


def bucket_of(place: str) -> str:
    """The bucket of a place in S3, ``s3://bucket/prefix``."""
    return place.removeprefix("s3://").partition("/")[0]


def month(values: Mapping[str, str], name: str) -> str | None:
    """Gives a month "YYYY-MM", None where it is not set.

    Raises:
        SettingsError: It is none.
    """
    text = values.get(name)
    if not text:
        return None
    try:
        return check_month(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}: it is a month such as 2018-11.") from None


def number(
    values: Mapping[str, str], name: str, default: float, *, smallest: float = 0.0, largest: float = 86_400.0
) -> float:
    """Gives a number within bounds.

    Raises:
        SettingsError: It is none, or out of them.
    """
    text = values.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not smallest <= value <= largest:
        raise SettingsError(f"{name} is {text!r}: it is a number from {smallest:g} to {largest:g}.")
    return value


def size(values: Mapping[str, str], name: str) -> str | None:
    """A setting that is a size in bytes, such as "800MB" or "1.5 GiB"; None where it is not set.

    Raises:
        SettingsError: It is none.
    """
    text = values.get(name)
    if not text:
        return None
    if not _SIZE.fullmatch(text):
        raise SettingsError(f"{name} is {text!r}: it is a number with its unit, such as 800MB or 1.5GB.")
    return text


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and what is sent there stays on it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
