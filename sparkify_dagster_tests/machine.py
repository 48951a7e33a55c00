"""The machine that figures are of, and what was measured on it.

What belongs here: what tells a reader how to judge figures, and nothing that tells whose machine it is. What doesn't:
how it is written down (``figures``, ``benchmarks``).
"""

import os
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_gib() -> int:
    """The memory of the machine, in GiB."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """The versions of installed packages."""
    return {name: version(name) for name in packages}


def commit(folder: Path) -> str | None:
    """The commit of a checkout, with "-dirty" where files differ from it; None where there is no git."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return said.stdout.strip() or None
