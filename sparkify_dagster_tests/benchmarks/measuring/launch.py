"""Runs a command, and writes down what it took: `python -I -S launch.py FILE COMMAND…`.

A script of its own, run by a bare interpreter: a process's peak of memory begins with that of the process which started
it, and this one is small. Wall time and CPU are the command's alone, with those of the children that it waited for.

What belongs here: one command, its time and its memory. What doesn't: anything that would have to be imported from
elsewhere.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

_SECONDS_BETWEEN_LOOKS = 0.2
_UNIT = 1 if sys.platform == "darwin" else 1024
"""The unit of the system's own figure for the peak, in bytes."""


class Seen:
    """What was seen of a command and its children together."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self.cpu_seconds = 0.0


def launch(words: list[str]) -> dict[str, float]:
    """Runs a command in a session of its own, and waits for it."""
    ended = threading.Event()
    seen = Seen()
    began = time.monotonic()
    process = subprocess.Popen(words, start_new_session=True)
    threading.Thread(target=_watch, args=(process.pid, seen, ended), daemon=True).start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    ended.set()
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        # A child that nobody waited for, as Spark's Java, is in the sum of what was seen alone.
        "cpu_seconds": max(usage.ru_utime + usage.ru_stime, seen.cpu_seconds),
        "peak_bytes": max(usage.ru_maxrss * _UNIT, seen.peak_bytes),
    }


def _watch(session: int, seen: Seen, ended: threading.Event) -> None:
    """Looks now and then what the processes of a session hold and have used together, where there are several.

    A process counts from the second look on: one that is about to become another program seems to hold, for a moment,
    all that its parent holds.
    """
    before: set[int] = set()
    while Path("/proc/self/stat").exists() and not ended.wait(_SECONDS_BETWEEN_LOOKS):
        now = _processes(session)
        settled = [taken for pid, taken in now.items() if pid in before]
        if len(settled) > 1:
            seen.peak_bytes = max(seen.peak_bytes, sum(held for held, _ in settled))
            seen.cpu_seconds = max(seen.cpu_seconds, sum(cpu for _, cpu in settled))
        before = set(now)


def _processes(session: int) -> dict[int, tuple[int, float]]:
    """The memory of each process of a session, in bytes, and the CPU time that it has used."""
    found: dict[int, tuple[int, float]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                text = Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            # After the name in brackets, which may hold anything: state, parent, group, session, …
            fields = text.rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks = int(fields[11]) + int(fields[12])
                found[int(name)] = (int(fields[21]) * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK"))
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(launch(sys.argv[2:])), encoding="utf-8")
