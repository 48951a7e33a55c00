"""``sparkify load``: what is new in the lake goes through Dagster, in this process.

What belongs here: finding out whether there is anything to do, and telling what came of it. What doesn't: which runs
it needs (``plan``), running them (``runs``), loading, building, checking.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sparkify_dagster.building.pending import Pending, find_pending
from sparkify_dagster.cli.home import prepare_home
from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.cli.output import counted, say, show_table, warn
from sparkify_dagster.cli.plan import LoadOptions, choose_runs
from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY
from sparkify_dagster.partitions.months import current_month, first_log_month
from sparkify_dagster.settings import Settings
from sparkify_dagster.sqlfiles import statements
from sparkify_dagster.tables import LAKE_TABLES, STAR_TABLES
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.counts import count_rows

if TYPE_CHECKING:
    from sparkify_dagster.cli.runs import CheckOutcome, RunOutcome

__all__ = ["LoadOptions", "run_load"]

_log = logging.getLogger(__name__)


def run_load(settings: Settings, options: LoadOptions) -> int:
    """Loads what is new, and tells what came of it.

    Returns:
        The exit code: not 0 where a run or a check of severity ERROR failed, or a file is refused.
    """
    lake = lake_of(settings)
    warehouse = warehouse_of(settings)
    partitions = (first_log_month(settings.first_month, lake), current_month())
    pending = find_pending(lake, warehouse, *partitions)
    refused = _refused_files(warehouse)
    warehouse.close()
    runs = choose_runs(pending, options, partitions)
    _tell_what_is_left_alone(pending)
    if not runs:
        logs = counted(sum(pending.lake_files_by_month.values()), "log file")
        months = counted(len(pending.lake_files_by_month), "month")
        say(f"Nothing is new: {logs} of {months} and {counted(pending.lake_song_files, 'song file')} are loaded.")
        return _tell_refused(refused)
    prepare_home(settings)
    _log.info("starting Dagster for %s", ", ".join(str(run) for run in runs))
    from sparkify_dagster.cli.runs import run_jobs  # noqa: PLC0415 Dagster takes two seconds to import

    outcomes = run_jobs(settings, runs, options)
    show_tables(warehouse)
    refused = _refused_files(warehouse)
    warehouse.close()
    return max(tell_outcomes(outcomes), _tell_refused(refused))


def show_tables(warehouse: Warehouse) -> None:
    """Shows the tables with their rows."""
    with warehouse.reading() as session:
        rows = [[name, count_rows(session, name)] for name in (*LAKE_TABLES, *STAR_TABLES)]
    show_table("Tables", ["table", "rows"], rows)


def tell_outcomes(outcomes: "Sequence[RunOutcome]", tell: Callable[[str], None] = say) -> int:
    """Tells what the checks found and what failed; returns the exit code.

    Args:
        outcomes: Of the runs.
        tell: Where to: where the checks are not what was asked for, they are no result.
    """
    checks = [check for outcome in outcomes for check in outcome.checks]
    passed = sum(check.passed for check in checks)
    failed = [check for check in checks if not check.passed]
    tell(f"\nChecks: {passed} passed, {len(failed)} failed.")
    for check in failed:
        _tell_check(check, tell)
    for error in (error for outcome in outcomes for error in outcome.errors):
        warn(f"sparkify: {' '.join(error.split())}")
    errors = any(check.is_error for check in failed) or any(not outcome.succeeded for outcome in outcomes)
    return 1 if errors else 0


def _tell_check(check: "CheckOutcome", tell: Callable[[str], None]) -> None:
    tell(f"  {'ERROR  ' if check.is_error else 'warning'}  {check.table}.{check.name}: {check.found:,} found")
    for example in check.examples[:3]:
        tell(f"             {example}")


def _tell_what_is_left_alone(pending: Pending) -> None:
    if pending.outside:
        warn(f"Log months outside the partitions are left alone: {', '.join(pending.outside)}.")
    if pending.ignored:
        warn(
            f"{len(pending.ignored):,} keys of the lake are no files of it, and are left alone: {pending.ignored[0]}, …"
        )


def _refused_files(warehouse: Warehouse) -> list[str]:
    if not warehouse.tables():
        return []
    (statement,) = statements("checks/refused_files")
    refused: list[str] = []
    with warehouse.reading() as session:
        for table in LAKE_TABLES:
            scope = {"table_name": table, "first_month": FIRST_DAY, "last_month": LAST_DAY}
            for key, why, _, line, example in session.query(statement, scope):
                first = f"; the first is line {line}: {example}" if line is not None else ""
                refused.append(f"{key} is refused: {why}{first}")
    return refused


def _tell_refused(refused: Sequence[str]) -> int:
    for line in refused:
        warn(f"sparkify: {line}. Mend the file in the lake, then load again; `sparkify rejects` shows its records.")
    return 1 if refused else 0
