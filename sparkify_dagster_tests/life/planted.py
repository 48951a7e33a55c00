"""Secrets that are planted in the settings, and where they are looked for.

Each has a core of letters and digits, which reads the same however an address, JSON, HTML or a shell has it; in base64
it reads in one of three ways. What surrounds the core is what such texts write otherwise.

What belongs here: the secrets, finding them in a text, and all that processes leave behind. What doesn't: processes.
"""

import base64
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

_SQLITE = b"SQLite format 3\0"


class Planted:
    """Secrets by the variable that holds them, made up anew."""

    def __init__(self) -> None:
        self._cores = {
            name: f"Pl4nted{secrets.token_hex(8)}"
            for name in ("REDSHIFT_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SPARKIFY_SLACK_WEBHOOK")
        }
        self.values = {
            "REDSHIFT_PASSWORD": f"{self._cores['REDSHIFT_PASSWORD']}/+%&='\" \\<$1>",
            "AWS_SECRET_ACCESS_KEY": f"{self._cores['AWS_SECRET_ACCESS_KEY']}/+=",
            "AWS_SESSION_TOKEN": f"{self._cores['AWS_SESSION_TOKEN']}/+==",
            # Nobody listens there: what is sent fails.
            "SPARKIFY_SLACK_WEBHOOK": f"http://127.0.0.1:1/services/T0/B0/{self._cores['SPARKIFY_SLACK_WEBHOOK']}",
        }
        self._spellings = {name: _spellings(core) for name, core in self._cores.items()}

    def found_in(self, texts: Iterable[tuple[str, bytes]]) -> set[str]:
        """Looks for them in texts with names; says of each that is there which it is, and in which text."""
        return {
            f"{name} in {where}"
            for where, text in texts
            for name, spellings in self._spellings.items()
            if any(spelling in text for spelling in spellings)
        }


def kept_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that files below a folder hold: as they are, and the values in databases, unpacked where they are packed."""
    for path in sorted(folder.rglob("*")):
        # A log of SQLite's may go while this looks.
        with suppress(FileNotFoundError):
            if path.is_file():
                content = path.read_bytes()
                yield str(path), content
                if content.startswith(_SQLITE):
                    yield from _values(path)


def _values(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in database.execute(f'SELECT * FROM "{name}"'):
                for value in row:
                    yield f"{path}, table {name}", _unpacked(value)


def _unpacked(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def _spellings(core: str) -> list[bytes]:
    """The core, and what of it in base64 does not hang on what stands before and after it."""
    plain = core.encode()
    spellings = [plain]
    for before in range(3):
        whole = base64.b64encode(bytes(before) + plain)
        part = whole[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6]
        spellings += [part, part.translate(bytes.maketrans(b"+/", b"-_"))]
    return spellings
