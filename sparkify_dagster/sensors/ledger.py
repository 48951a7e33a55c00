"""What a sensor needs to know of the warehouse.

What belongs here: one short look into the ledger, after which the warehouse is let go, and what the ledger lacks of the
lake. What doesn't: deciding what follows from it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sparkify_dagster.lake import LakeFile
from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY, KnownFile, compare, known_files
from sparkify_dagster.sensors.cursor import Cursor
from sparkify_dagster.sensors.digest import digest
from sparkify_dagster.sensors.listing import Tour
from sparkify_dagster.sensors.stretches import by_stretch
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.counts import loaded_months


@dataclass(frozen=True, slots=True)
class LedgerView:
    """What the ledger says.

    Attributes:
        known: The files of a staging table, by key.
        loaded_months: Log months of which files are loaded, sorted.
        stale_months: Log months whose plays or moments have not taken in all loads.
        stale_tables: Tables without months that have not.
        last_load_id: The last load of all.
    """

    known: Mapping[str, KnownFile] = field(default_factory=dict)
    loaded_months: tuple[str, ...] = ()
    stale_months: frozenset[str] = frozenset()
    stale_tables: frozenset[str] = frozenset()
    last_load_id: int = 0


def look_into_ledger(
    warehouse: Warehouse, table: str, first_month: date = FIRST_DAY, last_month: date = LAST_DAY
) -> LedgerView:
    """Looks once.

    Args:
        warehouse: The warehouse; it is let go afterwards.
        table: The staging table whose files are asked for.
        first_month: First day of the first log month whose files are asked for.
        last_month: First day of the last.

    Raises:
        WarehouseError: It can't be reached.
    """
    try:
        if not warehouse.tables():
            return LedgerView()
        with warehouse.reading() as session:
            stale = session.run("ledger/stale_tables")
            ((last_load,),) = session.run("ledger/last_load")
            return LedgerView(
                known_files(session, table, first_month, last_month),
                tuple(loaded_months(session)),
                frozenset(f"{month:%Y-%m}" for _, month in stale if isinstance(month, date)),
                frozenset(str(name) for name, month in stale if month is None),
                int(str(last_load)),
            )
    finally:
        warehouse.close()


def lacking(tour: Tour, asked: Collection[str], view: LedgerView) -> list[str]:
    """The stretches, of those that were asked about and were listed, with files that are not loaded as they are."""
    return [stretch for stretch, files in tour.files.items() if stretch in asked and _lacks(files, view.known)]


def _lacks(files: Sequence[LakeFile], known: Mapping[str, KnownFile]) -> bool:
    # Of a million known files, only those that were listed.
    return bool(compare(files, {file.key: known[file.key] for file in files if file.key in known}).take)


def not_seen_loaded(cursor: Cursor, tour: Tour, view: LedgerView) -> list[str]:
    """The open stretches that were not listed, and of which the ledger knows other files than were listed last."""
    others = [stretch for stretch in cursor.open if stretch not in tour.files]
    if not others:
        return []
    known = by_stretch(
        (LakeFile(key, file.etag, 0) for key, file in view.known.items() if file.etag), cursor.digests.keys()
    )
    return [stretch for stretch in others if digest(known.get(stretch, [])) != cursor.digests[stretch]]
