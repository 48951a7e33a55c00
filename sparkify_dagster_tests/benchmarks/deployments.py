"""The platform as people start it: whole processes of `sparkify`, each in a folder of its own.

What belongs here: making, copying and removing such folders, and running commands in them. What doesn't: what is
measured of them.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparkify_dagster_tests.benchmarks.lakes import SPARKIFY
from sparkify_dagster_tests.benchmarks.measuring.processes import Command, Run, run

ROOT = Path(__file__).parent.parent.parent
PROBES = Path(__file__).parent / "probes"
STATE = ".sparkify"


class Deployment:
    """A folder in which the platform keeps its state, and the lake that it loads.

    Args:
        folder: The folder; made if it is not there.
        lake: The lake.
        settings: Further settings, by the names of their variables.
    """

    def __init__(self, folder: Path, lake: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.lake = lake
        self.warehouse = folder / STATE / "warehouse.duckdb"
        self.home = folder / STATE / "dagster"
        self._environment = {"SPARKIFY_LAKE": str(lake.absolute()), **settings}

    def load(self) -> Run:
        """`sparkify load`.

        Raises:
            CommandFailed: A load, a build or a check of severity ERROR failed.
        """
        return self.run([str(SPARKIFY), "load"])

    def probe(self, name: str, *words: str) -> Run:
        """A script of ``probes``, in this folder, with the platform's settings.

        Raises:
            CommandFailed: It failed.
        """
        return self.run([sys.executable, "-P", str(PROBES / f"{name}.py"), *words], PYTHONPATH=str(ROOT))

    def run(self, words: list[str], **settings: str) -> Run:
        """Any command, in this folder, with the platform's settings and others."""
        return run(Command(words, self.folder, {**self._environment, **settings}))

    def copy_state(self, other: "Deployment") -> None:
        """Takes over the state of another."""
        shutil.copytree(other.folder / STATE, self.folder / STATE)


class Folders:
    """Gives folders for runs, which are removed when they have been used.

    Args:
        folder: Where; what an earlier session left there is removed.
    """

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder = folder
        self._made = 0

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        """An empty folder."""
        self._made += 1
        folder = self._folder / str(self._made)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
