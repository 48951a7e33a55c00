"""The machine that the figures are of, and the versions of what ran on it.

What belongs here: what a reader needs to judge the figures; nothing that tells whose machine it is.
"""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("dagster", "duckdb")


def machine() -> dict[str, str | int]:
    """Processor, cores, memory, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": _processor(),
        "cores": cores,
        "memory_gib": round(memory),
        "os": _system(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Versions of what the platform is made with."""
    return {name: version(name) for name in _PACKAGES}


def commit(folder: Path) -> str:
    """The commit that is measured, with "-dirty" where files differ from it."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return "unknown"
    return said.stdout.strip() or "unknown"


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.system()} {platform.release()}"
    except OSError:
        return f"{platform.system()} {platform.release()}"
