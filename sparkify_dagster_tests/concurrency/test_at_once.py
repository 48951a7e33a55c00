"""Loads, backfills and sensors at once, as processes of their own, on each engine.

What belongs here: whole runs. What doesn't: threads at one DuckDB (``loading.test_concurrency``), transactions
(``warehouse.test_redshift_transactions``), the UI's runs (``life``).
"""

import shutil

import pytest

from sparkify_dagster_tests.kills.scene import Scene

from .worker import Outcome, at_once

LOAD = ("load",)
BACKFILL = ("load", "--rebuild", "--from", "2018-11", "--to", "2018-12")
SENSORS = ("sensors",)


def all_succeeded(outcomes: list[Outcome]) -> bool:
    """Whether all did what they were to do; what those that didn't have printed shows in the failure."""
    failed = [outcome.printed for outcome in outcomes if outcome.code != 0]
    assert not failed, "\n".join(failed)
    return True


@pytest.mark.parametrize(
    "works",
    [
        pytest.param((BACKFILL, BACKFILL), id="two backfills"),
        pytest.param((SENSORS, BACKFILL), id="sensors and a backfill"),
        pytest.param((LOAD, SENSORS), id="a load and sensors", marks=pytest.mark.slow),
    ],
)
def test_what_is_done_at_once_is_done_once(works: tuple[tuple[str, ...], ...], scene_of_each: Scene) -> None:
    scene_of_each.prepare()
    outcomes = at_once(scene_of_each.platform, *works)
    assert all_succeeded(outcomes)
    if LOAD not in works and SENSORS not in works:
        # A backfill of months loads no songs.
        scene_of_each.deployment.load_songs()
        scene_of_each.deployment.build_all()
    scene_of_each.check_loaded_once()


def test_two_loads_on_a_new_machine_make_the_tables_once(scene_of_each: Scene) -> None:
    scene_of_each.prepare()
    shutil.rmtree(scene_of_each.platform.home)
    scene_of_each.deployment.warehouse.drop_tables()
    scene_of_each.deployment.warehouse.close()
    assert all_succeeded(at_once(scene_of_each.platform, LOAD, LOAD))
    scene_of_each.check_loaded_once()
