"""Which files of a folder are opened, by whatever process, in whatever language: Linux's inotify tells.

What belongs here: asking the kernel. What doesn't: what should have been opened.
"""

import ctypes
import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPENED = 0x20
_OVERFLOW = 0x4000
_OF_A_FOLDER = 0x40000000
_EVENT = struct.Struct("iIII")
_SECONDS_BETWEEN_LOOKS = 0.01


def can_watch() -> bool:
    """Whether this system tells."""
    return sys.platform == "linux"


@contextmanager
def watching(folder: Path) -> Iterator[set[Path]]:
    """Gives the files below a folder that are opened meanwhile; all of them are in the set when the block has ended.

    Raises:
        OSError: The kernel can't watch so many folders, or could not keep note of all.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if queue < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    opened: set[Path] = set()
    lost: list[bool] = []
    ended = threading.Event()
    try:
        folders = _watch_folders(libc, queue, folder)

        def take_note() -> None:
            for watch, mask, name in _events(queue):
                if mask & _OVERFLOW:
                    lost.append(True)
                elif not mask & _OF_A_FOLDER:
                    opened.add(folders[watch] / name)

        def keep_up() -> None:
            # A listing opens thousands of folders, of which the kernel tells too; it keeps a few thousand notes.
            while not ended.wait(_SECONDS_BETWEEN_LOOKS):
                take_note()

        list(_events(queue))
        looker = threading.Thread(target=keep_up, daemon=True)
        looker.start()
        yield opened
        ended.set()
        looker.join()
        take_note()
        if lost:
            raise OSError(f"more was opened below {folder} than the kernel keeps note of")
    finally:
        ended.set()
        os.close(queue)


def _watch_folders(libc: ctypes.CDLL, queue: int, folder: Path) -> dict[int, Path]:
    folders: dict[int, Path] = {}
    for path, _, _ in os.walk(folder):
        watch = libc.inotify_add_watch(queue, os.fsencode(path), _OPENED)
        if watch < 0:
            raise OSError(ctypes.get_errno(), f"inotify of {path}")
        folders[watch] = Path(path)
    return folders


def _events(queue: int) -> Iterator[tuple[int, int, str]]:
    """What the kernel has kept note of: the watch, what happened, and the file's name."""
    while True:
        try:
            noted = os.read(queue, 1 << 20)
        except BlockingIOError:
            return
        at = 0
        while at < len(noted):
            watch, mask, _, length = _EVENT.unpack_from(noted, at)
            at += _EVENT.size
            yield watch, mask, os.fsdecode(noted[at : at + length].rstrip(b"\0"))
            at += length
