"""Processes are killed at moments that nobody chose.

What belongs here: a few of them for `make test`, many on demand. What doesn't: kills at steps by name
(``test_named_steps``).
"""

import random
import time
from collections import Counter

import pytest

from sparkify_dagster_tests.figures import Figure

from .scene import Scene


def kill_at_random(scene: Scene, times: int) -> Counter[str]:
    """Kills so many loads and checks what each leaves; returns the last steps that they did."""
    scene.prepare()
    began = time.monotonic()
    assert scene.platform.run() == 0
    seconds = time.monotonic() - began
    killed: Counter[str] = Counter()
    while killed.total() < times:
        scene.prepare()
        if scene.platform.run(kill_after=random.uniform(0, seconds)) == 0:
            # It was through before; the next one gets less time.
            seconds *= 0.9
            continue
        killed[(scene.platform.steps() or ["nothing yet"])[-1]] += 1
        scene.check_old_or_new()
        scene.load_again()
    return killed


@pytest.mark.parametrize("scene_of_each", ["duckdb", pytest.param("redshift", marks=pytest.mark.slow)], indirect=True)
def test_a_kill_at_any_moment_leaves_the_old_rows_or_the_new(scene_of_each: Scene, figure: Figure) -> None:
    killed = kill_at_random(scene_of_each, 3)
    figure(f"random kills on {scene_of_each.engine}", kills=killed.total())


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_so_do_a_hundred_of_them(scene_of_each: Scene, figure: Figure) -> None:
    killed = kill_at_random(scene_of_each, 100)
    figure(f"a hundred random kills on {scene_of_each.engine}", kills=killed.total(), **killed)
