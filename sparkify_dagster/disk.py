"""How a disk that is full shows itself.

What belongs here: telling that from other errors, and what to say of it. What doesn't: writing.
"""

import errno
import os

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: BaseException) -> bool:
    """Whether an error means that there is no room: of the operating system, or of a library that quotes it."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return any(os.strerror(number) in str(error) for number in _FULL)


def no_room(place: str, or_else: str = "") -> str:
    """What happened and what to do, in words for a person.

    Args:
        place: The file or folder that could not be written.
        or_else: Another remedy than making room, to follow "make room there".
    """
    return f"there is no room on the disk for {place}; nothing was changed. Make room there{or_else}, and load again."
