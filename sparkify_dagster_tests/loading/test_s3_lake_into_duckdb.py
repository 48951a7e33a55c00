"""A lake in S3 gives DuckDB the same rows as the same files in a folder, and is asked for no more than it has to be.

What belongs here: loads from an S3 over HTTP. What does not: the requests of a lake one by one, which are the lake's.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.errors import LakeError
from sparkify_dagster.lake import FolderLake, Listing
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import SONG, event
from sparkify_dagster_tests.loading.loads import (
    MONTH_FOLDER,
    latest,
    ledger,
    load_events,
    load_songs,
    rejected,
    rows_of,
    sessions,
    songs,
)

LINE = json.dumps(event()).encode()
DIFFICULT = {
    "plain.json": LINE + b"\n" + LINE,
    "bad line.json": LINE + b'\n{"cut": ',
    "mark.json": b"\xef\xbb\xbf" + LINE,
    "packed.json": gzip.compress(LINE),
    "packed.json.gz": gzip.compress(LINE + b"\nx\n"),
    "cut.json.gz": gzip.compress(LINE * 50)[:-3],
    "refused.json": b"x\n" * 11 + LINE,
    "empty.json": b"",
    "[x]*?.json": LINE,
    'it\'s "quoted"; DROP TABLE loads; --.json': LINE,
    "naïve 🎵 %41.json": LINE,
    "deep/er/x.json": LINE,
}


class Requests:
    """What a client asks of S3, by the operation and the key."""

    def __init__(self, client: Any) -> None:
        self.counted: Counter[tuple[str, str]] = Counter()
        client.meta.events.register("before-parameter-build.s3", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.counted[model.name, str(params.get("Key", ""))] += 1

    def fetched(self) -> Counter[str]:
        """Keys of which the content was asked for, and how often."""
        found: Counter[str] = Counter()
        for (operation, key), count in self.counted.items():
            if operation == "GetObject":
                found[key] += count
        return found


@pytest.fixture
def requests(s3_place: S3Place) -> Requests:
    return Requests(s3_place.client)


@pytest.fixture
def other_warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    warehouse = DuckDBWarehouse(tmp_path / "other.duckdb")
    yield warehouse
    warehouse.close()


def contents(warehouse: DuckDBWarehouse) -> dict[str, Any]:
    """All that a load leaves behind but etags and times, which differ from one kind of lake to the other."""
    found: dict[str, Any] = {
        table: sorted(map(repr, rows_of(warehouse, f"SELECT * FROM {table}")))
        for table in ("staging_events", "staging_songs", "rejected_records")
    }
    return {**found, "files": ledger(warehouse)}


def test_the_real_data_gives_the_same_rows_as_in_a_folder(
    s3_place: S3Place, requests: Requests, warehouse: DuckDBWarehouse, other_warehouse: DuckDBWarehouse, udacity: Path
) -> None:
    keys = [
        str(path.relative_to(udacity))
        for part in ("log_data", "song_data")
        for path in (udacity / part).rglob("*.json")
    ]
    for key in keys:
        s3_place.put(key, (udacity / key).read_bytes())
    folder = FolderLake(udacity / "log_data", udacity / "song_data", "the folder")
    for lake, into in ((s3_place.lake, warehouse), (folder, other_warehouse)):
        report = load_events(lake, into)
        assert (report.files, report.rows, report.rejected) == (15, 4058, 0)
        report = load_songs(lake, into)
        assert (report.files, report.rows, report.rejected) == (71, 71, 0)
    assert contents(warehouse) == contents(other_warehouse)
    assert requests.fetched() == {s3_place.s3_key(key): 1 for key in keys}

    requests.counted.clear()
    for load in (load_events, load_songs):
        assert load(s3_place.lake, warehouse).load_id is None
    assert requests.fetched() == {}
    assert {operation for operation, _ in requests.counted} == {"ListObjectsV2"}


def test_difficult_files_give_the_same_as_in_a_folder(
    s3_place: S3Place,
    warehouse: DuckDBWarehouse,
    other_warehouse: DuckDBWarehouse,
    lake: FolderLake,
    lake_folder: Path,
) -> None:
    song_files = {
        "a.json": json.dumps(SONG, indent=2).encode(),
        "b.json": gzip.compress(b"\xef\xbb\xbf" + LINE),
        "c.json": b"x",
    }
    files = {f"{MONTH_FOLDER}/{name}": content for name, content in DIFFICULT.items()}
    files |= {f"song_data/{name}": content for name, content in song_files.items()}
    for key, content in files.items():
        s3_place.put(key, content)
        path = lake_folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for held, into in ((s3_place.lake, warehouse), (lake, other_warehouse)):
        load_events(held, into)
        load_songs(held, into)
    assert contents(warehouse) == contents(other_warehouse)
    assert len(latest(warehouse)) == len(files)
    assert len(rejected(warehouse)) > 0


def test_only_what_changed_is_fetched(s3_place: S3Place, requests: Requests, warehouse: DuckDBWarehouse) -> None:
    for number in range(5):
        s3_place.put(f"{MONTH_FOLDER}/{number}.json", json.dumps(event(sessionId=number)).encode())
    load_events(s3_place.lake, warehouse)
    requests.counted.clear()
    s3_place.put(f"{MONTH_FOLDER}/2.json", json.dumps(event(sessionId=20)).encode())
    s3_place.put(f"{MONTH_FOLDER}/5.json", json.dumps(event(sessionId=5)).encode())
    report = load_events(s3_place.lake, warehouse)
    assert (report.files, report.replaced, report.unchanged) == (2, 1, 4)
    assert requests.fetched() == {s3_place.s3_key(f"{MONTH_FOLDER}/{number}.json"): 1 for number in (2, 5)}
    assert sessions(warehouse) == [0, 1, 3, 4, 5, 20]


def test_the_same_content_put_again_is_not_fetched(
    s3_place: S3Place, requests: Requests, warehouse: DuckDBWarehouse
) -> None:
    s3_place.put(f"{MONTH_FOLDER}/a.json", LINE)
    load_events(s3_place.lake, warehouse)
    requests.counted.clear()
    s3_place.put(f"{MONTH_FOLDER}/a.json", LINE)
    assert load_events(s3_place.lake, warehouse).load_id is None
    assert requests.fetched() == {}


def once_after(listing: Callable[..., Listing], change: Callable[[], None]) -> Callable[..., Listing]:
    """A listing after which the lake changes, the first time that it is asked for."""
    changes = [change]

    def listed(*arguments: str) -> Listing:
        found = listing(*arguments)
        if changes:
            changes.pop()()
        return found

    return listed


def test_a_file_overwritten_after_the_listing_loads_in_its_new_version(
    s3_place: S3Place, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_event(number: int) -> None:
        s3_place.put(f"{MONTH_FOLDER}/a.json", json.dumps(event(sessionId=number)).encode())

    def put_song(name: str) -> None:
        s3_place.put("song_data/a.json", json.dumps({**SONG, "song_id": name}).encode())

    put_event(1)
    put_song("SO1")
    lake = s3_place.lake
    monkeypatch.setattr(lake, "list_logs", once_after(lake.list_logs, lambda: put_event(2)))
    monkeypatch.setattr(lake, "list_songs", once_after(lake.list_songs, lambda: put_song("SO2")))
    load_events(lake, warehouse)
    load_songs(lake, warehouse)
    assert (sessions(warehouse), songs(warehouse)) == ([2], ["SO2"])
    assert len(ledger(warehouse)) == 2


def test_a_file_that_cannot_be_fetched_fails_the_load_and_changes_nothing(
    s3_place: S3Place, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        s3_place.put(f"{MONTH_FOLDER}/{number}.json", json.dumps(event(sessionId=number)).encode())

    def refuse(*_: object, **__: object) -> None:
        raise LakeError("cannot read s3://lake/2.json")

    with monkeypatch.context() as patched:
        patched.setattr(s3_place.lake, "fetch", refuse)
        with pytest.raises(LakeError):
            load_events(s3_place.lake, warehouse)
    assert ledger(warehouse) == []
    assert load_events(s3_place.lake, warehouse).rows == 3


def test_duckdb_fetches_no_extension(
    s3_place: S3Place, tmp_path: Path, other_warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    s3_place.put(f"{MONTH_FOLDER}/a.json", LINE)
    s3_place.put(f"{MONTH_FOLDER}/b.json", LINE + b"\nx")
    s3_place.put("song_data/a.json", json.dumps(SONG).encode())
    load_events(s3_place.lake, other_warehouse)
    load_songs(s3_place.lake, other_warehouse)
    settings = "'autoinstall_known_extensions', 'autoload_known_extensions'"
    assert rows_of(other_warehouse, f"SELECT DISTINCT value FROM duckdb_settings() WHERE name IN ({settings})") == [
        ("false",)
    ]
    fetched = "SELECT extension_name FROM duckdb_extensions() WHERE installed AND install_mode <> 'STATICALLY_LINKED'"
    assert rows_of(other_warehouse, fetched) == []
    assert not list(home.rglob("*.duckdb_extension*"))
