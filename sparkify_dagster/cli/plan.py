"""Which runs a load needs.

What belongs here: choosing jobs and ranges of log months for what is pending. What doesn't: running them.
"""

from dataclasses import dataclass

from sparkify_dagster.building.pending import Pending
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.job_names import LOAD_CATALOGUE, LOAD_LAKE, LOAD_LOGS, LOAD_SONGS
from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.partitions.months import contiguous_ranges

MOST_RUNS = 3
"""Months far apart are loaded in runs of their own; more than so many gaps are not worth it: one run takes them all."""

_SONG_TABLES = frozenset({"songs", "artists"})


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the user asked for.

    Attributes:
        first: First log month ("YYYY-MM"), or None.
        last: Last log month, or None.
        rebuild: Load from scratch.
        prune: Remove the rows of files that are gone.
    """

    first: str | None = None
    last: str | None = None
    rebuild: bool = False
    prune: bool = False

    @property
    def asks_for_months(self) -> bool:
        """Whether log months were named."""
        return self.first is not None or self.last is not None


@dataclass(frozen=True, slots=True)
class JobRun:
    """A run of a job, for a range of log months or for none.

    Attributes:
        job: The name of the job.
        months: First and last log month ("YYYY-MM").
        assets: Which of the job's assets to materialize; None for all.
    """

    job: str
    months: tuple[str, str] | None
    assets: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"{self.job} {' to '.join(dict.fromkeys(self.months))}" if self.months else self.job


def choose_runs(pending: Pending, options: LoadOptions, partitions: tuple[str, str]) -> list[JobRun]:
    """The runs that a load needs, in their order.

    Args:
        pending: What is still to be done.
        options: What the user asked for.
        partitions: The first and the last partition.

    Raises:
        SparkifyError: The months asked for are no partitions.
    """
    first, last = _range(options, partitions)
    inside = months_between(first, last)
    everything = options.rebuild or options.prune
    held = set(pending.lake_files_by_month) | pending.loaded_months
    wanted = held if everything else {*pending.files_by_month, *pending.stale_months}
    songs = bool(pending.song_files or pending.stale_tables & _SONG_TABLES)
    songs = songs or (everything and not options.asks_for_months)
    if songs and not options.asks_for_months:
        # New songs may explain plays of any month.
        wanted = wanted | pending.loaded_months
    if pending.stale_tables - _SONG_TABLES and not wanted:
        wanted = set(sorted(held)[-1:])
    months = [month for month in inside if month in wanted]
    if not months:
        return [JobRun(LOAD_CATALOGUE, None)] if songs else []
    job = LOAD_LAKE if songs else LOAD_LOGS
    if songs and not (everything or pending.files_by_month or pending.stale_tables - _SONG_TABLES):
        job = LOAD_SONGS
    ranges = contiguous_ranges(months)
    if len(ranges) > MOST_RUNS or songs:
        ranges = [(months[0], months[-1])]
    return [JobRun(job, span) for span in ranges]


def _range(options: LoadOptions, partitions: tuple[str, str]) -> tuple[str, str]:
    first, last = options.first or partitions[0], options.last or partitions[1]
    if first > last:
        raise SparkifyError(f"--from {first} is after --to {last}: there is no month between them.")
    for month in (options.first, options.last):
        if month is not None and not partitions[0] <= month <= partitions[1]:
            raise SparkifyError(
                f"{month} is no log month of the platform, which begins with {partitions[0]} and ends with "
                f"{partitions[1]}: set SPARKIFY_FIRST_MONTH to begin earlier."
            )
    return first, last
