"""Sequences of changes, loads and builds of which some are killed.

What belongs here: the state machine of ``contract.test_sequences`` with kills among its rules. What doesn't: the other
rules.
"""

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from sparkify_dagster.steps import Step
from sparkify_dagster_tests.contract.budgets import QUICK, THOROUGH
from sparkify_dagster_tests.contract.test_sequences import LOGS, SONGS, Operations
from sparkify_dagster_tests.figures import Figure

from .scene import IN_TURN, Scene
from .victim import Moment

moments = st.one_of(
    st.sampled_from(Step).map(Moment),
    st.builds(Moment, st.sampled_from((Step.COMMITTING, Step.COMMITTED)), st.integers(1, len(IN_TURN))),
)


class Killed(Operations):
    """What people and sensors do, and a process that does it is killed now and then."""

    def __init__(self, scene: Scene, killed: list[Moment]) -> None:
        super().__init__(scene.deployment)
        self._scene = scene
        self._killed = killed
        self._last_kill = Moment(Step.LISTED)

    @initialize(moment=moments)
    def decide_on_the_last_kill(self, moment: Moment) -> None:
        self._last_kill = moment

    @rule(moment=moments)
    def load_and_build_until_killed(self, moment: Moment) -> None:
        self._deployment.warehouse.close()
        if self._scene.platform.run(kill_at=moment) == -9:
            self._killed.append(moment)
        committed = self._scene.platform.steps().count(Step.COMMITTED)
        self._take([key for keys in (LOGS, SONGS)[:committed] for key in keys], prune=False)

    def teardown(self) -> None:
        """At the end of each sequence comes a kill, and then everything is loaded."""
        self.load_and_build_until_killed(self._last_kill)
        super().teardown()


def sequences(scene: Scene, budget: settings) -> list[Moment]:
    """Runs sequences; returns at which moments processes were killed."""
    killed: list[Moment] = []

    class KilledHere(Killed):
        def __init__(self) -> None:
            super().__init__(scene, killed)

    # Without looking for a shorter sequence that fails: with a process a step, that takes minutes.
    run_state_machine_as_test(KilledHere, settings=settings(budget, phases=[Phase.generate]))
    return killed


# On Redshift they die at all named steps too (``test_named_steps``).
@pytest.mark.parametrize("scene_of_each", ["duckdb", pytest.param("redshift", marks=pytest.mark.slow)], indirect=True)
def test_any_sequence_with_kills_ends_in_what_the_contract_says(scene_of_each: Scene) -> None:
    assert sequences(scene_of_each, settings(QUICK, max_examples=3, stateful_step_count=8))


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_many_long_sequences_with_kills_do_too(scene_of_each: Scene, figure: Figure) -> None:
    killed = sequences(scene_of_each, settings(THOROUGH, max_examples=40, stateful_step_count=20))
    figure(f"kills within sequences on {scene_of_each.engine}", kills=len(killed))
    assert killed
