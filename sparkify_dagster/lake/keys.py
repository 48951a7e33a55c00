"""What the names of the lake's files mean.

What belongs here: pure functions from a key (or a month's name) to what it stands for, and which keys are refused.
What does not: anything that looks into a lake, opens a file or speaks to S3; and the contents of files.

A key is always relative to the lake and begins with its part: ``log_data/2018/11/2018-11-01-events.json``.
"""

import re

LOG_PART = "log_data"
SONG_PART = "song_data"

# Control characters and Unicode's own line ends could forge lines of a log, a backslash is a separator elsewhere, and a
# lone surrogate (what Python makes of a file name that is not UTF-8) can be written neither to the ledger nor to a
# terminal.
_REFUSED = r"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ANY_SEGMENT = rf"(?!\.\.?(?:/|\Z))[^/{_REFUSED}]+"
# Names with "." or "_" in front are what tools leave beside the data (.DS_Store, _SUCCESS, _temporary/…, .x.json.swp).
_DATA_SEGMENT = rf"[^._/{_REFUSED}][^/{_REFUSED}]*"
_DATA_PATH = rf"(?:{_DATA_SEGMENT}/)*{_DATA_SEGMENT}\.json(?:\.gz)?"

# [0-9] and not \d, which takes the digits of every script.
_YEAR = r"(?:19[7-9][0-9]|[2-9][0-9]{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"

_SAFE = re.compile(rf"{_ANY_SEGMENT}(?:/{_ANY_SEGMENT})*")
_LOG = re.compile(rf"{LOG_PART}/({_YEAR})/({_MONTH})/{_DATA_PATH}")
_SONG = re.compile(rf"{SONG_PART}/{_DATA_PATH}")
_YEAR_NAME = re.compile(_YEAR)
_MONTH_NAME = re.compile(rf"{_YEAR}-{_MONTH}")


def month_of(key: str) -> str | None:
    """Gives the log month of a log file.

    Args:
        key: Any text.

    Returns:
        The month in the key's path as "YYYY-MM", or None if the key is not that of a log file.
    """
    match = _LOG.fullmatch(key)
    return f"{match[1]}-{match[2]}" if match else None


def is_log(key: str) -> bool:
    """Says whether a key (any text) is that of a log file."""
    return month_of(key) is not None


def is_song(key: str) -> bool:
    """Says whether a key (any text) is that of a song file."""
    return _SONG.fullmatch(key) is not None


def is_data(key: str) -> bool:
    """Says whether a key (any text) is that of a log file or of a song file."""
    return is_song(key) or month_of(key) is not None


def is_safe(key: str) -> bool:
    """Says whether a key, joined to a folder, is bound to stay below that folder and can be shown and stored as it is.

    Every key that ``month_of`` or ``is_song`` accepts is safe; not every safe key is a log or song file.
    """
    return _SAFE.fullmatch(key) is not None


def is_year(text: str) -> bool:
    """Says whether a text is a year "YYYY" of the range that months may have, 1970 to 9999."""
    return _YEAR_NAME.fullmatch(text) is not None


def is_month(text: str) -> bool:
    """Says whether a text is a month "YYYY-MM" from 1970-01 to 9999-12."""
    return _MONTH_NAME.fullmatch(text) is not None


def check_month(text: str) -> str:
    """Gives a month's name back if it is one.

    Raises:
        ValueError: The text is no month "YYYY-MM" from 1970-01 to 9999-12.
    """
    if not is_month(text):
        raise ValueError(f"not a month: {text!r} (write YYYY-MM, such as 2018-11)")
    return text


def next_month(month: str) -> str:
    """Gives the month after a month.

    Raises:
        ValueError: The text is no month, or there is none after it (9999-12).
    """
    return _month_at(_number_of(month) + 1)


def months_between(first: str, last: str) -> list[str]:
    """Gives all months from the first to the last, both included; an empty list if the last lies before the first.

    Raises:
        ValueError: One of the texts is no month.
    """
    return [_month_at(number) for number in range(_number_of(first), _number_of(last) + 1)]


def _number_of(month: str) -> int:
    """Counts the months from 0000-01 on, so that months can be added."""
    year, number = check_month(month).split("-")
    return int(year) * 12 + int(number) - 1


def _month_at(number: int) -> str:
    year, month = divmod(number, 12)
    return check_month(f"{year:04d}-{month + 1:02d}")
