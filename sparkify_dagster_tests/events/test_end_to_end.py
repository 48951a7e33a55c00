"""From a bucket's messages to rows, on both engines: what comes twice, late, or in the wrong order runs once.

What belongs here: Dagster's sensors and runs between a bucket that tells a queue, and a warehouse. What doesn't: the
sensor by itself (``test_announced_files``).
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.job_names import LOAD_LOGS
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.events.announced import Bucket
from sparkify_dagster_tests.events.test_notifications import s3_message
from sparkify_dagster_tests.lakes import event, play
from sparkify_dagster_tests.life.test_on_redshift import DECEMBER, NOVEMBER, NOVEMBER_TOO, Life
from sparkify_dagster_tests.loading.loads import rows_of


def on_duckdb(request: pytest.FixtureRequest, folder: Path) -> tuple[dict[str, str], Any]:
    path = folder / "warehouse.duckdb"
    return {"SPARKIFY_DUCKDB_PATH": str(path)}, DuckDBWarehouse(path)


def on_redshift(request: pytest.FixtureRequest, folder: Path) -> tuple[dict[str, str], Any]:
    settings = request.getfixturevalue("redshift_settings")
    return environment_of(settings), request.getfixturevalue("redshift")


ENGINES = {"duckdb": on_duckdb, "redshift": on_redshift}


@pytest.fixture
def s3_settings(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str) -> dict[str, str]:
    """The account that everything of AWS is asked with, at the server of the tests."""
    pretend_account(monkeypatch, endpoint=s3_endpoint)
    return {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "NO_PROXY"))}


@pytest.fixture(params=[pytest.param("duckdb", marks=pytest.mark.slow), "redshift"])
def life(request: pytest.FixtureRequest, s3_settings: dict[str, str], bucket: Bucket, tmp_path: Path) -> Life:
    """A month that is loaded, and of which no message waits."""
    engine, warehouse = ENGINES[request.param](request, tmp_path)
    settings = {
        **s3_settings,
        **engine,
        "SPARKIFY_LAKE": f"s3://{bucket.name}/raw",
        "SPARKIFY_EVENTS_QUEUE": bucket.queue,
        "SPARKIFY_FIRST_MONTH": "2018-11",
    }
    life = Life(settings, bucket, warehouse, tmp_path)
    life.put(NOVEMBER, event(), play(1))
    assert run(life) == ["2018-11"]
    bucket.empty_queue()
    check(life)
    return life


def run(life: Life) -> list[str]:
    """Ticks the log sensor and runs what it asks for, until it asks for nothing; gives the months that ran."""
    ran: list[str] = []
    while requests := life.tick():
        for request in requests:
            month = str(request.partition_key)
            tags = {RANGE_START: month, RANGE_END: month}
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            job = life.definitions.resolve_job_def(LOAD_LOGS)
            assert job.execute_in_process(instance=life.instance, tags=tags, run_config=quiet).success
            ran.append(month)
    return ran


def check(life: Life) -> int:
    """Checks all tables; gives the number of loads."""
    life.check()
    ((loads,),) = rows_of(life.warehouse, "SELECT COUNT(*) AS n FROM loads")
    life.warehouse.close()
    return int(loads)


def news(life: Life, key: str, name: str = "ObjectCreated:Put") -> str:
    return json.dumps(s3_message(f"raw/{key}", name, life.bucket.name))


def test_what_comes_again_late_or_in_the_wrong_order_runs_once_and_what_changes_back_runs_again(life: Life) -> None:
    loads = check(life)
    messages = [
        news(life, NOVEMBER),
        news(life, NOVEMBER, "ObjectRemoved:Delete"),
        news(life, DECEMBER),
        news(life, NOVEMBER_TOO),
    ]
    life.bucket.send(*messages, *reversed(messages))
    assert run(life) == []
    # After the cursor was lost, too.
    life.cursors.clear()
    life.bucket.send(*messages)
    assert run(life) == []
    assert check(life) == loads

    before = life.files[NOVEMBER]
    life.put(NOVEMBER, play(3, sessionId=5))
    life.bucket.send(*messages, *[news(life, NOVEMBER)] * 3)
    assert run(life) == ["2018-11"]
    check(life)
    life.put(NOVEMBER, *before)
    assert run(life) == ["2018-11"]
    assert check(life) == loads + 2
