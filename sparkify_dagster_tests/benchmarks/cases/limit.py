"""`sparkify load` against the hand-written script, on L and M; and L with little memory.

What belongs here: both as whole processes, on the same lake, with the same tables as a result. What doesn't: the
script.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from sparkify_dagster_tests.benchmarks.bench import LIMIT, Bench
from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.measuring.processes import CommandFailed, Run
from sparkify_dagster_tests.benchmarks.measuring.turns import Turns, repeat, take_turns
from sparkify_dagster_tests.benchmarks.tables import different_tables

LITTLE_MEMORY = "1GB"


def limit(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    yield from _on_m(bench)
    yield from _on_l(bench)
    yield from _with_little_memory(bench)


def _on_m(bench: Bench) -> Iterator[Figure]:
    lake = bench.lake("M")
    yield _same_tables(bench, lake, "M")
    turns, runs = _measure(bench, lake, "M")
    yield Figure("M: by how much `sparkify load` takes longer", "s", turns.time_differences(), at_most(3), runs)
    yield Figure("M: time", "×", turns.time_ratios())
    yield Figure("M: peak of memory", "×", turns.memory_ratios())


def _on_l(bench: Bench) -> Iterator[Figure]:
    lake = bench.lake("L")
    yield _same_tables(bench, lake, "L")
    turns, runs = _measure(bench, lake, "L")
    yield Figure("L: time", "×", turns.time_ratios(), at_most(1.15), runs)
    yield Figure("L: CPU time", "×", turns.cpu_ratios())
    yield Figure("L: peak of memory", "×", turns.memory_ratios(), at_most(1.2))


def _measure(bench: Bench, lake: Path, name: str) -> tuple[Turns, dict[str, list[Run]]]:
    # Both have just been run for their tables.
    turns = take_turns(bench.first_load(lake), bench.limit(lake), bench.pairs, warm_up=False)
    bench.loads[name] = turns.first
    return turns, {"sparkify load": turns.first, "script": turns.second}


def _same_tables(bench: Bench, lake: Path, name: str) -> Figure:
    with bench.deployment(lake) as deployment:
        deployment.load()
        written = deployment.folder / "limit.duckdb"
        deployment.run([sys.executable, str(LIMIT), str(lake), str(written)])
        differ = different_tables(deployment.warehouse, written)
    note = f"They differ: {', '.join(differ)}." if differ else "All columns of the contract, each row as often."
    return Figure(f"{name}: tables in which the two differ", "tables", [len(differ)], at_most(0), note=note)


def _with_little_memory(bench: Bench) -> Iterator[Figure]:
    lake = bench.lake("L")
    what = f"L with DuckDB's memory limited to {LITTLE_MEMORY}"
    trial = bench.first_load(lake, SPARKIFY_MEMORY_LIMIT=LITTLE_MEMORY)
    try:
        runs = repeat(trial, bench.fewer_pairs, warm_up=False)
    except CommandFailed as failed:
        yield Figure(f"{what}: loads that failed", "loads", [1], at_most(0), note=str(failed))
        return
    yield Figure(f"{what}: loads that failed", "loads", [0], at_most(0), {"sparkify load": runs})
    yield Figure(f"{what}: time", "s", [run.seconds for run in runs])
    yield Figure(f"{what}: peak of memory of the process", "MB", [run.peak_mb for run in runs])
