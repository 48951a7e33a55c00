"""A figure: what was measured, what it was to be, and every run that it comes from.

What belongs here: figures, and whether they meet their targets. What doesn't: measuring them, and how they are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sparkify_dagster_tests.benchmarks.measuring.arithmetic import Spread, slope, spread
from sparkify_dagster_tests.benchmarks.measuring.processes import Run


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to be."""

    sense: Literal["at most", "at least"]
    value: float

    def met(self, measured: float) -> bool:
        """Whether a figure meets it."""
        return measured <= self.value if self.sense == "at most" else measured >= self.value


def at_most(value: float) -> Target:
    """A figure is not to be larger."""
    return Target("at most", value)


def at_least(value: float) -> Target:
    """A figure is not to be smaller."""
    return Target("at least", value)


@dataclass(frozen=True, slots=True)
class Curve:
    """How something grows with something.

    Attributes:
        x: What it grows with.
        y: What grows, with its unit.
        points: For each x the median, the lowest and the highest y.
    """

    x: str
    y: str
    points: Sequence[tuple[float, Spread]]

    @property
    def slope(self) -> float:
        """The slope on logarithmic axes: 1 is in proportion, 0 is not at all."""
        return slope([(x, y.median) for x, y in self.points])


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Attributes:
        what: What was measured, against what, for people.
        unit: The unit of the values: ``×`` for ratios, ``s``, ``MB``, or what is counted.
        values: One for each pair of runs, or the only one.
        target: What their median is to be; None where it is only told.
        runs: The runs that it comes from, by what was run.
        note: What else is to be known.
        curve: For growth.
    """

    what: str
    unit: str
    values: Sequence[float]
    target: Target | None = None
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    note: str = ""
    curve: Curve | None = None

    @property
    def measured(self) -> Spread:
        """The median of the values, the lowest and the highest."""
        return spread(self.values)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        measured = self.measured
        return {
            "what": self.what,
            "unit": self.unit,
            "median": measured.median,
            "low": measured.low,
            "high": measured.high,
            "values": list(self.values),
            "target": {"sense": self.target.sense, "value": self.target.value} if self.target else None,
            "met": self.target.met(measured.median) if self.target else None,
            "note": self.note,
            "runs": {name: [_run_as_json(run) for run in runs] for name, runs in self.runs.items()},
            "curve": _curve_as_json(self.curve) if self.curve else None,
        }


def _run_as_json(run: Run) -> dict[str, float]:
    return {
        "seconds": round(run.seconds, 4),
        "cpu_seconds": round(run.cpu_seconds, 4),
        "peak_mb": round(run.peak_mb, 1),
    }


def _curve_as_json(curve: Curve) -> dict[str, Any]:
    points = [{"x": x, "median": y.median, "low": y.low, "high": y.high} for x, y in curve.points]
    return {"x": curve.x, "y": curve.y, "slope": curve.slope, "points": points}
