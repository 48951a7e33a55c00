"""``sparkify config``: the settings in force.

What belongs here: showing them, and asking lake and warehouse whether they answer.
What doesn't: reading settings, and what is shown of each (``setting_rows``).
"""

from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.cli.output import show_table
from sparkify_dagster.cli.setting_rows import setting_rows
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Settings


def show_config(settings: Settings) -> int:
    """Shows the settings; returns the exit code, which is not 0 where lake or warehouse do not answer."""
    show_table("Settings", ["setting", "value"], setting_rows(settings))
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
