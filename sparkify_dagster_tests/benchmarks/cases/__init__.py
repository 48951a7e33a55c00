"""The benchmarks: one module each, with a function that measures and gives its figures one after the other.

What belongs in this package: what is measured, and its target. What doesn't: how processes are measured
(``measuring``), and how figures are shown (``telling``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.cases.backfill import backfill
from sparkify_dagster_tests.benchmarks.cases.growth import growth
from sparkify_dagster_tests.benchmarks.cases.increment import increment
from sparkify_dagster_tests.benchmarks.cases.limit import limit
from sparkify_dagster_tests.benchmarks.cases.location import location
from sparkify_dagster_tests.benchmarks.cases.nothing import nothing
from sparkify_dagster_tests.benchmarks.cases.peers import peers
from sparkify_dagster_tests.benchmarks.cases.songs import songs
from sparkify_dagster_tests.benchmarks.figures import Figure


@dataclass(frozen=True, slots=True)
class Case:
    """A benchmark: what it shows, and what measures it."""

    title: str
    measure: Callable[[Bench], Iterator[Figure]]


CASES = {
    "limit": Case("The machine's limit: a hand-written DuckDB script", limit),
    "songs": Case("Many small files", songs),
    "increment": Case("One new file", increment),
    "nothing": Case("Nothing new", nothing),
    "backfill": Case("Orchestration of many months", backfill),
    "location": Case("Loading the code location", location),
    "peers": Case("Other tools", peers),
    "growth": Case("Growth", growth),
}
"""By the names that `--only` takes, in their order."""
