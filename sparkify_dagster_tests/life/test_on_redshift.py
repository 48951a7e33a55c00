"""S3 event to rows: the bucket tells the queue, the queue the sensor, the sensor asks for a run, the run loads.

What belongs here: Dagster's definitions on Redshift's double, S3 and SQS, with nothing in between replaced. What
doesn't: the parts by themselves.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from boto3.session import Session

from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.settings import RedshiftSettings, read_settings
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.events.announced import Bucket
from sparkify_dagster_tests.lakes import SONG, event, play
from sparkify_dagster_tests.loading.loads import rows_of
from sparkify_dagster_tests.oracle import COLUMNS, Files, Row, expected_rows
from sparkify_dagster_tests.redshift.double import RedshiftDouble
from sparkify_dagster_tests.redshift.grammar import assert_all_pass

NOVEMBER = "log_data/2018/11/2018-11-01-events.json"
NOVEMBER_TOO = "log_data/2018/11/2018-11-02-events.json"
DECEMBER = "log_data/2018/12/2018-12-01-events.json"
SONG_FILE = "song_data/A/B/C/TR1.json"
DECEMBER_MS = 1_543_622_400_000
SONGS_RUN = "load_songs"


class Life:
    """A bucket, its queue, and the platform on Redshift, whose sensors are ticked by hand and whose runs are run."""

    def __init__(self, environment: dict[str, str], bucket: Bucket, warehouse: RedshiftWarehouse, folder: Path) -> None:
        self.bucket, self.warehouse = bucket, warehouse
        self.definitions = build_defs(read_settings(environment, folder))
        self.repository = self.definitions.get_repository_def()
        self.instance = dg.DagsterInstance.ephemeral()
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.cursors: dict[str, str | None] = {}

    def put(self, key: str, *records: dict[str, Any]) -> None:
        """Writes a file of the lake, over a former one."""
        self.files[key] = list(records)
        self.bucket.put(key, "\n".join(map(json.dumps, records)).encode())

    def tick(self, sensor: str = "new_logs") -> list[dg.RunRequest]:
        """Ticks a sensor; returns the runs that it asks for."""
        resources = self.definitions.resources or {}
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(sensor),
            repository_def=self.repository,
            resources={name: resources[name] for name in ("lake", "announcements", "warehouse_reader")},
        ) as context:
            data = self.repository.get_sensor_def(sensor).evaluate_tick(context)
        self.cursors[sensor] = data.cursor
        return list(data.run_requests or [])

    def live(self) -> Counter[str]:
        """Ticks both sensors and runs what they ask for, until they ask for nothing; returns the months that ran."""
        ran: Counter[str] = Counter()
        for _ in range(10):
            requests = [*self.tick("new_logs"), *self.tick("new_songs")]
            for request in requests:
                month = request.partition_key
                tags = {RANGE_START: month, RANGE_END: month} if month else request.tags
                job = request.job_name or "load_logs"
                quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
                result = self.definitions.resolve_job_def(job).execute_in_process(
                    instance=self.instance, tags=tags, run_config=quiet, raise_on_error=False
                )
                assert result.success
                ran[month or job] += 1
            if not requests:
                return ran
        raise AssertionError("the sensors never come to rest")

    def check(self) -> None:
        """Checks that every table holds what the contract says of the files, no row more, no row less."""
        files: Files = self.files
        for table in COLUMNS:
            found: Counter[Row] = Counter(rows_of(self.warehouse, f"SELECT {', '.join(COLUMNS[table])} FROM {table}"))
            assert found == Counter(expected_rows(table, files)), table


@pytest.fixture
def environment(redshift_settings: RedshiftSettings, bucket: Bucket, s3_endpoint: str) -> dict[str, str]:
    """The settings: Redshift, and a lake whose bucket tells a queue."""
    aws = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSL_", "NO_PROXY"))}
    return {
        **aws,
        **environment_of(redshift_settings),
        "SPARKIFY_LAKE": f"s3://{bucket.name}/raw",
        "SPARKIFY_EVENTS_QUEUE": bucket.queue,
        "SPARKIFY_FIRST_MONTH": "2018-11",
    }


@pytest.fixture
def bucket(aws: None, s3_endpoint: str) -> Bucket:
    """A bucket that tells its queue of everything."""
    session = Session()
    return Bucket(session.client("s3", endpoint_url=s3_endpoint), session.client("sqs", endpoint_url=s3_endpoint))


@pytest.fixture
def life(environment: dict[str, str], bucket: Bucket, redshift: RedshiftWarehouse, tmp_path: Path) -> Life:
    """A life that begins with two months, and no song."""
    life = Life(environment, bucket, redshift, tmp_path)
    life.put(NOVEMBER, event(), play(1), play(2))
    life.put(DECEMBER, play(0, sessionId=2, ts=DECEMBER_MS))
    return life


@pytest.mark.slow
def test_what_lands_in_the_bucket_becomes_rows(life: Life, double: RedshiftDouble) -> None:
    assert life.live() == Counter({"2018-11": 1, "2018-12": 1})
    life.check()

    # A new file costs what it holds; then a corrected one, and a song that explains plays of both months.
    before = len(double.copies)
    life.put(NOVEMBER_TOO, play(3, sessionId=5, ts=play()["ts"] + 86_400_000, level="paid"))
    assert life.live() == Counter({"2018-11": 1})
    (copy,) = double.copies[before:]
    assert (len(copy.files), copy.rows) == (1, 1)
    life.put(NOVEMBER, event(), play(1, lastName="King"))
    assert life.live() == Counter({"2018-11": 1})
    life.put(SONG_FILE, SONG)
    assert life.live() == Counter({SONGS_RUN: 1})
    life.check()
    assert rows_of(life.warehouse, "SELECT COUNT(song_id) AS n FROM songplays") == [(3,)]

    assert_all_pass(statement.text for statement in double.statements)

    # A warehouse of which nothing is wanted is not asked for anything.
    double.statements.clear()
    for _ in range(2):
        assert life.tick("new_logs") == []
        assert life.tick("new_songs") == []
    assert double.statements == []
