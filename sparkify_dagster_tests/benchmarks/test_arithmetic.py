"""What is worked out of measured numbers.

What belongs here: medians, ratios, slopes, and how they are judged and shown. What doesn't: anything that takes time.
"""

import pytest

from sparkify_dagster_tests.benchmarks.figures import Curve, Figure, at_least, at_most
from sparkify_dagster_tests.benchmarks.measuring.arithmetic import Spread, linear_slope, ratios, slope, spread
from sparkify_dagster_tests.benchmarks.measuring.processes import Run
from sparkify_dagster_tests.benchmarks.measuring.turns import repeat, take_turns
from sparkify_dagster_tests.benchmarks.telling.report import figure_line, report


def test_a_spread_is_the_median_between_the_lowest_and_the_highest() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert spread([4.0, 2.0]) == Spread(3.0, 2.0, 4.0)


def test_ratios_are_those_of_neighbours_not_of_sums() -> None:
    assert ratios([2.0, 20.0], [1.0, 40.0]) == [2.0, 0.5]
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0], [1.0, 2.0])


def test_a_slope_is_the_exponent_of_the_growth() -> None:
    assert slope([(x, 7 * x) for x in (10, 100, 1_000)]) == pytest.approx(1)
    assert slope([(x, 3 * x**2) for x in (1, 6, 12, 48)]) == pytest.approx(2)
    assert slope([(x, 5) for x in (1, 6, 12)]) == pytest.approx(0)
    assert linear_slope([(0, 1), (1, 3), (2, 5)]) == pytest.approx(2)


def test_a_slope_is_the_best_for_points_that_lie_on_no_line() -> None:
    assert linear_slope([(0, 0), (1, 2), (2, 1)]) == pytest.approx(0.5)


def test_turns_are_taken_after_one_each_that_does_not_count() -> None:
    order: list[str] = []

    def trial(name: str, seconds: float) -> Run:
        order.append(name)
        return Run(seconds * len(order), 1.0, 2.0 if name == "a" else 4.0)

    turns = take_turns(lambda: trial("a", 1.0), lambda: trial("b", 1.0), 2)
    assert "".join(order) == "ababab"
    assert [run.seconds for run in turns.first] == [3, 5]
    assert turns.time_ratios() == [3 / 4, 5 / 6]
    assert turns.time_differences() == [-1, -1]
    assert turns.memory_ratios() == [0.5, 0.5]


def test_repeats_count_after_the_first() -> None:
    seconds = iter([9.0, 1.0, 2.0])
    assert [run.seconds for run in repeat(lambda: Run(next(seconds), 0, 0), 2)] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("target", "values", "met"),
    [
        (at_most(1.15), [1.0, 1.15, 9.0], True),
        (at_most(1.15), [1.16], False),
        (at_least(8), [8.0], True),
        (at_least(8), [7.9, 7.9, 20.0], False),
        (None, [1.0], None),
    ],
)
def test_the_median_is_what_a_target_is_held_against(target, values, met) -> None:
    assert Figure("it", "×", values, target).as_json()["met"] is met


def test_a_figure_says_what_it_was_to_be_and_what_it_is() -> None:
    figure = Figure("L: time", "×", [1.1, 1.05, 1.3], at_most(1.15))
    assert figure_line(figure.as_json()) == "L: time: 1.10 × (1.05–1.30), ≤ 1.15 ×: met"
    assert figure_line(Figure("opened", "files", [0], at_most(0)).as_json()) == "opened: 0 files, none: met"


def test_the_report_counts_targets_and_names_pictures() -> None:
    curve = Curve("events", "seconds", [(10, Spread(1, 1, 1)), (1_000, Spread(100, 90, 110))])
    figures = [
        Figure("time", "×", [1.0], at_most(1.15)),
        Figure("memory", "×", [2.0], at_most(1.2), note="A word."),
        Figure("growth: slope", "", [curve.slope], curve=curve),
    ]
    section = {
        "title": "The limit",
        "date": "today",
        "commit": "c0ffee",
        "pairs": 5,
        "sizes": "full",
        "figures": [figure.as_json() for figure in figures],
    }
    machine = {"cpu": "CPU", "cores": 2, "memory_gib": 8, "os": "Linux", "python": "3.11"}
    kept = {"machine": machine, "versions": {"duckdb": "2.0"}, "benchmarks": {"limit": section}}
    text = report(kept, {"growth: slope": "growth.svg"})
    assert "1 of 2 targets are met." in text
    assert "| memory | ≤ 1.20 × | 2.00 × | **not met** |" in text
    assert "- memory: A word." in text
    assert "| growth: slope |  | 1 |  |" in text
    assert "![growth: slope](growth.svg)" in text
