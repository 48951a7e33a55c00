"""Wherever the machine and the warehouse are, all is UTC: no row, no partition, no check hangs on their time zones.

What belongs here: the platform in processes of other time zones. What doesn't: what it does there (``elsewhere``).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.lakes import SONG, play
from sparkify_dagster_tests.oracle import Record
from sparkify_dagster_tests.redshift.double import RedshiftDouble

from . import elsewhere
from .deployment import Deployment

# Hours east of UTC in summer and in winter.
ZONES = {"America/New_York": [-4.0, -5.0], "Asia/Kolkata": [5.5, 5.5]}
# Whole processes take their time, and New York is the one whose clocks change.
EACH_ZONE = ["America/New_York", pytest.param("Asia/Kolkata", marks=pytest.mark.slow)]

# Where New York's clocks are put back and forward, where days and months begin there, in Kolkata, and in UTC.
MOMENTS = [
    "2018-03-11T06:59:59.999",
    "2018-03-11T07:00:00",
    "2018-10-31T18:29:59.999",
    "2018-10-31T23:59:59.999",
    "2018-11-01T00:00:00",
    "2018-11-01T03:59:59.999",
    "2018-11-04T05:30:00",
    "2018-11-04T06:30:00",
    "2018-11-30T18:30:00",
    "2018-11-30T23:59:59.999",
    "2018-12-01T00:00:00",
    "2018-12-31T18:30:00",
    "2018-12-31T23:59:59.999",
    "2019-01-01T00:00:00",
    "2019-01-01T04:59:59.999",
    "2019-01-01T05:00:00",
]
MONTHS = ["2018-03", "2018-10", "2018-11", "2018-12", "2019-01"]


def lake_of_edges() -> dict[str, list[Record]]:
    """A log file for each day with one of the moments, and a song."""
    files: dict[str, list[Record]] = {"song_data/A/B/C/TR1.json": [SONG]}
    for number, text in enumerate(MOMENTS):
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        level = "paid" if number % 3 else "free"
        record = play(number, ts=round(moment.timestamp() * 1000), level=level)
        files.setdefault(f"log_data/{moment:%Y/%m/%Y-%m-%d}-events.json", []).append(record)
    return files


def there(zone: str, folder: Path, settings: dict[str, str]) -> dict[str, Any]:
    """Lets a process in a time zone do it all; gives what came of it."""
    folder.mkdir()
    outside = {name: value for name, value in os.environ.items() if not name.startswith("SPARKIFY_")}
    done = subprocess.run(
        [sys.executable, "-m", elsewhere.__name__, str(folder)],
        env={**outside, **settings, "SPARKIFY_FIRST_MONTH": MONTHS[0], "TZ": zone, "PYTHONPATH": os.getcwd()},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check(zone: str, came: dict[str, Any], deployment: Deployment, folder: Path) -> None:
    """Checks what came of it; from here, and as it was seen there."""
    assert came["hours_east"] == ZONES[zone]
    assert came["month"] == f"{datetime.now(UTC):%Y-%m}"
    assert came["asked"] == [*MONTHS, "load_songs"]
    assert came["asked_afterwards"] == []
    assert came["failed"] == ["staging_events.freshness 49"]
    assert came["simulated"] == elsewhere.simulated(folder / "simulated here")
    deployment.check(lake_of_edges())
    assert came["rows"] == {table: elsewhere.rows(deployment.warehouse, table) for table in came["rows"]}


@pytest.mark.parametrize("zone", EACH_ZONE)
def test_duckdb_holds_the_same_wherever_the_machine_is(
    zone: str, on_duckdb: Deployment, lake_folder: Path, tmp_path: Path
) -> None:
    on_duckdb.put_all(lake_of_edges())
    settings = {"SPARKIFY_LAKE": str(lake_folder), "SPARKIFY_DUCKDB_PATH": str(tmp_path / "warehouse.duckdb")}
    check(zone, there(zone, tmp_path / "there", settings), on_duckdb, tmp_path)


@pytest.fixture
def in_zone(request: pytest.FixtureRequest, double: RedshiftDouble) -> Iterator[str]:
    """A time zone, which the warehouse's user has been given as that of all sessions."""
    backend = double.backend("zone")
    backend.query(f"ALTER ROLE {double.user} SET timezone TO '{request.param}'")
    yield request.param
    backend.query(f"ALTER ROLE {double.user} RESET timezone")
    backend.close()


@pytest.mark.slow
@pytest.mark.parametrize("in_zone", EACH_ZONE, indirect=True)
def test_redshift_holds_the_same_wherever_the_machine_and_its_sessions_are(
    in_zone: str, on_redshift: Deployment, redshift_settings: RedshiftSettings, tmp_path: Path
) -> None:
    on_redshift.put_all(lake_of_edges())
    bucket = redshift_settings.manifests.removeprefix("s3://").partition("/")[0]
    settings = {
        **environment_of(redshift_settings),
        "SPARKIFY_LAKE": f"s3://{bucket}",
        "SPARKIFY_LOG_DATA": f"s3://{bucket}/raw/events",
        "SPARKIFY_SONG_DATA": f"s3://{bucket}/songs",
    }
    with on_redshift.warehouse.reading() as session:
        ((here,),) = session.query("SELECT CURRENT_SETTING('timezone') AS zone")
    assert here == in_zone
    check(in_zone, there(in_zone, tmp_path / "there", settings), on_redshift, tmp_path)
