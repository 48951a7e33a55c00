"""``sparkify query``: a query of one's own, which can change nothing.

What belongs here: where the query comes from, and how many rows of its answer are shown. What doesn't: keeping it from
changing anything, which each engine does.
"""

import sys

from sparkify_dagster.cli.formats import some, speak_utf8, write_csv, write_json_rows, write_table
from sparkify_dagster.cli.opening import warehouse_of
from sparkify_dagster.cli.reading import only_reading
from sparkify_dagster.settings import Settings

ROWS_IN_A_TABLE = 1_000
"""Rows that a table shows at most, where nobody says how many."""


def run_query(settings: Settings, statement: str, form: str, limit: int | None) -> None:
    """Shows the answer to a query.

    Args:
        settings: The settings.
        statement: One SELECT in Redshift's dialect; "-" for what is on standard input.
        form: One of ``FORMATS``.
        limit: Rows to show at most; 0 for all; None for a table's usual number, and for all in CSV and JSON.

    Raises:
        WarehouseError: There is no warehouse, or the statement is refused.
    """
    question = sys.stdin.read() if statement == "-" else statement
    if limit is None and form == "table":
        limit = ROWS_IN_A_TABLE
    warehouse = warehouse_of(settings, read_only=True)
    try:
        with only_reading(), warehouse.answer(question) as answer:
            rows = some(answer.rows, limit or None)
            if form == "table":
                write_table("", answer.columns, rows)
            elif form == "csv":
                speak_utf8()
                write_csv(answer.columns, rows)
            else:
                speak_utf8()
                write_json_rows(answer.columns, rows)
            # A reader that has gone is noticed here, and not when Python ends.
            sys.stdout.flush()
    finally:
        warehouse.close()
