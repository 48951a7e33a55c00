"""The platform against other tools: dlt, pandas and PySpark for all tables, dbt for the star schema.

What belongs here: running each in turn with the platform, and seeing that it makes as many rows. What doesn't: how they
make them (``peers``).
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sparkify_dagster.tables import STAR_TABLES
from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.deployments import Deployment
from sparkify_dagster_tests.benchmarks.environments import Environment
from sparkify_dagster_tests.benchmarks.figures import Figure, at_least, at_most
from sparkify_dagster_tests.benchmarks.measuring.arithmetic import ratios
from sparkify_dagster_tests.benchmarks.measuring.processes import Command, CommandFailed, Run, run
from sparkify_dagster_tests.benchmarks.measuring.turns import Trial, take_turns
from sparkify_dagster_tests.benchmarks.tables import TABLES, row_counts

PEERS = Path(__file__).parent.parent / "peers"
PACKAGES = ("dbt-core", "dbt-duckdb", "dlt", "duckdb", "pandas", "pyspark")

_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1", "SPARK_LOCAL_IP": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool that makes all tables.

    Attributes:
        name: What it is called.
        script: Its script in ``peers``, which takes a lake and where to write.
        times: How many times as fast the platform is to be.
        written: What it writes.
        count: Counts the rows of a table in that.
        needs: A program that must be there.
    """

    name: str
    script: str
    times: float
    written: str
    count: Callable[[Path, str], int]
    needs: str | None = None


def peers(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    environment = peers_environment(bench)
    lake = bench.lake("M")
    with bench.deployment(lake) as deployment:
        deployment.load()
        expected = row_counts(deployment.warehouse)
    for peer in _PEERS:
        if peer.needs and not shutil.which(peer.needs):
            print(f"{peer.name} is left out: there is no {peer.needs} on this machine", flush=True)
            continue
        try:
            yield from _all_tables(bench, environment, lake, peer, expected)
        except CommandFailed as failed:
            # The others can be measured all the same.
            yield Figure(f"M with {peer.name}: runs that failed", "runs", [1], at_most(0), note=str(failed))
    yield from _star_schema(bench, environment, lake, expected)


def peers_environment(bench: Bench) -> Environment:
    """The environment of all peers."""
    return Environment(bench.environments / "peers", PEERS / "requirements.lock")


def _all_tables(
    bench: Bench, environment: Environment, lake: Path, peer: Peer, expected: Mapping[str, int]
) -> Iterator[Figure]:
    python = environment.command("python")

    def make(folder: Path) -> Run:
        words = [python, str(PEERS / peer.script), str(lake), str(folder / peer.written)]
        return run(Command(words, folder, _QUIET))

    def trial() -> Run:
        with bench.folders.fresh() as folder:
            return make(folder)

    # This is its warm-up too; the platform had its own.
    with bench.folders.fresh() as folder:
        make(folder)
        counted = {table: peer.count(folder / peer.written, table) for table in TABLES}
    yield _differences(peer.name, counted, expected)
    turns = take_turns(trial, bench.first_load(lake), bench.fewer_pairs, warm_up=False)
    runs = {peer.name: turns.first, "sparkify load": turns.second}
    yield Figure(f"M with {peer.name}: times as long", "×", turns.time_ratios(), at_least(peer.times), runs)
    yield Figure(f"M with {peer.name}: times the memory", "×", turns.memory_ratios())


def _star_schema(bench: Bench, environment: Environment, lake: Path, expected: Mapping[str, int]) -> Iterator[Figure]:
    with bench.deployment(lake) as staged, bench.folders.fresh() as project:
        staged.probe("only_staging")
        ours: list[float] = []
        theirs: list[float] = []
        shutil.copytree(PEERS / "dbt", project, dirs_exist_ok=True)
        dbt = _Dbt(bench, environment.command("dbt"), staged, project)
        platform = _platform(bench, staged, ours)
        # dbt keeps what it has parsed, as it does for people who run it twice.
        platform()
        counted = dbt.build()[1]
        yield _differences("dbt", counted, {table: expected[table] for table in STAR_TABLES})
        turns = take_turns(lambda: dbt.build()[0], platform, bench.pairs, warm_up=False)
        theirs += [dbt.models_alone() for _ in range(bench.pairs)]
    runs = {"dbt build": turns.first, "sparkify load": turns.second}
    note = "With dbt's tests and the platform's checks; staging tables are there."
    yield Figure("M's star schema with dbt: times as long", "×", turns.time_ratios(), at_least(1), runs, note)
    alone = ratios(theirs, ours[1:])
    note = (
        "Seconds that each tool reports: of dbt's `run` as a whole, and of the platform's builds one after the other."
    )
    yield Figure("M's star schema with dbt: without start, tests and checks, times as long", "×", alone, note=note)


@dataclass(frozen=True, slots=True)
class _Dbt:
    """dbt in a project, on copies of a warehouse."""

    bench: Bench
    dbt: str
    staged: Deployment
    project: Path

    def build(self) -> tuple[Run, dict[str, int]]:
        """Makes and tests all models; returns the rows of their tables too."""
        with self.bench.folders.fresh() as folder:
            took, warehouse = self._run("build", folder)
            return took, {table: _in_duckdb(warehouse, f'star."{table}"') for table in STAR_TABLES}

    def models_alone(self) -> float:
        """Makes all models, and tests nothing; the seconds that dbt reports."""
        with self.bench.folders.fresh() as folder:
            self._run("run", folder)
        return json.loads((self.project / "target" / "run_results.json").read_text())["elapsed_time"]

    def _run(self, what: str, folder: Path) -> tuple[Run, Path]:
        warehouse = Path(shutil.copy(self.staged.warehouse, folder))
        words = [self.dbt, what, "--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        return run(Command(words, folder, {**_QUIET, "SPARKIFY_DBT_WAREHOUSE": str(warehouse)})), warehouse


def _platform(bench: Bench, staged: Deployment, seconds: list[float]) -> Trial:
    def trial() -> Run:
        with bench.deployment(staged.lake) as deployment:
            deployment.copy_state(staged)
            took = deployment.load()
            reported = json.loads(deployment.probe("reported", *STAR_TABLES).output)
        seconds.append(sum(reported.values()))
        return took

    return trial


def _differences(name: str, counted: Mapping[str, int], expected: Mapping[str, int]) -> Figure:
    differ = [
        f"{table}: {counted[table]:,}, not {expected[table]:,}"
        for table in expected
        if counted[table] != expected[table]
    ]
    return Figure(
        f"M with {name}: tables with another number of rows",
        "tables",
        [len(differ)],
        at_most(0),
        note="; ".join(differ),
    )


def _in_duckdb(file: Path, table: str) -> int:
    with duckdb.connect(file, read_only=True) as connection:
        ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return rows


def _in_sqlite(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        ((rows,),) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()
    return rows


def _in_parquet(folder: Path, table: str) -> int:
    with duckdb.connect() as connection:
        ((rows,),) = connection.execute(
            "SELECT count(*) FROM read_parquet(?)", [f"{folder}/{table}/*.parquet"]
        ).fetchall()
    return rows


_PEERS = (
    Peer("dlt", "with_dlt.py", 8, "dlt.duckdb", lambda file, table: _in_duckdb(file, f'main."{table}"')),
    Peer("pandas", "with_pandas.py", 20, "pandas.sqlite", _in_sqlite),
    Peer("PySpark", "with_pyspark.py", 12, "parquet", _in_parquet, needs="java"),
)
