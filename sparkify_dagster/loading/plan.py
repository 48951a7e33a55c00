"""What is new: the files of the lake compared with the ledger, by (key, etag).

What belongs here: the comparison, which reads no file and writes nothing. What doesn't: acting on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sparkify_dagster.lake import LakeFile
from sparkify_dagster.tables import catalog
from sparkify_dagster.warehouse import Session

FIRST_DAY = date(1, 1, 1)
LAST_DAY = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file, as the ledger knows it.

    Attributes:
        etag: The version seen last, loaded or refused.
        loaded_id: The file version whose rows are in the table; None where there are none.
        log_month: First day of its log month; None for songs.
        last_id: The number of that version in the ledger.
    """

    etag: str
    loaded_id: int | None
    log_month: date | None
    last_id: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load has to do.

    Attributes:
        take: Files to load: new, changed, or all of them for a rebuild.
        unchanged: Number of files that are loaded as they are.
        gone: Keys with rows in the table that the lake no longer holds.
    """

    take: list[LakeFile]
    unchanged: int
    gone: list[str]


def compare(files: Iterable[LakeFile], known: Mapping[str, KnownFile], *, rebuild: bool = False) -> Plan:
    """Compares what the lake holds with what the ledger knows.

    Args:
        files: The files that the lake holds, all of what ``known`` covers.
        known: What the ledger knows, by key.
        rebuild: Take every file, known or not.
    """
    take: list[LakeFile] = []
    unchanged = 0
    seen: set[str] = set()
    for file in files:
        seen.add(file.key)
        former = known.get(file.key)
        if former is not None and former.etag == file.etag and not rebuild:
            unchanged += 1
        else:
            take.append(file)
    gone = [key for key, former in known.items() if former.loaded_id is not None and key not in seen]
    return Plan(take, unchanged, sorted(gone))


def known_files(
    session: Session, table: str, first_month: date = FIRST_DAY, last_month: date = LAST_DAY
) -> dict[str, KnownFile]:
    """What the ledger knows of a table's files, by key.

    Args:
        session: A transaction of the warehouse.
        table: The staging table.
        first_month: First day of the first log month to look at.
        last_month: First day of the last.
    """
    rows = session.run(
        "ledger/known_files", {"table_name": table, "first_month": first_month, "last_month": last_month}
    )
    return _latest_versions(rows)


def _latest_versions(rows: Sequence[tuple]) -> dict[str, KnownFile]:
    known: dict[str, KnownFile] = {}
    for file_id, key, etag, _, log_month, status, removed_by in rows:
        former = known.get(key)
        in_place = status == "loaded" and removed_by is None
        loaded_id = file_id if in_place else former.loaded_id if former else None
        # A version that was pruned counts as never seen: where the file comes back, it is loaded again.
        pruned = status == "loaded" and removed_by is not None
        known[key] = KnownFile("" if pruned else etag, loaded_id, log_month, file_id)
    return known


def has_months(table: str) -> bool:
    """Whether a staging table is partitioned by log month."""
    return catalog()[table].has_months
