"""A process is killed at each named step of a load.

What belongs here: every step, on each engine, and between the assets of a run. What doesn't: kills at moments that
nobody chose (``test_random_kills``).
"""

from collections import Counter

import pytest

from sparkify_dagster.steps import Step
from sparkify_dagster_tests.oracle import expected_rows
from sparkify_dagster_tests.redshift.double import RedshiftDouble

from .scene import AFTER, BEFORE, IN_TURN, Scene
from .victim import Moment

OF_A_LOAD = [Moment(step) for step in Step if step is not Step.BUILT]
# The first attempt has met the bad record of December; these are of the attempt that knows of it.
OF_THE_SECOND_ATTEMPT = [Moment(step, 2) for step in (Step.VALIDATED, Step.REPLACED, Step.MANIFEST)]
BETWEEN_ASSETS = [Moment(Step.COMMITTED, number) for number in (2, 3, 5, len(IN_TURN))]
OF_A_BUILD = [Moment(Step.BUILT), Moment(Step.COMMITTING, len(IN_TURN))]


# The engines take turns; each at all moments is for the slow tests.
MOMENTS = [*OF_A_LOAD, *OF_THE_SECOND_ATTEMPT, *BETWEEN_ASSETS, *OF_A_BUILD]
IN_TURNS = [
    pytest.param(engine, moment, id=f"{engine}-{moment}", marks=[pytest.mark.slow] * ((number + turn) % 2))
    for turn, engine in enumerate(("redshift", "duckdb"))
    for number, moment in enumerate(MOMENTS)
]


@pytest.mark.parametrize(("scene_of_each", "moment"), IN_TURNS, indirect=["scene_of_each"])
def test_a_kill_at_a_step_leaves_the_old_rows_or_the_new_and_the_next_load_needs_no_hand(
    moment: Moment, scene_of_each: Scene
) -> None:
    scene_of_each.prepare()
    assert scene_of_each.platform.run(kill_at=moment) == -9
    assert scene_of_each.platform.steps()[-1] == moment.step
    committed = scene_of_each.check_old_or_new()
    assert committed == expected_commits(moment)
    scene_of_each.load_again()


@pytest.mark.parametrize(("before", "during"), [(Step.MANIFEST, "^COPY"), (Step.COMMITTING, "^COMMIT")])
def test_so_does_one_while_redshift_is_at_it(
    before: Step, during: str, on_redshift: Scene, double: RedshiftDouble
) -> None:
    on_redshift.prepare()
    double.delay(during, 0.6)
    assert on_redshift.platform.run(kill_at=Moment(before, later=0.2)) == -9
    assert on_redshift.platform.steps()[-1] == before
    on_redshift.check_old_or_new()
    on_redshift.load_again()


def expected_commits(moment: Moment) -> int:
    """How many transactions are committed by then."""
    if moment.step is Step.COMMITTED:
        return moment.number
    if moment.step is Step.COMMITTING:
        return moment.number - 1
    return 2 if moment.step is Step.BUILT else 0


@pytest.mark.parametrize("table", IN_TURN)
def test_every_table_tells_the_old_from_the_new(table: str) -> None:
    assert Counter(expected_rows(table, BEFORE)) != Counter(expected_rows(table, AFTER))


def test_every_step_is_met(scene_of_each: Scene) -> None:
    """Else a kill at one of them would kill nothing."""
    scene_of_each.prepare()
    assert scene_of_each.platform.run() == 0
    steps = scene_of_each.platform.steps()
    assert set(steps) == set(Step)
    assert steps.count(Step.COMMITTED) == len(IN_TURN)
    for moment in OF_THE_SECOND_ATTEMPT:
        assert steps[: steps.index(Step.COMMITTED)].count(moment.step) >= moment.number
    assert scene_of_each.check_old_or_new() == len(IN_TURN)
