"""Loading the code location, against merely importing Dagster.

What belongs here: what Dagster's own processes do first with the project. What doesn't: runs.
"""

from collections.abc import Iterator

from sparkify_dagster_tests.benchmarks.bench import IMPORT_DAGSTER, Bench
from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.measuring.turns import take_turns

# As Dagster does it: the definitions, resolved, with all jobs.
_LOAD_LOCATION = """
from sparkify_dagster.definitions import defs
assert defs().get_repository_def().get_all_jobs()
"""


def location(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    load = bench.python(_LOAD_LOCATION, SPARKIFY_LAKE=str(bench.lake("M")))
    turns = take_turns(load, bench.python(IMPORT_DAGSTER), bench.pairs)
    runs = {"code location": turns.first, "import dagster": turns.second}
    yield Figure("Code location: time", "×", turns.time_ratios(), at_most(1.3), runs)
    yield Figure("Code location: peak of memory", "×", turns.memory_ratios())
