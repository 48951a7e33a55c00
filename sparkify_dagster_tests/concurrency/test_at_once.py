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


# On DuckDB, whose file one process holds, ``loading/test_concurrency`` says as much in less time.
REDSHIFT_FIRST = pytest.mark.parametrize(
    "scene_of_each", ["redshift", pytest.param("duckdb", marks=pytest.mark.slow)], indirect=True
)


def do_at_once(scene: Scene, *works: tuple[str, ...]) -> None:
    """Does works at once, and checks that what they do is done once."""
    scene.prepare()
    assert all_succeeded(at_once(scene.platform, *works))
    if LOAD not in works and SENSORS not in works:
        # A backfill of months loads no songs.
        scene.deployment.load_songs()
        scene.deployment.build_all()
    scene.check_loaded_once()


@REDSHIFT_FIRST
def test_what_two_backfills_do_at_once_is_done_once(scene_of_each: Scene) -> None:
    do_at_once(scene_of_each, BACKFILL, BACKFILL)


def test_what_sensors_and_a_backfill_do_at_once_is_done_once(on_redshift: Scene) -> None:
    do_at_once(on_redshift, SENSORS, BACKFILL)


@pytest.mark.slow
def test_so_is_it_on_duckdb(on_duckdb: Scene) -> None:
    do_at_once(on_duckdb, SENSORS, BACKFILL)


@pytest.mark.slow
def test_what_sensors_and_a_load_do_at_once_is_done_once(scene_of_each: Scene) -> None:
    do_at_once(scene_of_each, LOAD, SENSORS)


@pytest.mark.slow
def test_two_loads_on_a_new_machine_make_the_tables_once(scene_of_each: Scene) -> None:
    scene_of_each.prepare()
    shutil.rmtree(scene_of_each.platform.home)
    scene_of_each.deployment.warehouse.drop_tables()
    scene_of_each.deployment.warehouse.close()
    assert all_succeeded(at_once(scene_of_each.platform, LOAD, LOAD))
    scene_of_each.check_loaded_once()
