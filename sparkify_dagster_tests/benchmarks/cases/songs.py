"""Thousands of small files: a catalogue of songs against merely reading its files.

What belongs here: the load of songs, without logs. What doesn't: logs.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.measuring.processes import Run
from sparkify_dagster_tests.benchmarks.measuring.turns import Turns
from sparkify_dagster_tests.benchmarks.sizes import LakeSize


def songs(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    few, many = bench.sizes.songs
    lake = catalogue(bench, many)
    turns = Turns()
    alone: list[float] = []
    for pair in range(bench.pairs + 1):
        load, step = _load(bench, lake)
        read = _read(bench, lake)
        # The first is to warm up.
        if pair:
            turns.first.append(load)
            turns.second.append(read)
            # Both without the start of a process: as each of them says itself.
            alone.append(step / float(read.output))
    what = f"{many:,} song files against open, read and close in Python"
    runs = {"sparkify load": turns.first, "bare read": turns.second}
    yield Figure(f"{what}: whole processes", "×", turns.time_ratios(), at_most(5), runs)
    yield Figure(f"{what}: the load step alone, as the platform reports it", "×", alone, at_most(5))
    small_lake = catalogue(bench, few)
    small = [_load(bench, small_lake)[0] for _ in range(bench.fewer_pairs)]
    growth = [large.peak_mb / other.peak_mb for large, other in zip(turns.first, small, strict=False)]
    yield Figure(
        f"Peak of memory of {many:,} song files against {few:,}",
        "×",
        growth,
        at_most(1.1),
        {f"{few:,} files": small},
        note="What does not grow is 1; lists of files have an entry for each file.",
    )


def catalogue(bench: Bench, songs: int) -> Path:
    """A lake of so many songs, and nothing else."""
    return bench.lake_of(f"songs-{songs}", LakeSize(0, 1, songs, 0, "2018-11"))


def _load(bench: Bench, lake: Path) -> tuple[Run, float]:
    with bench.deployment(lake) as deployment:
        run = deployment.load()
        reported = json.loads(deployment.probe("reported", "staging_songs").output)
    return run, reported["staging_songs"]


def _read(bench: Bench, lake: Path) -> Run:
    with bench.deployment(lake) as deployment:
        return deployment.probe("bare_read", str(lake / "song_data"))
