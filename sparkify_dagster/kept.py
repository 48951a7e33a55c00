"""What was made of a text, kept between processes in the user's cache: parsing takes longer than most commands.

What belongs here: keeping and finding it. What doesn't: making it.

A piece is a file of its own, named for all that it follows from: the text, the code that makes it, and the version of
sqlglot. So nothing is ever out of date, and processes may write at the same time. Nothing depends on it: what can't be
read is made again, and what can't be written, as on a read-only disk, is made by each process. It may be deleted at
any time.
"""

import hashlib
import importlib.metadata
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

_HERE = Path(__file__).parent
_MAKERS = ("kept.py", "dialects.py", "tables/catalog.py", "tables/description.py", "tables/parsing.py")
"""The code that what is kept follows from."""

Made = TypeVar("Made")


def kept(kind: str, text: str, make: Callable[[], Made]) -> Made:
    """What was made of a text before; else it is made now, and kept.

    Args:
        kind: What is made of it.
        text: The text.
        make: Makes it: values of JSON, that follow from the kind, the text and the code in ``_MAKERS`` alone.
    """
    folder = _folder()
    if folder is None:
        return make()
    path = folder / _digest(json.dumps([kind, text]))
    try:
        return _read(path)
    except (OSError, ValueError):
        made = make()
        # Whatever goes wrong: the next process makes it again.
        with suppress(OSError):
            _write(path, json.dumps(made))
        return made


@cache
def _folder() -> Path | None:
    """The folder in the user's cache for all that this version makes; None where there can be none.

    The version is that of the code itself, too: in a clone it changes.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        # The XDG Base Directory Specification has relative paths ignored.
        place = given if given.is_absolute() else Path.home() / ".cache"
        code = [(_HERE / name).read_text(encoding="utf-8") for name in _MAKERS]
        version = _digest(json.dumps([importlib.metadata.version("sqlglot"), *code]))
    except (RuntimeError, OSError, ImportError):
        # A user without a home, or an installation without sources or metadata.
        return None
    return place / "sparkify_dagster" / version[:16]


def _read(path: Path) -> Any:
    """Reads a piece.

    Raises:
        OSError: It is not there, or can't be read.
        ValueError: It is not whole, or not the user's own.
    """
    with path.open(encoding="utf-8") as file:
        if os.fstat(file.fileno()).st_uid != os.geteuid():
            raise ValueError(f"{path} is another user's")
        digest, _, made = file.read().partition("\n")
    if digest != _digest(made):
        raise ValueError(f"{path} is not whole")
    return json.loads(made)


def _write(path: Path, made: str) -> None:
    """Writes a piece: others see all of it or nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{_digest(made)}\n{made}")
        Path(name).replace(path)
    except OSError:
        Path(name).unlink()
        raise


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
