"""`sparkify load` where nothing is new, against merely importing Dagster.

What belongs here: its time, and that no file of the lake is opened for it. What doesn't: loads that load something.
"""

from collections.abc import Iterator

from sparkify_dagster_tests.benchmarks.bench import IMPORT_DAGSTER, Bench
from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.lakes import log_files, log_months
from sparkify_dagster_tests.benchmarks.measuring.opened import can_watch, watching
from sparkify_dagster_tests.benchmarks.measuring.turns import take_turns


def nothing(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    lake = bench.lake("L")
    with bench.deployment(lake) as deployment:
        deployment.load()
        turns = take_turns(deployment.load, bench.python(IMPORT_DAGSTER), bench.pairs)
        runs = {"sparkify load": turns.first, "import dagster": turns.second}
        what = f"Nothing new in {len(log_files(lake)):,} files of {len(log_months(lake))} months"
        yield Figure(f"{what}: seconds beyond `import dagster`", "s", turns.time_differences(), at_most(1), runs)
        if can_watch():
            with watching(lake) as opened:
                deployment.load()
            yield Figure(f"{what}: files of the lake opened", "files", [len(opened)], at_most(0))
