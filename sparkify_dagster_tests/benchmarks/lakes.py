"""The lakes that are measured on: made once by the project's own simulator, and kept between runs.

What belongs here: making a lake and knowing it again, and lakes that are parts of others. What doesn't: their sizes
(``sizes``).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import sparkify_dagster.simulator
from sparkify_dagster_tests.benchmarks.sizes import LakeSize

SPARKIFY = Path(sys.executable).with_name("sparkify")
"""The platform's command, beside the interpreter that runs this."""


def make_lake(folder: Path, size: LakeSize) -> Path:
    """The lake of a size in a folder: as it was made before, or made now."""
    marker = folder.with_suffix(".json")
    wanted = {**asdict(size), "simulator": _simulator_version()}
    if marker.exists() and json.loads(marker.read_text()) == wanted:
        return folder
    marker.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    words = [f"--{name.replace('_', '-')}={value}" for name, value in asdict(size).items()]
    print(f"making the lake {folder.name}: {' '.join(words)}", flush=True)
    subprocess.run([SPARKIFY, "generate", folder, *words], check=True, capture_output=True)
    # Last: a lake that is half made has none.
    marker.write_text(json.dumps(wanted))
    return folder


def log_files(lake: Path) -> list[Path]:
    """The log files of a lake, the earliest day first."""
    return sorted((lake / "log_data").rglob("*.json"))


def log_months(lake: Path) -> list[str]:
    """The log months of a lake as "YYYY/MM", sorted."""
    return sorted({path.parent.relative_to(lake / "log_data").as_posix() for path in log_files(lake)})


def link_part(lake: Path, folder: Path, takes: Callable[[Path], bool]) -> Path:
    """A lake of some of the log files of another, and of all of its songs; links, so that it costs no room."""
    for path in (*log_files(lake), *(lake / "song_data").rglob("*.json")):
        if "song_data" in path.parts or takes(path):
            link_file(path, folder / path.relative_to(lake))
    return folder


def link_file(path: Path, target: Path) -> None:
    """Puts a file into a lake as a link: the same file, with the same time of change."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(path, target)


def cut_files(lake: Path, folder: Path, pieces: int) -> Path:
    """A lake of the same records, each log file in so many pieces."""
    link_part(lake, folder, lambda _: False)
    for path in log_files(lake):
        target = folder / path.relative_to(lake).parent
        target.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().splitlines(keepends=True)
        for piece in range(pieces):
            share = lines[piece * len(lines) // pieces : (piece + 1) * len(lines) // pieces]
            (target / f"{path.stem}-{piece:04}.json").write_bytes(b"".join(share))
    return folder


def _simulator_version() -> str:
    """What the simulator's lakes depend on besides their size: its code."""
    digest = hashlib.sha256()
    for path in sorted(Path(sparkify_dagster.simulator.__path__[0]).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
