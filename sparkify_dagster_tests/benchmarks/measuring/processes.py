"""Whole processes as what is measured: from the start of the command to its end.

What belongs here: running one with its output kept, and what it took. What doesn't: which ones.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONGEST = 3600.0
"""Seconds after which a command is taken for stuck, and killed."""

_LAUNCH = Path(__file__).with_name("launch.py")
_LINES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        words: The program and its arguments.
        folder: Where it runs.
        environment: What is added to the environment of this process.
    """

    words: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command took.

    Attributes:
        seconds: From its start to its end.
        cpu_seconds: User and system, of all its threads and children.
        peak_mb: The most memory that it held at once, with its children, in 10^6 bytes.
        output: What it printed as its result.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str = ""


class CommandFailed(Exception):
    """A command failed, or took too long; the message shows what it said last."""


def run(command: Command, longest: float = LONGEST) -> Run:
    """Runs a command, and measures it.

    Raises:
        CommandFailed: It ended with an error, or was stuck.
    """
    with tempfile.TemporaryDirectory(prefix="sparkify-run-") as name:
        kept = Path(name)
        # What earlier runs wrote goes to the disk now, not while this one is timed.
        os.sync()
        with (kept / "out").open("wb") as out, (kept / "err").open("wb") as err:
            launcher = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LAUNCH), str(kept / "took"), *command.words],
                cwd=command.folder,
                env={**_plain_environment(), **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            stuck = _wait(launcher, longest)
        output, errors = (_text(kept / stream) for stream in ("out", "err"))
        took: dict[str, float] = json.loads((kept / "took").read_text()) if (kept / "took").exists() else {}
        if stuck or took.get("code") != 0:
            why = f"was stuck for {longest:.0f} s" if stuck else f"ended with code {took.get('code')}"
            raise CommandFailed(_told(command, why, output, errors))
        return Run(took["seconds"], took["cpu_seconds"], took["peak_bytes"] / 1e6, output)


def _wait(launcher: subprocess.Popen[bytes], longest: float) -> bool:
    """Waits for the end; returns whether it had to be made."""
    try:
        launcher.wait(longest)
    except subprocess.TimeoutExpired:
        _kill_children(launcher.pid)
        launcher.wait()
        return True
    except BaseException:
        # Broken off: nothing is left behind.
        _kill_children(launcher.pid)
        launcher.kill()
        launcher.wait()
        raise
    return False


def _kill_children(pid: int) -> None:
    import psutil

    for child in psutil.Process(pid).children():
        # Each child of the launcher leads a session, and with it a group, of its own.
        os.killpg(child.pid, signal.SIGKILL)


def _plain_environment() -> dict[str, str]:
    """The environment without settings of the platform, of Dagster and of AWS, which would be measured with it."""
    prefixes = ("SPARKIFY_", "REDSHIFT_", "DAGSTER_", "AWS_", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _told(command: Command, why: str, output: str, errors: str) -> str:
    said = [line for text in (output, errors) for line in text.splitlines()[-_LINES_SHOWN:]]
    return "\n    ".join([f"{' '.join(command.words)} {why}, in {command.folder}:", *said])
