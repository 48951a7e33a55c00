"""Environments beside the project's own: made on demand, from a lock with hashes, and kept in the work folder.

What belongs here: making and finding them. What doesn't: what is in them, which the locks say.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_VERSIONS = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"


class Environment:
    """An environment.

    Args:
        folder: Where it is kept.
        lock: What is in it.
    """

    def __init__(self, folder: Path, lock: Path) -> None:
        self._folder = folder
        self._lock = lock

    def command(self, name: str) -> str:
        """A command of the environment, which is made if it is not there, or not that of the lock.

        Raises:
            subprocess.CalledProcessError: It can't be made; without a network, say.
        """
        marker = self._folder / "lock.sha256"
        wanted = hashlib.sha256(self._lock.read_bytes()).hexdigest()
        if not marker.exists() or marker.read_text() != wanted:
            self._make()
            marker.write_text(wanted)
        return str(self._folder / "bin" / name)

    def versions(self, names: Sequence[str]) -> dict[str, str]:
        """The versions of packages in it."""
        said = subprocess.run([self.command("python"), "-c", _VERSIONS, *names], check=True, capture_output=True)
        return json.loads(said.stdout)

    def _make(self) -> None:
        print(f"installing {self._lock.parent.name} into {self._folder}", flush=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", self._folder], check=True)
        python = self._folder / "bin" / "python"
        if uv := shutil.which("uv"):
            install = [uv, "pip", "install", "--quiet", "--python", python]
        else:
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "--requirement", self._lock], check=True)
