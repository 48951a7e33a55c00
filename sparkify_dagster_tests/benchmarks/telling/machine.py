"""The machine that the figures are of, and the versions of what ran on it.

What belongs here: what a reader needs to judge the figures; nothing that tells whose machine it is.
"""

import platform
from pathlib import Path

from sparkify_dagster_tests.machine import cores, memory_gib, versions_of

_PACKAGES = ("dagster", "duckdb")


def machine() -> dict[str, str | int]:
    """Processor, cores, memory, system."""
    return {
        "cpu": _processor(),
        "cores": cores(),
        "memory_gib": memory_gib(),
        "os": _system(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Versions of what the platform is made with."""
    return versions_of(_PACKAGES)


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
