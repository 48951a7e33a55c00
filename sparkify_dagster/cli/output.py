"""How the command line talks: results on standard output, progress and errors on standard error.

What belongs here: tables, numbers, progress. What doesn't: what is told.
"""

import logging
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NoReturn

from rich.cells import cell_len


def say(text: str = "") -> None:
    """Prints a line of the result."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Prints a line that is no result."""
    sys.stderr.write(f"{text}\n")


def fail(text: str, code: int = 1) -> NoReturn:
    """Prints an error as one line, and ends."""
    warn(f"sparkify: {' '.join(text.split())}")
    sys.exit(code)


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a plain table; numbers to the right."""
    raw = [list(row) for row in rows]
    right = [bool(raw) and all(_is_number(row[place]) for row in raw) for place in range(len(columns))]
    show_cells(title, columns, [[shown(value) for value in row] for row in raw], right)


def show_cells(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    """Prints a plain table of texts.

    Args:
        title: The line above it; "" for none.
        head: The names of the columns.
        rows: What to print in each row, a text for each column.
        right: Which columns are set to the right.
    """
    widths = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
    if title:
        say(title)
    for row in (head, *rows):
        padded = (
            " " * (width - cell_len(cell)) + cell if to_right else cell + " " * (width - cell_len(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        )
        say(f"  {'  '.join(padded)}".rstrip())


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def shown(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value)


def counted(number: int, thing: str) -> str:
    """A number with its thing in singular or plural: "1 file", "2 files"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def show_progress() -> None:
    """Shows what the platform logs as progress, with the seconds since the start."""
    logger = logging.getLogger("sparkify_dagster")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [_ProgressHandler()]


class _ProgressHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        seconds = time.monotonic() - self._began
        warn(f"{seconds:7.1f} s  {record.getMessage()}")
