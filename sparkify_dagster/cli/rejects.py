"""``sparkify rejects``: the records that were rejected.

What belongs here: putting them together and showing them. What doesn't: rejecting.
"""

import base64
from itertools import groupby

from sparkify_dagster.cli.opening import warehouse_of
from sparkify_dagster.cli.output import say, show_table
from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.settings import Settings

_SHOWN_CHARACTERS = 60


def show_rejects(settings: Settings, month: str | None, *, full: bool) -> None:
    """Shows the rejected records of all files, or of those of a log month."""
    warehouse = warehouse_of(settings, read_only=True)
    days = (first_day(month), first_day(month)) if month else (FIRST_DAY, LAST_DAY)
    found = []
    if warehouse.tables():
        with warehouse.reading() as session:
            scope = {"first_month": days[0], "last_month": days[1], "with_songs": month is None}
            found = session.run("ledger/rejects", scope)
    warehouse.close()
    if not found:
        say("No record was rejected.")
        return
    rows: list[list[object]] = []
    for (key, line, reason, encoding, status), pieces in groupby(found, key=lambda row: (*row[:4], row[6])):
        text = _readable("".join(str(piece[5]) for piece in pieces), str(encoding))
        rows.append([key, line, reason, status, text if full else _shortened(text)])
    show_table("", ["file", "line", "reason", "file was", "record"], rows)


def _readable(text: str, encoding: str) -> str:
    if encoding == "base64":
        text = base64.b64decode(text).decode("utf-8", errors="backslashreplace")
    # No record can move the cursor or forge a line.
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
