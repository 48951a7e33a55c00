"""The disk is full: nothing is changed, a person is told, and with room again the load goes through.

What belongs here: no room for DuckDB's file, for temporary files, in Redshift. What doesn't: a full disk below
Dagster's own storage.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import event, write
from sparkify_dagster_tests.redshift.double import RedshiftDouble
from sparkify_dagster_tests.redshift.errors import ServerError

from .loads import MONTH_FOLDER, load_events, sessions

ROOT = Path(__file__).parent.parent.parent
EVENTS = 20_000

# Runs in a process of its own: a limit of the system can't be taken back from a process, nor can a disk that it mounts.
LOAD = """
import json, resource, signal, subprocess, sys, tempfile
from pathlib import Path
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.lake import FolderLake
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.loading.loads import load_events, rows_of

lake, disk, kind, what_is_there = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
warehouse = DuckDBWarehouse((disk if what_is_there == "warehouse" else lake) / "warehouse.duckdb")
if what_is_there == "temporary files":
    tempfile.tempdir = str(disk)
# A write beyond the limit shall be an error, not the end.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def room(size):
    if kind == "disk":
        subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def counts():
    return [rows_of(warehouse, f"SELECT COUNT(*) FROM {table}")[0][0] for table in ("staging_events", "load_files")]

def load():
    try:
        return load_events(FolderLake(lake / "log_data", lake / "song_data", "lake"), warehouse).rows
    except SparkifyError as error:
        return str(error)

first = load()
(lake / "many.json").rename(lake / "log_data/2018/11/many.json")
used = sum(path.stat().st_size for path in disk.iterdir())
room(used + 256 * 1024)
told = load()
kept = counts()
warehouse.close()
opened = counts()
room(1 << 30)
print(json.dumps({"first": first, "told": told, "kept": kept, "opened": opened, "then": load(), "counts": counts()}))
"""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The place of the disk that gets full."""
    path = tmp_path / "disk"
    path.mkdir()
    return path


@pytest.fixture
def many(lake_folder: Path) -> Path:
    """A lake of two events, and beside it a file of many that is yet to come."""
    write(lake_folder / MONTH_FOLDER / "few.json", "\n".join(json.dumps(event(sessionId=n)) for n in (1, 2)).encode())
    # Each is unlike all others, so that nothing makes them small.
    lines = [json.dumps(event(sessionId=n, userAgent=f"Mozilla {os.urandom(40).hex()}")) for n in range(EVENTS)]
    write(lake_folder / "many.json", "\n".join(lines).encode())
    return lake_folder


def run(lake: Path, disk: Path, kind: str, what_is_there: str) -> dict[str, Any]:
    words = [sys.executable, "-c", LOAD, str(lake), str(disk), kind, what_is_there]
    if kind == "disk":
        mounting = 'mount -t tmpfs -o size=1g tmpfs "$0" && exec "$@"'
        words = ["unshare", "-rm", "sh", "-c", mounting, str(disk), *words]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def may_mount() -> bool:
    try:
        mounting = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        return subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture(params=["disk", "limit"])
def kind(request: pytest.FixtureRequest) -> str:
    """A disk that is full, or a limit of the system to the size of files."""
    if request.param == "disk" and not may_mount():
        pytest.skip("this user may not mount a disk of its own")
    return request.param


def test_no_room_for_the_warehouse(kind: str, many: Path, disk: Path) -> None:
    done = run(many, disk, kind, "warehouse")
    assert done["first"] == 2
    assert done["told"] == (
        f"there is no room on the disk for {disk}/warehouse.duckdb; nothing was changed. "
        "Make room there, and load again."
    )
    assert done["kept"] == done["opened"] == [2, 1]
    assert done["then"] == EVENTS
    assert done["counts"] == [EVENTS + 2, 2]


def test_no_room_for_temporary_files(kind: str, many: Path, disk: Path) -> None:
    # A bad record: the good ones are written into a temporary file.
    with (many / "many.json").open("ab") as file:
        file.write(b'\n{"cut": ')
    done = run(many, disk, kind, "temporary files")
    assert done["told"] == (
        f"there is no room on the disk for {disk}; nothing was changed. "
        "Make room there, or set TMPDIR to a folder with room, and load again."
    )
    assert done["kept"] == done["opened"] == [2, 1]
    assert done["then"] == EVENTS


def test_no_room_in_redshift(redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble) -> None:
    s3_place.put(f"{MONTH_FOLDER}/2018-11-01-events.json", json.dumps(event(sessionId=1)).encode())
    load_events(s3_place.lake, redshift)
    s3_place.put(f"{MONTH_FOLDER}/2018-11-01-events.json", json.dumps(event(sessionId=2)).encode())
    double.fail_next("INSERT INTO staging_events", ServerError("XX000", "Disk Full"))
    with pytest.raises(WarehouseError, match="Disk Full") as told:
        load_events(s3_place.lake, redshift)
    assert "\n" not in str(told.value)
    assert sessions(redshift) == [1]
    assert load_events(s3_place.lake, redshift).rows == 1
    assert sessions(redshift) == [2]
