"""How the command line talks: results on standard output, progress and errors on standard error.

What belongs here: tables, numbers, progress. What doesn't: what is told.
"""

import logging
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NoReturn

from rich.console import Console
from rich.segment import Segments
from rich.table import Table
from rich.text import Text

# Wide enough that nothing is cut: a terminal wraps what it can't hold, a pipe gets all of it.
_WIDTH = 10_000
_out = Console(highlight=False, width=_WIDTH)
_err = Console(highlight=False, width=_WIDTH, stderr=True)


def say(text: str = "") -> None:
    """Prints a line of the result."""
    _out.print(text, markup=False)


def warn(text: str) -> None:
    """Prints a line that is no result."""
    _err.print(text, markup=False)


def fail(text: str, code: int = 1) -> NoReturn:
    """Prints an error as one line, and ends."""
    warn(f"sparkify: {' '.join(text.split())}")
    sys.exit(code)


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a plain table; numbers to the right."""
    raw = [list(row) for row in rows]
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        numbers = bool(raw) and all(isinstance(row[place], int | float | None) for row in raw)
        table.add_column(column, justify="right" if numbers else "left", no_wrap=True, header_style="dim")
    for row in raw:
        table.add_row(*(Text(shown(value)) for value in row))
    for line in _out.render_lines(table, pad=False):
        _out.print(Segments(line))


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
