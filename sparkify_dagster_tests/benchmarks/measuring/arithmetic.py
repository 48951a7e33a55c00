"""What is worked out of measured numbers: medians, spreads, slopes.

What belongs here: numbers in, numbers out. What doesn't: where they come from.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the lowest and the highest of what it is the median of."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """The median, the lowest and the highest."""
    return Spread(statistics.median(values), min(values), max(values))


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The ratios, pair by pair: what slows one of a pair mostly slows the other too."""
    return [a / b for a, b in zip(above, below, strict=True)]


def differences(from_: Sequence[float], less: Sequence[float]) -> list[float]:
    """The differences, pair by pair."""
    return [a - b for a, b in zip(from_, less, strict=True)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of y over x, both as logarithms, by least squares: 1 is in proportion, 0 is not at all."""
    return linear_slope([(math.log(x), math.log(y)) for x, y in points])


def linear_slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of y over x by least squares."""
    found, _ = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
    return found
