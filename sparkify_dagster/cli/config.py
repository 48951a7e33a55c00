"""``sparkify config``: the settings in force.

What belongs here: showing them, secrets masked, and asking lake and warehouse whether they answer.
What doesn't: reading settings.
"""

import os

from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.cli.output import show_table
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Settings

_SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "KEY", "CREDENTIAL", "WEBHOOK")


def show_config(settings: Settings) -> int:
    """Shows the settings; returns the exit code, which is not 0 where lake or warehouse do not answer."""
    show_table(
        "Settings",
        ["setting", "value"],
        [
            ["SPARKIFY_LAKE", settings.lake],
            ["SPARKIFY_LOG_DATA", settings.log_data],
            ["SPARKIFY_SONG_DATA", settings.song_data],
            ["SPARKIFY_LOG_JSONPATHS", settings.log_jsonpaths],
            ["SPARKIFY_WAREHOUSE", settings.warehouse],
            ["SPARKIFY_DUCKDB_PATH", settings.duckdb_path],
            ["SPARKIFY_FIRST_MONTH", settings.first_month or "the first month of the lake"],
            ["SPARKIFY_MAX_REJECTED", f"{settings.max_rejected:g}"],
            ["SPARKIFY_LOCK_WAIT", f"{settings.lock_wait:g} s"],
            ["DAGSTER_HOME", settings.dagster_home],
            *([name, _masked(name, value)] for name, value in sorted(os.environ.items()) if name.startswith("AWS_")),
        ],
    )
    lake, lake_answers = _answer_of_lake(settings)
    warehouse, warehouse_answers = _answer_of_warehouse(settings)
    show_table("", ["", "answer"], [["lake", lake], ["warehouse", warehouse]])
    return 0 if lake_answers and warehouse_answers else 1


def _answer_of_lake(settings: Settings) -> tuple[str, bool]:
    try:
        return lake_of(settings).check(), True
    except SparkifyError as error:
        return str(error), False


def _answer_of_warehouse(settings: Settings) -> tuple[str, bool]:
    warehouse = warehouse_of(settings, read_only=True)
    try:
        tables = warehouse.tables()
        if tables:
            with warehouse.reading() as session:
                session.run("ledger/last_load")
    except SparkifyError as error:
        return str(error), False
    finally:
        warehouse.close()
    return (f"answers, {len(tables)} tables" if tables else "has no tables yet: run `sparkify load`"), True


def _masked(name: str, value: str) -> str:
    return "********" if any(word in name for word in _SECRET_WORDS) else value
