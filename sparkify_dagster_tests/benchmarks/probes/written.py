"""Runs `sparkify load`, and prints as JSON how many rows it wrote to and deleted from each table, as the engine counts.

Warehouses are only listened to: what a statement says of its rows is noted, and passed on.

What belongs here: listening. What doesn't: how many rows there should be.
"""

import json
import re
import sys
from collections import Counter
from contextlib import redirect_stdout

from sparkify_dagster.cli import main
from sparkify_dagster.tables import ALL_TABLES
from sparkify_dagster.warehouse import Parameters
from sparkify_dagster.warehouse.base import Selection
from sparkify_dagster.warehouse.duckdb.engine import DuckDBSession

_CHANGE = re.compile(r"\s*(INSERT INTO|UPDATE|MERGE INTO|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


def listen() -> dict[str, Counter[str]]:
    """Counts the rows of all statements from now on, by what is done and by table."""
    counted = {"written": Counter[str](), "deleted": Counter[str]()}
    select = DuckDBSession.select

    def counting(session: DuckDBSession, statement: str, parameters: Parameters | None = None) -> Selection:
        selection = select(session, statement, parameters)
        change = _CHANGE.match(statement)
        if change and change[2] in ALL_TABLES:
            done = "deleted" if change[1].upper() == "DELETE FROM" else "written"
            ((rows,),) = selection.rows
            counted[done][change[2]] += int(str(rows))
        return selection

    # pyright would have the arguments called as they are there, down to `self`.
    setattr(DuckDBSession, "select", counting)  # noqa: B010
    return counted


if __name__ == "__main__":
    rows = listen()
    sys.argv = ["sparkify", "load"]
    code: object = 0
    with redirect_stdout(sys.stderr):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    print(json.dumps(rows))
    sys.exit(code)
