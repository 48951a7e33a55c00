"""What is still to be done: files that are not loaded as they are, and tables that have not taken in all loads.

What belongs here: finding that out, cheaply: the lake is listed, the ledger is read, no file is.
What doesn't: doing it.
"""

from dataclasses import dataclass, field
from datetime import date

from sparkify_dagster.building.build import build_version
from sparkify_dagster.lake import Lake
from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.loading.plan import KnownFile, compare, known_files
from sparkify_dagster.tables import STAR_TABLES
from sparkify_dagster.warehouse import Session, Warehouse
from sparkify_dagster.warehouse.counts import loaded_months


@dataclass(slots=True)
class Pending:
    """What is still to be done.

    Attributes:
        files_by_month: New or changed log files, by log month; months without any are not in it.
        lake_files_by_month: All log files of the lake, by log month.
        song_files: Number of new or changed song files.
        lake_song_files: Number of all song files of the lake.
        stale_months: Log months whose plays or moments have not taken in all loads.
        stale_tables: Tables without months that have not.
        loaded_months: Log months of which files are loaded.
        outside: Log months of the lake that are no partitions: before the first month, or not begun.
        ignored: Keys of the lake that are no files of it.
    """

    files_by_month: dict[str, int] = field(default_factory=dict)
    lake_files_by_month: dict[str, int] = field(default_factory=dict)
    song_files: int = 0
    lake_song_files: int = 0
    stale_months: set[str] = field(default_factory=set)
    stale_tables: set[str] = field(default_factory=set)
    loaded_months: set[str] = field(default_factory=set)
    outside: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to be done."""
        return not (self.files_by_month or self.song_files or self.stale_months or self.stale_tables)


def find_pending(lake: Lake, warehouse: Warehouse, first_month: str, last_month: str) -> Pending:
    """Finds out what is still to be done for log months from the first to the last ("YYYY-MM")."""
    pending = Pending()
    logs, songs = _ledger(warehouse, pending)
    inside = set(months_between(first_month, last_month)) if first_month <= last_month else set()
    for month in lake.log_months():
        listing = lake.list_logs(month)
        pending.ignored.extend(listing.ignored)
        if not listing.files:
            continue
        if month not in inside:
            pending.outside.append(month)
            continue
        pending.lake_files_by_month[month] = len(listing.files)
        new = len(compare(listing.files, logs).take)
        if new:
            pending.files_by_month[month] = new
    listing = lake.list_songs()
    pending.ignored.extend(listing.ignored)
    pending.lake_song_files = len(listing.files)
    pending.song_files = len(compare(listing.files, songs).take)
    pending.stale_months &= inside
    return pending


def _ledger(warehouse: Warehouse, pending: Pending) -> tuple[dict[str, KnownFile], dict[str, KnownFile]]:
    if not warehouse.tables():
        return {}, {}
    with warehouse.reading() as session:
        _note_stale(session, pending)
        pending.loaded_months = set(loaded_months(session))
        return known_files(session, "staging_events"), known_files(session, "staging_songs")


def _note_stale(session: Session, pending: Pending) -> None:
    unfinished = session.run("ledger/stale_tables")
    outdated = [
        (table, month)
        for table, month, _, version in session.run("ledger/all_builds")
        if table in STAR_TABLES and version != build_version(str(table))
    ]
    for table, month in [*unfinished, *outdated]:
        if isinstance(month, date):
            pending.stale_months.add(f"{month:%Y-%m}")
        else:
            pending.stale_tables.add(str(table))
