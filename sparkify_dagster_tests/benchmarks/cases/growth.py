"""How time and memory grow: with events, with months of history, with song files, with log files.

What belongs here: curves and their slopes. What doesn't: targets, which single sizes have.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.cases.increment import loaded, one_more
from sparkify_dagster_tests.benchmarks.cases.songs import catalogue
from sparkify_dagster_tests.benchmarks.figures import Curve, Figure
from sparkify_dagster_tests.benchmarks.lakes import cut_files, log_files
from sparkify_dagster_tests.benchmarks.measuring.arithmetic import spread
from sparkify_dagster_tests.benchmarks.measuring.processes import Run
from sparkify_dagster_tests.benchmarks.measuring.turns import repeat
from sparkify_dagster_tests.benchmarks.sizes import LakeSize

Measured = list[tuple[float, list[Run]]]


def growth(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    yield from _curves("Events", "events", _events(bench))
    yield from _curves("One new daily file", "months of history", _history(bench))
    yield from _curves("Song files", "song files", _songs(bench))
    yield from _curves(f"{bench.sizes.split.events:,} events in more and more files", "log files", _files(bench))


def _events(bench: Bench) -> Measured:
    measured: Measured = []
    for events in bench.sizes.growing_events:
        size = LakeSize(events, 12, bench.sizes.m.songs, max(20, events // 100), "2018-01")
        measured.append((events, _first_loads(bench, bench.lake_of(f"events-{events}", size))))
    for name, size in (("M", bench.sizes.m), ("L", bench.sizes.l)):
        runs = bench.loads.get(name) or _first_loads(bench, bench.lake(name))
        measured.append((size.events, runs))
    return measured


def _history(bench: Bench) -> Measured:
    measured: Measured = []
    source = bench.lake("history")
    for months in bench.sizes.growing_history:
        with loaded(bench, source, months) as held:
            measured.append((months, repeat(one_more(bench, held), bench.fewer_pairs)))
    return measured


def _songs(bench: Bench) -> Measured:
    return [(number, _first_loads(bench, catalogue(bench, number))) for number in bench.sizes.growing_songs]


def _files(bench: Bench) -> Measured:
    measured: Measured = []
    source = bench.lake("split")
    whole = len(log_files(source))
    for wanted in bench.sizes.growing_files:
        with bench.folders.fresh() as folder:
            lake = cut_files(source, folder, max(1, wanted // whole))
            measured.append((len(log_files(lake)), _first_loads(bench, lake)))
    return measured


def _first_loads(bench: Bench, lake: Path) -> list[Run]:
    return repeat(bench.first_load(lake), bench.fewer_pairs)


def _curves(what: str, x: str, measured: Measured) -> Iterator[Figure]:
    runs = {f"{size:,.0f} {x}": of_size for size, of_size in measured}
    time = _curve(x, "seconds", measured, lambda run: run.seconds)
    cpu = _curve(x, "CPU seconds", measured, lambda run: run.cpu_seconds)
    memory = _curve(x, "MB", measured, lambda run: run.peak_mb)
    yield Figure(f"{what}: time, slope", "", [time.slope], runs=runs, note=_ends(time), curve=time)
    # On a noisy machine, it says more than time; it needs no picture of its own.
    yield Figure(f"{what}: CPU time, slope", "", [cpu.slope], note=_ends(cpu))
    yield Figure(f"{what}: peak of memory, slope", "", [memory.slope], note=_ends(memory), curve=memory)


def _curve(x: str, y: str, measured: Measured, value: Callable[[Run], float]) -> Curve:
    return Curve(x, y, [(size, spread([value(run) for run in of_size])) for size, of_size in measured])


def _ends(curve: Curve) -> str:
    points: Sequence[tuple[float, float]] = [(x, y.median) for x, y in curve.points]
    return "; ".join(f"{x:,.0f} {curve.x}: {y:,.1f} {curve.y}" for x, y in (points[0], points[-1])) + "."
