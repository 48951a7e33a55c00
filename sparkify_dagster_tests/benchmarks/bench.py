"""What every benchmark is given: sizes, lakes, folders, and how often to measure.

What belongs here: that, and trials that several benchmarks share. What doesn't: any one benchmark.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparkify_dagster_tests.benchmarks.deployments import Deployment, Folders
from sparkify_dagster_tests.benchmarks.lakes import make_lake
from sparkify_dagster_tests.benchmarks.measuring.processes import Command, Run, run
from sparkify_dagster_tests.benchmarks.measuring.turns import Trial
from sparkify_dagster_tests.benchmarks.sizes import LakeSize, Sizes

LIMIT = Path(__file__).with_name("limit.py")
IMPORT_DAGSTER = "import dagster"


class Bench:
    """The means of a session.

    Args:
        work: Folder for lakes and runs.
        environments: Folder for environments.
        sizes: How large everything is.
        pairs: How often each of two is run.
    """

    def __init__(self, work: Path, environments: Path, sizes: Sizes, pairs: int) -> None:
        self.work = work
        self.environments = environments
        self.sizes = sizes
        self.pairs = pairs
        self.folders = Folders(work / "runs")
        self.loads: dict[str, list[Run]] = {}
        """Runs of `sparkify load` on whole lakes, by the lake's name, for benchmarks that come later."""

    @property
    def fewer_pairs(self) -> int:
        """How often what takes minutes is run, or what has no target."""
        return min(self.pairs, 3)

    def lake(self, name: str) -> Path:
        """One of the named lakes."""
        return self.lake_of(name, getattr(self.sizes, name.lower()))

    def lake_of(self, name: str, size: LakeSize) -> Path:
        """A lake of a size."""
        return make_lake(self.work / "lakes" / name, size)

    @contextmanager
    def deployment(self, lake: Path, **settings: str) -> Iterator[Deployment]:
        """The platform in a fresh folder."""
        with self.folders.fresh() as folder:
            yield Deployment(folder, lake, **settings)

    def first_load(self, lake: Path, **settings: str) -> Trial:
        """`sparkify load` of a whole lake, into a warehouse that is not there yet."""

        def trial() -> Run:
            with self.deployment(lake, **settings) as deployment:
                return deployment.load()

        return trial

    def limit(self, lake: Path) -> Trial:
        """The hand-written script on a lake."""

        def trial() -> Run:
            with self.folders.fresh() as folder:
                return run(Command([sys.executable, str(LIMIT), str(lake), str(folder / "limit.duckdb")], folder))

        return trial

    def python(self, program: str, **settings: str) -> Trial:
        """A line of Python, in a process of its own."""

        def trial() -> Run:
            with self.folders.fresh() as folder:
                return run(Command([sys.executable, "-c", program], folder, settings))

        return trial
