"""`sparkify load` is killed between two assets of its run.

What belongs here: the whole command, with Dagster. What doesn't: kills within an asset (``test_named_steps``), and what
the daemon makes of a run that was killed (``life.test_killed_runs``).
"""

from collections import Counter

import pytest

from sparkify_dagster.steps import Step
from sparkify_dagster_tests.oracle import expected_rows

from .scene import AFTER, BEFORE, IN_TURN, Scene
from .victim import Moment


@pytest.mark.parametrize("committed", [pytest.param(1, marks=pytest.mark.slow), 5])
@pytest.mark.parametrize("scene_of_each", ["duckdb", pytest.param("redshift", marks=pytest.mark.slow)], indirect=True)
def test_a_run_that_is_killed_between_assets_is_made_good_by_the_next(committed: int, scene_of_each: Scene) -> None:
    scene_of_each.prepare()
    assert scene_of_each.platform.run("load", kill_at=Moment(Step.COMMITTED, committed)) == -9
    new = 0
    for table in IN_TURN:
        found = Counter(scene_of_each.deployment.rows(table))
        new += found == Counter(expected_rows(table, AFTER))
        assert found in [Counter(expected_rows(table, files)) for files in (BEFORE, AFTER)], table
    assert new == committed
    scene_of_each.deployment.warehouse.close()
    assert scene_of_each.platform.run("load") == 0
    scene_of_each.check_loaded_once()
