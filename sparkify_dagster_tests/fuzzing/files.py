"""How a file's bytes are cut into records, said a second time, and files that are packed, cut and damaged on purpose.

What belongs here: the tests' own reading of a file, and making one from a fuzzer's bytes. What doesn't: what is held
against it (``targets``).
"""

import gzip
from dataclasses import dataclass

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Made:
    """A file.

    Attributes:
        stored: Its bytes.
        text: What is in it, if it can be read to its end.
        whole: Whether it must be readable (True), must not be (False), or may be either (None).
    """

    stored: bytes
    text: bytes
    whole: bool | None


def made(data: bytes) -> Made:
    """Makes a file of a fuzzer's bytes: the first two say how it is packed, and where it is cut or damaged."""
    how, where, text = data[:1], data[1:2], data[2:]
    place = where[0] / 256 if where else 0.0
    if how == b"z":
        return Made(_packed(text), text, True)
    if how == b"c":
        packed = _packed(text)
        return Made(packed[: 2 + int(place * (len(packed) - 2))], text, False)
    if how == b"d":
        packed = bytearray(_packed(text))
        packed[2 + int(place * (len(packed) - 2))] ^= 1 + len(text) % 255
        return Made(bytes(packed), text, None)
    if how == b"m":
        middle = int(place * len(text))
        return Made(_packed(text[:middle]) + _packed(text[middle:]), text, True)
    return Made(text, text, None if text.startswith(b"\x1f\x8b") else True)


def records_of(text: bytes) -> list[tuple[int, bytes]]:
    """The records of a file that is no gzip, with their lines from 1."""
    lines = text.removeprefix(BYTE_ORDER_MARK).split(b"\n")
    stripped = [(number, line.strip(b" \t\r\n\v\f")) for number, line in enumerate(lines, start=1)]
    return [(number, line) for number, line in stripped if line]


def _packed(text: bytes) -> bytes:
    return gzip.compress(text, compresslevel=1, mtime=0)
