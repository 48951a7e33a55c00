"""Two things measured in turn: A B A B …

A machine is never quiet. What is measured in turn meets the same noise, and the ratio of neighbours has little of it.

What belongs here: taking turns, and what follows from a pair. What doesn't: how one run is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sparkify_dagster_tests.benchmarks.measuring.arithmetic import differences, ratios
from sparkify_dagster_tests.benchmarks.measuring.processes import Run

Trial = Callable[[], Run]
"""Makes everything ready, runs it once, and cleans up: only the run itself is measured."""


@dataclass(slots=True)
class Turns:
    """The runs of two trials, in the order in which they were made."""

    first: list[Run] = field(default_factory=list)
    second: list[Run] = field(default_factory=list)

    def time_ratios(self) -> list[float]:
        """The first's time against the second's."""
        return ratios([run.seconds for run in self.first], [run.seconds for run in self.second])

    def time_differences(self) -> list[float]:
        """By how many seconds the first took longer."""
        return differences([run.seconds for run in self.first], [run.seconds for run in self.second])

    def memory_ratios(self) -> list[float]:
        """The first's peak of memory against the second's."""
        return ratios([run.peak_mb for run in self.first], [run.peak_mb for run in self.second])

    def cpu_ratios(self) -> list[float]:
        """The first's CPU time against the second's."""
        return ratios([run.cpu_seconds for run in self.first], [run.cpu_seconds for run in self.second])


def take_turns(first: Trial, second: Trial, pairs: int, *, warm_up: bool = True) -> Turns:
    """Runs both in turn.

    Args:
        first: The one.
        second: The other.
        pairs: How often each.
        warm_up: Whether each is run once before, which is not counted.
    """
    if warm_up:
        first()
        second()
    turns = Turns()
    for _ in range(pairs):
        turns.first.append(first())
        turns.second.append(second())
    return turns


def repeat(trial: Trial, times: int, *, warm_up: bool = True) -> list[Run]:
    """Runs one alone, several times, and once before that is not counted."""
    if warm_up:
        trial()
    return [trial() for _ in range(times)]
