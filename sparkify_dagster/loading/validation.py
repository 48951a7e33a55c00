"""Validates whole files, record by record: the careful path.

What belongs here: cutting a file into records, whatever its packing and line ends, and sorting the good from the
rejected. What doesn't: what a good record is (``records``), and whether a file with bad ones still loads (``load``).
"""

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from sparkify_dagster.lake.packing import BROKEN, is_packed
from sparkify_dagster.loading.records import (
    MAX_RECORD_BYTES,
    GoodRecord,
    RecordValidator,
    Rejected,
)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What DuckDB, as Python, takes for white space around a record.
_BLANKS = b" \t\r\n\x0b\x0c"


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that is not loaded: its line (from 1), why, and its bytes."""

    line: int
    reason: str
    raw: bytes


@dataclass(slots=True)
class ValidatedFile:
    """What became of a file's records.

    Attributes:
        loaded: Number of good records.
        rejected: The others.
        unknown_fields: Fields that no column is made from.
        broken: Why the file as a whole can't be read; None where it can.
    """

    loaded: int = 0
    rejected: list[RejectedRecord] = field(default_factory=list)
    unknown_fields: set[str] = field(default_factory=set)
    broken: str | None = None

    @property
    def records(self) -> int:
        """Number of records in the file."""
        return self.loaded + len(self.rejected)


def validate_lines(path: Path, validator: RecordValidator, keep: Callable[[GoodRecord], None]) -> ValidatedFile:
    """Validates a file that holds a record a line; each good one is kept."""
    outcome = ValidatedFile()
    try:
        for line, raw in _lines(path):
            _validate(line, raw, validator, keep, outcome)
    except BROKEN:
        outcome.broken = "its gzip compression is broken or cut"
    return outcome


def validate_document(content: bytes, validator: RecordValidator, keep: Callable[[GoodRecord], None]) -> ValidatedFile:
    """Validates the content of a file that is one record as a whole."""
    outcome = ValidatedFile()
    if is_packed(content):
        try:
            content = gzip.decompress(content)
        except BROKEN:
            outcome.broken = "its gzip compression is broken or cut"
            return outcome
    record = content.removeprefix(_BYTE_ORDER_MARK).strip(_BLANKS)
    if record:
        _validate(1, record, validator, keep, outcome)
    return outcome


def is_good_line(line: bytes, validator: RecordValidator) -> bool:
    """Whether a line is a good record, or blank."""
    stripped = line.strip(_BLANKS)
    return not stripped or validator.accepts(stripped)


def unknown_fields(head: bytes, known: frozenset[str]) -> set[str]:
    """Fields that no column is made from, in the whole lines at the beginning of a file that passed as it is."""
    found: set[str] = set()
    for line in head.split(b"\n"):
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            # Also a line that is cut by the piece's end.
            continue
        if isinstance(record, dict):
            found |= record.keys() - known
    return found


def _validate(
    line: int, raw: bytes, validator: RecordValidator, keep: Callable[[GoodRecord], None], outcome: ValidatedFile
) -> None:
    try:
        record = validator.validate(raw)
    except Rejected as rejection:
        outcome.rejected.append(RejectedRecord(line, str(rejection), raw))
        return
    keep(record)
    outcome.loaded += 1
    outcome.unknown_fields |= record.unknown_fields


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1."""
    with ExitStack() as stack:
        plain = stack.enter_context(path.open("rb"))
        packed = is_packed(plain.read(2))
        plain.seek(0)
        file = stack.enter_context(gzip.open(plain, "rb")) if packed else plain
        number = 0
        # Bounded reads: a line without end must not fill the memory. Of what is longer than a record may be, the
        # beginning is kept, to be rejected.
        while raw := file.readline(MAX_RECORD_BYTES + 2):
            number += 1
            whole = raw.endswith(b"\n")
            if not whole and len(raw) > MAX_RECORD_BYTES:
                rest = raw
                while rest and not rest.endswith(b"\n"):
                    rest = file.readline(MAX_RECORD_BYTES)
                # As it is: what is cut must not look like a record, nor like a blank line.
                yield number, raw
                continue
            if number == 1:
                raw = raw.removeprefix(_BYTE_ORDER_MARK)
            stripped = raw.strip(_BLANKS)
            if stripped:
                yield number, stripped
