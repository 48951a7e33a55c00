"""``sparkify status``: what the lake holds, what is loaded, what is pending.

What belongs here: putting listing and ledger side by side. What doesn't: finding what is pending.
"""

from datetime import date

from sparkify_dagster.building.pending import Pending, find_pending
from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.cli.output import counted, say, show_table
from sparkify_dagster.partitions.months import current_month, first_log_month
from sparkify_dagster.settings import Settings
from sparkify_dagster.warehouse import Value, Warehouse

_COLUMNS = ["", "files in lake", "files loaded", "rows", "rejects", "pending", "last load"]


def show_status(settings: Settings) -> None:
    """Shows months and songs."""
    lake = lake_of(settings)
    warehouse = warehouse_of(settings, read_only=True)
    pending = find_pending(lake, warehouse, first_log_month(settings.first_month, lake), current_month())
    months, songs = _loaded(warehouse)
    warehouse.close()
    rows = [
        _row(month, pending.lake_files_by_month.get(month, 0), months.get(month), pending.files_by_month.get(month, 0))
        for month in sorted({*months, *pending.lake_files_by_month})
    ]
    rows.append(_row("songs", pending.lake_song_files, songs, pending.song_files))
    show_table(f"{lake.location} → {warehouse.location}", _COLUMNS, rows)
    _tell(pending)


def _loaded(warehouse: Warehouse) -> tuple[dict[str, tuple[Value, ...]], tuple[Value, ...] | None]:
    if not warehouse.tables():
        return {}, None
    with warehouse.reading() as session:
        months = {f"{row[0]:%Y-%m}": row[1:] for row in session.run("ledger/status_months") if isinstance(row[0], date)}
        (songs,) = session.run("ledger/status_songs")
    return months, songs


def _row(name: str, in_lake: int, loaded: tuple[Value, ...] | None, pending: int) -> list[object]:
    files, rows, rejects, last = loaded or (0, 0, 0, None)
    return [name, in_lake, int(files or 0), int(rows or 0), int(rejects or 0), pending, last]  # type: ignore[arg-type]


def _tell(pending: Pending) -> None:
    files = sum(pending.files_by_month.values()) + pending.song_files
    if files:
        say(f"{counted(files, 'file')} to be loaded: run `sparkify load`, or leave it to the sensors of `sparkify up`.")
    stale = sorted({*pending.stale_tables, *pending.stale_months})
    if stale:
        say(f"Tables have not taken in all loads ({', '.join(stale)}): run `sparkify load`.")
    if pending.nothing:
        say("Everything is loaded.")
    if pending.outside:
        say(
            f"Log months that are no partitions, and are left alone: {', '.join(pending.outside)}. "
            "SPARKIFY_FIRST_MONTH says with which month they begin."
        )
    if pending.ignored:
        shown = ", ".join(pending.ignored[:3])
        say(f"{len(pending.ignored):,} keys of the lake are no files of it, and are left alone: {shown}, …")
