"""One new daily file, into a warehouse of many months against into one of a single month.

What belongs here: how long it takes, and that nothing but the new file is read and nothing but what follows from it is
written. What doesn't: how time grows in between (``growth``).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.deployments import Deployment
from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.lakes import link_file, link_part, log_files, log_months
from sparkify_dagster_tests.benchmarks.measuring.opened import can_watch, watching
from sparkify_dagster_tests.benchmarks.measuring.processes import Run
from sparkify_dagster_tests.benchmarks.measuring.turns import Trial, take_turns
from sparkify_dagster_tests.benchmarks.tables import row_counts

_DUE = """
WITH new_events AS (
    SELECT * FROM staging_events WHERE file_id = (SELECT max(file_id) FROM load_files WHERE status = 'loaded')
),
new_plays AS (
    SELECT * FROM songplays WHERE file_id = (SELECT max(file_id) FROM load_files WHERE status = 'loaded')
),
old_plays AS (
    SELECT * FROM songplays WHERE file_id < (SELECT max(file_id) FROM load_files WHERE status = 'loaded')
)
SELECT
    (SELECT count(*) FROM new_events),
    (SELECT count(*) FROM new_plays),
    (SELECT count(DISTINCT start_time) FROM new_plays WHERE start_time NOT IN (SELECT start_time FROM old_plays)),
    (SELECT count(DISTINCT user_id) FROM new_events),
    (SELECT count(*) FROM user_levels WHERE user_id IN (SELECT user_id FROM new_events))
"""

_OF_LISTENERS = frozenset({"users", "user_levels"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A lake of which all but the last day is loaded, and the state of the platform as it was then.

    Attributes:
        lake: The lake, with the last day.
        new: The file of the last day.
        before: The platform's state without it; never run, only copied.
    """

    lake: Path
    new: Path
    before: Deployment


def increment(bench: Bench) -> Iterator[Figure]:
    """Measures it."""
    source = bench.lake("L")
    months = len(log_months(source))
    with ExitStack() as stack:
        many = stack.enter_context(loaded(bench, source, months))
        one = stack.enter_context(loaded(bench, source, 1))
        turns = take_turns(one_more(bench, many), one_more(bench, one), bench.pairs)
        runs = {f"{months} months": turns.first, "1 month": turns.second}
        what = f"A new daily file after {months} months, against after 1"
        yield Figure(f"{what}: time", "×", turns.time_ratios(), at_most(1.2), runs)
        yield Figure(f"{what}: CPU time", "×", turns.cpu_ratios())
        yield Figure(f"{what}: peak of memory", "×", turns.memory_ratios())
        yield from _read(bench, many)
        yield from _written(bench, many)


@contextmanager
def loaded(bench: Bench, source: Path, months: int) -> Iterator[Loaded]:
    """The last months of a lake; its last day's file comes after the rest is loaded."""
    last = log_files(source)[-1]
    wanted = set(log_months(source)[-months:])
    with bench.folders.fresh() as folder:
        lake = link_part(source, folder / "lake", _held_back(source, wanted, last))
        before = Deployment(folder / "before", lake)
        before.load()
        new = lake / last.relative_to(source)
        link_file(last, new)
        yield Loaded(lake, new, before)


def _held_back(source: Path, months: set[str], last: Path) -> Callable[[Path], bool]:
    return lambda path: path != last and path.parent.relative_to(source / "log_data").as_posix() in months


def one_more(bench: Bench, loaded: Loaded) -> Trial:
    """`sparkify load` of the new file."""

    def trial() -> Run:
        with _before(bench, loaded) as deployment:
            return deployment.load()

    return trial


@contextmanager
def _before(bench: Bench, loaded: Loaded) -> Iterator[Deployment]:
    with bench.deployment(loaded.lake) as deployment:
        deployment.copy_state(loaded.before)
        yield deployment


def _read(bench: Bench, loaded: Loaded) -> Iterator[Figure]:
    if not can_watch():
        return
    with _before(bench, loaded) as deployment, watching(loaded.lake) as opened:
        deployment.load()
    if loaded.new not in opened:
        raise RuntimeError("the new file was not seen to be opened")
    others = sorted(path.relative_to(loaded.lake).as_posix() for path in opened - {loaded.new})
    size = loaded.new.stat().st_size
    held = sum(path.stat().st_size for path in log_files(loaded.lake))
    sizes = f"The new file has {size / 1e6:.1f} MB, all log files {held / 1e6:,.1f} MB."
    note = f"{sizes} Among the others: {', '.join(others[:3])}." if others else sizes
    yield Figure("Files of the lake opened besides the new one", "files", [len(others)], at_most(0), note=note)


def _written(bench: Bench, loaded: Loaded) -> Iterator[Figure]:
    with _before(bench, loaded) as deployment:
        before = row_counts(deployment.warehouse)
        changes = json.loads(deployment.probe("written").output)
        after = row_counts(deployment.warehouse)
        due = _due(deployment.warehouse)
    # How staging rows come is the engine's own business, and is seen from outside.
    written = {**changes["written"], "staging_events": after["staging_events"] - before["staging_events"]}
    if not written.get("songplays"):
        raise RuntimeError("no statement was heard that writes songplays: mend probes/written.py")
    for table, rows in due.items():
        came, went = written.get(table, 0), changes["deleted"].get(table, 0)
        # Only rows of the listeners in the file may be deleted, to be written anew.
        beyond = max(0, came - rows) + max(0, went - (rows if table in _OF_LISTENERS else 0))
        yield Figure(
            f"Rows of {table} written beyond those due",
            "rows",
            [beyond],
            at_most(0),
            note=f"{came:,} written, {went:,} deleted before; {rows:,} due; {after[table]:,} in the table.",
        )


def _due(warehouse: Path) -> dict[str, int]:
    """The rows that follow from the file that came last: its events and plays, and those of the listeners in it."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        counted = connection.execute(_DUE).fetchone()
    return dict(zip(("staging_events", "songplays", "time", "users", "user_levels"), counted or (), strict=True))
