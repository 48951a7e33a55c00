"""Packed files: gzip, whatever they are called.

What belongs here: telling them from others, and which errors mean that one is broken or cut. What doesn't: unpacking.
"""

import gzip
import zlib

BROKEN = (EOFError, gzip.BadGzipFile, zlib.error)
"""What Python raises while it unpacks a file that is broken or cut."""


def is_packed(head: bytes) -> bool:
    """Whether a file is packed, by its first two bytes or more."""
    return head.startswith(b"\x1f\x8b")
