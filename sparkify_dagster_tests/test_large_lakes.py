"""The sensors on a lake of a million objects: a tick makes few requests, the next goes on, and nothing is missed.

Each tick of these tests is held to its requests, and to its time, which is counted, not spent: each request for a
listing takes so much of it. What belongs here: lakes that are too large
for a tick. What doesn't: what leads to which run, which small lakes tell as well (``test_sensors``).
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from sparkify_dagster.events import Announcements, Message, Received, StoredObject
from sparkify_dagster.lake import Lake, S3Lake
from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.loading.ledger import utc_now
from sparkify_dagster.location import build_defs
from sparkify_dagster.resources.announcements import AnnouncementsResource
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.sensors import budget, cursor, logs, songs
from sparkify_dagster.sensors.cursor import Cursor
from sparkify_dagster.sensors.digest import OUTSTANDING
from sparkify_dagster.sensors.listing import Tour
from sparkify_dagster.sensors.logs import SECONDS_BETWEEN_TICKS
from sparkify_dagster.settings import read_settings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.lake.million import Clock, Store

MONTHS = months_between("2017-01", "2018-12")
LARGE_MONTH, LAST_MONTH = MONTHS[-2:]
REQUESTS = 1000
"""It takes so many to list the lake: a million objects, where an answer holds a thousand of them, as on S3."""

MOST_REQUESTS = 20
"""How many a tick may make."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The others of its 60 s are for the queue and for the ledger.
SECONDS_TO_LIST = 30.0
MOST_TICKS = 100
SENSORS = ("new_logs", "new_songs")


def song_key(number: int) -> str:
    """Every second song lies in one folder, the others in many."""
    first, second = ("Q", "Q") if number % 2 else (LETTERS[number % 26], LETTERS[number // 26 % 26])
    return f"song_data/{first}/{second}/TR{number:07}.json"


def log_key(number: int) -> str:
    """Every second log lies in one month, the others in all."""
    month = LARGE_MONTH if number % 2 else MONTHS[number // 2 % len(MONTHS)]
    return f"log_data/{month[:4]}/{month[5:]}/{month}-{number % 28 + 1:02}-part-{number:07}.json"


def keys_of_a_lake(count: int) -> list[str]:
    """So many keys: three songs for each two logs."""
    songs = count * 3 // 5
    return [*map(song_key, range(songs)), *map(log_key, range(count - songs))]


class Told(Announcements):
    """A queue that tells of some objects, until its messages are deleted."""

    def __init__(self) -> None:
        super().__init__("http://queue")
        self.messages: list[Message] = []

    def receive(self) -> Received:
        return Received(list(self.messages), at=0.0)

    def delete(self, messages: Sequence[Message]) -> str | None:
        self.messages = [message for message in self.messages if message not in messages]
        return None


class Vast:
    """A lake on a store, and its sensors, ticked by hand."""

    def __init__(self, keys: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
        self.keys = keys
        self.clock = Clock()
        self.store = store = Store([f"lake/{key}" for key in keys], self.clock, page)
        self.requests = len(keys) // page
        self.listed: set[str] = set()
        self.queue: Told | None = None
        monkeypatch.setattr(budget, "time", self.clock)
        monkeypatch.setattr(cursor, "time", self.clock)
        for module, name in ((logs, "list_logs"), (songs, "list_songs")):
            monkeypatch.setattr(module, name, self._noting(getattr(module, name)))

        def queue() -> Announcements | None:
            return self.queue

        class Telling(AnnouncementsResource):
            def get(self) -> Announcements | None:
                return queue()

        class OnStore(LakeResource):
            def get(self) -> Lake:
                return S3Lake(lambda: store, self.logs, self.songs, self.location)

        place = "s3://bucket/lake"
        self.path = folder / "warehouse.duckdb"
        settings = read_settings({"SPARKIFY_FIRST_MONTH": MONTHS[0], "SPARKIFY_DUCKDB_PATH": str(self.path)}, folder)
        lake = OnStore(logs=f"{place}/log_data", songs=f"{place}/song_data", location=place)
        definitions = build_defs(settings, {"lake": lake, "announcements": Telling()})
        self.resources = definitions.resources or {}
        self.repository = definitions.get_repository_def()
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursors: dict[str, str | None] = {}
        self.ticks = 0
        self.skipped = ""

    def tick(self, sensor: str) -> list[dg.RunRequest]:
        """Ticks a sensor; returns the runs that it asks for."""
        began, requests = self.clock.now, len(self.store.requests)
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(sensor),
            repository_def=self.repository,
            resources={name: self.resources[name] for name in ("lake", "announcements", "warehouse_reader")},
        ) as context:
            data = self.repository.get_sensor_def(sensor).evaluate_tick(context)
        self.ticks += 1
        assert self.clock.now - began < SECONDS_TO_LIST
        assert len(self.store.requests) - requests <= MOST_REQUESTS
        self.clock.now = began + SECONDS_BETWEEN_TICKS
        self.cursors[sensor] = data.cursor
        self.skipped = data.skip_message or ""
        return list(data.run_requests or [])

    def _noting(self, listing: Callable[..., Tour]) -> Callable[..., Tour]:
        """Keeps the stretches that were listed in ``listed``."""

        def noting(*arguments: object) -> Tour:
            tour = listing(*arguments)
            self.listed.update(tour.files, tour.seen)
            return tour

        return noting

    def remembered(self, sensor: str) -> Cursor:
        """What a sensor remembers."""
        return Cursor.read(self.cursors[sensor])

    def round(self, sensor: str) -> list[dg.RunRequest]:
        """Ticks until all was listed since; returns the runs that were asked for, each once, as Dagster starts them."""
        self.listed.clear()
        requests: dict[str | None, dg.RunRequest] = {}
        for _ in range(MOST_TICKS):
            requests |= {request.run_key: request for request in self.tick(sensor)}
            digests = self.remembered(sensor).digests
            # What was seen to differ in one tick is listed in the next.
            if self.listed >= digests.keys() and not OUTSTANDING.intersection(digests.values()):
                return list(requests.values())
        raise AssertionError(f"in {MOST_TICKS} ticks, not all was listed")

    def load(self) -> None:
        """Makes the ledger say that all is loaded and taken in."""
        files = pd.DataFrame({"file_key": self.keys})
        warehouse = DuckDBWarehouse(self.path)
        warehouse.create_tables()
        warehouse.close()
        with duckdb.connect(self.path) as connection:
            connection.register("files", files)
            connection.execute("DELETE FROM load_files; DELETE FROM loads; DELETE FROM table_builds")
            for load_id, (table, part) in enumerate([("staging_events", "log"), ("staging_songs", "song")], start=1):
                connection.execute(
                    "INSERT INTO loads BY NAME SELECT ? AS load_id, ? AS table_name, 'test' AS run_id, "
                    "? AS started_at, started_at AS finished_at, 1 AS files_loaded, 0 AS files_refused, "
                    "0 AS files_removed, 1 AS bytes_loaded, 0 AS rows_loaded, 0 AS rows_rejected",
                    [load_id, table, utc_now()],
                )
                connection.execute(
                    "INSERT INTO load_files BY NAME SELECT row_number() OVER () + ? AS file_id, ? AS load_id, "
                    "? AS table_name, TRY_CAST(replace(file_key[10:16], '/', '-') || '-01' AS DATE) AS log_month, "
                    "file_key, '1' AS etag, 2 AS file_size, 'loaded' AS status, 0 AS records, 0 AS rows_loaded, "
                    "0 AS rows_rejected FROM files WHERE starts_with(file_key, ?)",
                    [load_id * len(self.keys), load_id, table, part],
                )
            months = "SELECT DISTINCT log_month FROM load_files WHERE log_month IS NOT NULL"
            for table in ("songplays", "time"):
                self._build(connection, table, months)
            for table in ("users", "user_levels", "songs", "artists"):
                self._build(connection, table, "SELECT NULL AS log_month")

    def _build(self, connection: duckdb.DuckDBPyConnection, table: str, months: str) -> None:
        connection.execute(
            f"INSERT INTO table_builds BY NAME SELECT '{table}' AS table_name, m.log_month, 2 AS load_id, "
            "1 AS build_number, "
            f"'test' AS run_id, ? AS built_at, '1' AS sql_version FROM ({months}) AS m",
            [utc_now()],
        )


# Few requests, and few objects an answer, tell as much, and take little of the processor.
SIZES = [(3_000, 150), pytest.param((1_000_000, REQUESTS), marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])]

_settled: dict[int, tuple[bytes, dict[str, str | None]]] = {}


@pytest.fixture(params=SIZES)
def vast(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vast:
    """A lake of songs and logs, with much in one folder and much in one month, of which nothing is loaded."""
    objects, requests = request.param
    return Vast(keys_of_a_lake(objects), tmp_path, monkeypatch, objects // requests)


@pytest.fixture
def settled(vast: Vast) -> Vast:
    """The same, of which all is loaded, and was seen to be loaded."""
    size = len(vast.keys)
    if size not in _settled:
        vast.load()
        for sensor in SENSORS:
            assert vast.round(sensor) == []
            assert vast.remembered(sensor).open == []
        _settled[size] = vast.path.read_bytes(), dict(vast.cursors)
    content, cursors = _settled[size]
    vast.path.write_bytes(content)
    vast.cursors = dict(cursors)
    return vast


def months_of(requests: Iterable[dg.RunRequest]) -> list[str]:
    return sorted(str(request.partition_key) for request in requests)


def test_a_million_objects_take_ticks_that_each_end_in_time_and_go_on(vast: Vast) -> None:
    assert months_of(vast.round("new_logs")) == MONTHS
    assert len(vast.round("new_songs")) == 1
    assert len(vast.store.requests) < vast.requests * 2
    for sensor in SENSORS:
        assert len(vast.cursors[sensor] or "") < 8_000


def test_while_nothing_is_new_the_warehouse_is_left_alone(settled: Vast) -> None:
    settled.path.unlink()
    for sensor in SENSORS:
        assert settled.round(sensor) == []
        assert settled.skipped.startswith("Nothing is new in ")


def test_a_lost_cursor_asks_for_nothing_that_is_loaded_and_misses_nothing(settled: Vast) -> None:
    settled.cursors.clear()
    new = song_key(7).replace("TR", "TS")
    settled.store.put(f"lake/{new}")

    assert settled.round("new_logs") == []
    asked = [*settled.round("new_songs"), *settled.round("new_songs")]
    assert len({request.run_key for request in asked}) == 1


@pytest.mark.parametrize("number", [0, 1])
def test_a_new_song_is_found_in_a_round_and_leads_to_one_run(settled: Vast, number: int) -> None:
    new = song_key(number).replace("TR", "TS")
    settled.store.put(f"lake/{new}")

    (request,) = settled.round("new_songs")

    assert request.job_name == "load_songs"
    settled.keys.append(new)
    settled.load()
    assert settled.round("new_songs") == []
    assert settled.remembered("new_songs").open == []


def come_everywhere(vast: Vast) -> list[str]:
    """Puts new songs into all parts of the catalogue."""
    new = [song_key(number).replace("TR", "TS") for number in range(0, len(vast.keys) // 2, 20)]
    for key in new:
        vast.store.put(f"lake/{key}")
    return new


def test_songs_that_come_everywhere_at_once_lead_to_one_run(settled: Vast) -> None:
    new = come_everywhere(settled)
    # What one tick sees to differ, the next one lists: a part of them. The run takes all.
    asked = [request.run_key for _ in range(3) for request in settled.tick("new_songs")]
    assert len(set(asked)) == 1
    settled.keys += new
    settled.load()
    assert settled.round("new_songs") == []
    assert settled.remembered("new_songs").open == []


def test_while_that_run_has_not_ended_there_is_at_most_another_one(settled: Vast) -> None:
    come_everywhere(settled)
    asked = [request.run_key for _ in range(2) for request in settled.round("new_songs")]

    assert len(set(asked)) == 2


def test_a_log_of_the_last_month_is_found_in_the_next_tick_and_any_other_in_a_round(settled: Vast) -> None:
    for month in (LAST_MONTH, LARGE_MONTH, MONTHS[3]):
        new = f"log_data/{month[:4]}/{month[5:]}/{month}-15-new.json"
        settled.store.put(f"lake/{new}")
        requests = settled.tick("new_logs") if month == LAST_MONTH else settled.round("new_logs")
        assert set(months_of(requests)) == {month}
        settled.keys.append(new)
        settled.load()
        settled.round("new_logs")
        assert settled.remembered("new_logs").open == []


def test_what_is_changed_or_deleted_is_seen_in_a_round_and_asks_for_what_it_needs(settled: Vast) -> None:
    settled.store.delete(f"lake/{song_key(11)}")
    assert settled.round("new_songs") == []
    settled.store.put(f"lake/{song_key(13)}", "2")
    assert len(settled.round("new_songs")) == 1


def test_stretches_that_are_emptied_are_forgotten(settled: Vast) -> None:
    before = len(settled.remembered("new_songs").digests)
    settled.store.delete(*(f"lake/{key}" for key in settled.keys if key.startswith("song_data/")))

    assert settled.round("new_songs") == []
    assert before > 1
    assert list(settled.remembered("new_songs").digests) == ["songs"]


def test_what_a_queue_announces_is_found_in_the_next_tick(settled: Vast) -> None:
    settled.queue = Told()
    settled.tick("new_logs")
    for month in (MONTHS[0], MONTHS[7], "2019-03"):
        new = f"log_data/{month[:4]}/{month[5:]}/{month}-15-new.json"
        settled.store.put(f"lake/{new}")
        settled.queue.messages.append(Message("receipt", 100.0, [StoredObject("bucket", f"lake/{new}")]))

        assert month in months_of(settled.tick("new_logs"))
        settled.keys.append(new)
        settled.load()
        settled.tick("new_logs")
        assert settled.queue.messages == []
