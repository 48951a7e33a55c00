"""Loads from an S3 that misbehaves, into both engines: the rows are the oracle's, or nothing has changed.

What the platform asks of S3 goes through a proxy that makes the faults happen; Redshift's COPY reads S3 itself. What
belongs here: whole loads. What doesn't: the requests of a lake one by one (``lake.test_s3``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkify_dagster.errors import LakeError, SparkifyError
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.lake import misbehaving
from sparkify_dagster_tests.lake.misbehaving import (
    A_KEY_A_PAGE,
    CLOSED,
    CUT,
    DENIED,
    LATE,
    SERVER_ERROR,
    SHORT,
    SLOW_DOWN,
    Asked,
    Fault,
    Kind,
    Misbehaving,
)
from sparkify_dagster_tests.lake.places import S3Place, make_client
from sparkify_dagster_tests.lakes import SONG, play
from sparkify_dagster_tests.oracle import Record

from .budgets import QUICK, THOROUGH
from .deployment import STAGING, Deployment
from .stores import S3Store

NOVEMBER = "log_data/2018/11/2018-11-01-events.json"
NOVEMBER_TOO = "log_data/2018/11/2018-11-02-events.json"
DECEMBER = "log_data/2018/12/2018-12-01-events.json"
SONG_FILE = "song_data/A/B/C/TR1.json"
SONG_FILE_TOO = "song_data/A/B/D/TR2.json"
DAY = 86_400_000

FILES: dict[str, list[Record]] = {
    NOVEMBER: [play(0), play(1)],
    NOVEMBER_TOO: [play(2, ts=play()["ts"] + DAY)],
    DECEMBER: [play(0, sessionId=2, ts=1_543_622_400_000)],
    SONG_FILE: [SONG],
    SONG_FILE_TOO: [{**SONG, "song_id": "SO2", "title": "Other"}],
}
ATTEMPTS = 3
PASSING = (SLOW_DOWN, SERVER_ERROR, CUT, SHORT, CLOSED, LATE)


def _names(value: object) -> str | None:
    return f"{len(value)} faults" if isinstance(value, tuple) and len(value) > 1 else None


@dataclass
class Shaken:
    """A deployment whose S3 misbehaves as the proxy is told."""

    deployment: Deployment
    proxy: Misbehaving

    def load_fails(self, *, prune: bool = False) -> str:
        """Loads in vain; returns what is said. Neither rows nor ledger have changed."""
        before = self.deployment.snapshot(), self.deployment.ledger()
        self.proxy.asked.clear()
        with pytest.raises(LakeError) as caught:
            self.deployment.load_all(prune=prune)
        assert (self.deployment.snapshot(), self.deployment.ledger()) == before
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def check_loaded_once(self, files: dict[str, list[Record]]) -> None:
        """Checks that the staging tables hold these files, and the ledger each once."""
        self.deployment.check(files, STAGING)
        _, versions = self.deployment.ledger()
        in_place = sorted(str(key) for _, key, _, removed_by in versions if removed_by is None)
        assert in_place == sorted(files)


@pytest.fixture
def proxy(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Misbehaving]:
    """A proxy in front of S3; what fails is tried again, and at once."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    monkeypatch.setattr("sparkify_dagster.lake.s3._BODY_PAUSE_SECONDS", 0)
    with misbehaving.misbehaving(s3_endpoint) as running:
        yield running


@pytest.fixture
def duckdb_shaken(s3_place: S3Place, warehouse: DuckDBWarehouse, proxy: Misbehaving) -> Shaken:
    """A lake on S3, loaded into DuckDB."""
    return _shaken(s3_place, warehouse, proxy)


@pytest.fixture
def redshift_shaken(s3_place: S3Place, redshift: RedshiftWarehouse, proxy: Misbehaving) -> Shaken:
    """A lake on S3, loaded into Redshift; the manifests go through the proxy, too."""
    client = make_client(proxy.endpoint, ATTEMPTS)
    redshift._place._client._factory = lambda: client
    return _shaken(s3_place, redshift, proxy)


# Most of it is the lake's, whatever it is loaded into.
@pytest.fixture(params=["duckdb", pytest.param("redshift", marks=pytest.mark.slow)])
def shaken(request: pytest.FixtureRequest) -> Shaken:
    """Each engine in turn, with files in the lake of which nothing is loaded."""
    shaken: Shaken = request.getfixturevalue(f"{request.param}_shaken")
    shaken.deployment.put_all(FILES)
    return shaken


def _shaken(place: S3Place, warehouse: DuckDBWarehouse | RedshiftWarehouse, proxy: Misbehaving) -> Shaken:
    store = S3Store(place)
    store.lake = place.lake_with(make_client(proxy.endpoint, ATTEMPTS))
    warehouse.create_tables()
    return Shaken(Deployment(store, warehouse), proxy)


def at_first(*faults: Fault) -> Callable[[Asked], Fault | None]:
    """Something goes wrong with each request when it comes for the first time: each of these faults in turn."""
    seen: set[str] = set()
    turns = cycle(faults)

    def fault(asked: Asked) -> Fault | None:
        if asked.target in seen:
            return None
        seen.add(asked.target)
        return next(turns)

    return fault


def each(kind: Kind, fault: Fault) -> Callable[[Asked], Fault | None]:
    return lambda asked: fault if asked.kind == kind else None


def once_before_reading(key: str, do: Callable[[], object]) -> Callable[[Asked], Fault | None]:
    """Does something before the first request for a file's content is passed on."""
    left = [do]
    name = key.rpartition("/")[2]
    return lambda asked: Fault(before=left.pop()) if left and asked.kind == "read" and name in asked.target else None


# --- what passes


@pytest.mark.parametrize(
    "faults", [PASSING, *[pytest.param((fault,), marks=pytest.mark.slow) for fault in PASSING]], ids=_names
)
def test_what_passes_is_waited_out_and_every_file_is_loaded_once(shaken: Shaken, faults: Sequence[Fault]) -> None:
    shaken.proxy.fault = at_first(*faults)
    shaken.deployment.load_all()
    shaken.proxy.behave()
    assert len(shaken.proxy.asked) > 8
    shaken.check_loaded_once(FILES)
    before = shaken.deployment.ledger()
    shaken.deployment.load_all()
    assert shaken.deployment.ledger() == before


def test_a_listing_of_many_pages_is_read_to_its_end(shaken: Shaken) -> None:
    shaken.proxy.fault = each("list", A_KEY_A_PAGE)
    shaken.deployment.load_all(prune=True)
    assert any(asked.goes_on for asked in shaken.proxy.asked)
    shaken.check_loaded_once(FILES)


def test_a_listing_that_goes_in_circles_counts_for_nothing(shaken: Shaken) -> None:
    shaken.deployment.load_all()
    again = Fault(query={"max-keys": "1", "continuation-token": None})
    shaken.proxy.fault = lambda asked: None if asked.kind != "list" else again if asked.goes_on else A_KEY_A_PAGE
    assert "cut short" in shaken.load_fails(prune=True)
    shaken.proxy.behave()
    shaken.deployment.load_all(prune=True)
    shaken.check_loaded_once(FILES)


# --- what does not pass


@pytest.mark.parametrize(
    ("kind", "permission", "requests"), [("list", "s3:ListBucket", 1), ("read", "s3:GetObject", 3)]
)
def test_what_is_denied_is_said_at_once_and_changes_nothing(
    shaken: Shaken, s3_place: S3Place, kind: Kind, permission: str, requests: int
) -> None:
    shaken.proxy.fault = each(kind, DENIED)
    said = shaken.load_fails()
    assert permission in said
    assert repr(s3_place.bucket) in said
    # Files are read side by side: each is asked for once.
    assert sum(asked.kind == kind for asked in shaken.proxy.asked) <= requests
    shaken.proxy.behave()
    shaken.deployment.load_all()
    shaken.check_loaded_once(FILES)


def test_manifests_that_may_not_be_written_are_said_at_once(redshift_shaken: Shaken, s3_place: S3Place) -> None:
    redshift_shaken.deployment.put_all(FILES)
    redshift_shaken.proxy.fault = each("write", DENIED)
    said = redshift_shaken.load_fails()
    assert "s3:PutObject" in said
    assert repr(s3_place.bucket) in said
    assert sum(asked.kind == "write" for asked in redshift_shaken.proxy.asked) == 1
    redshift_shaken.proxy.behave()
    redshift_shaken.deployment.load_all()
    redshift_shaken.check_loaded_once(FILES)


def test_manifests_that_may_not_be_removed_fail_no_load(redshift_shaken: Shaken) -> None:
    redshift_shaken.deployment.put_all(FILES)
    redshift_shaken.proxy.fault = each("remove", DENIED)
    redshift_shaken.deployment.load_all()
    redshift_shaken.check_loaded_once(FILES)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("list", SLOW_DOWN),
        ("read", CUT),
        pytest.param("list", CUT, marks=pytest.mark.slow),
        pytest.param("read", SLOW_DOWN, marks=pytest.mark.slow),
    ],
)
def test_what_never_passes_is_given_up_and_the_next_load_needs_no_hand(
    shaken: Shaken, s3_place: S3Place, kind: Kind, fault: Fault
) -> None:
    shaken.proxy.fault = each(kind, fault)
    said = shaken.load_fails()
    assert s3_place.bucket in said
    shaken.proxy.behave()
    shaken.deployment.load_all()
    shaken.check_loaded_once(FILES)


@pytest.mark.parametrize(
    "ending", [DENIED, *[pytest.param(e, marks=pytest.mark.slow) for e in (SLOW_DOWN, CUT, CLOSED)]]
)
def test_a_partial_listing_never_counts_as_deletions(shaken: Shaken, ending: Fault) -> None:
    shaken.deployment.load_all()
    shaken.proxy.fault = lambda asked: None if asked.kind != "list" else ending if asked.goes_on else A_KEY_A_PAGE
    shaken.load_fails(prune=True)
    assert any(asked.goes_on for asked in shaken.proxy.asked)
    shaken.proxy.behave()
    shaken.deployment.load_all(prune=True)
    shaken.check_loaded_once(FILES)


# --- what changes meanwhile


def test_a_file_overwritten_between_listing_and_reading_loads_in_its_new_version(shaken: Shaken) -> None:
    new: dict[str, list[Record]] = {
        NOVEMBER: [play(0, level="paid"), play(5)],
        SONG_FILE: [{**SONG, "title": "New"}],
    }
    for load, key in ((shaken.deployment.load_events, NOVEMBER), (shaken.deployment.load_songs, SONG_FILE)):
        shaken.proxy.fault = once_before_reading(key, lambda key=key: shaken.deployment.put(key, new[key]))
        load()
    shaken.check_loaded_once(FILES | new)


def test_a_file_deleted_between_listing_and_reading_is_not_loaded_and_the_others_are(shaken: Shaken) -> None:
    for load, key in ((shaken.deployment.load_events, NOVEMBER), (shaken.deployment.load_songs, SONG_FILE)):
        shaken.proxy.fault = once_before_reading(key, lambda key=key: shaken.deployment.delete(key))
        load()
    shaken.check_loaded_once({key: records for key, records in FILES.items() if key not in {NOVEMBER, SONG_FILE}})


# --- whatever comes to hypothesis's mind

PURE = (SLOW_DOWN, SERVER_ERROR, CUT, SHORT, CLOSED, DENIED, A_KEY_A_PAGE)
CHANGES: dict[str, list[Record]] = {
    NOVEMBER: [play(7)],
    DECEMBER: [],
    SONG_FILE: [{**SONG, "title": "New"}],
}
schedules = st.lists(st.none() | st.none() | st.sampled_from(PURE), max_size=40)
some_changes = st.dictionaries(st.integers(0, 25), st.sampled_from(tuple(CHANGES)), max_size=2)


def load_through(shaken: Shaken, schedule: list[Fault | None], changes: dict[int, str], seed: int) -> None:
    """Loads while S3 keeps to a schedule, and then once more while it behaves."""
    shaken.proxy.behave()
    shaken.deployment.begin_anew()
    shaken.deployment.put_all(FILES)
    files = dict(FILES)
    if Random(seed).random() < 0.5:
        shaken.deployment.load_all()
        files[NOVEMBER_TOO] = [play(9, ts=play()["ts"] + DAY)]
        shaken.deployment.put(NOVEMBER_TOO, files[NOVEMBER_TOO])
    changed = False
    begin = len(shaken.proxy.asked)

    def fault(asked: Asked) -> Fault | None:
        nonlocal changed
        number = asked.number - begin
        if number in changes and (key := changes.pop(number)):
            changed = True
            files[key] = CHANGES[key]
            return Fault(before=lambda: shaken.deployment.put(key, CHANGES[key]))
        return schedule[number] if number < len(schedule) else None

    shaken.proxy.fault = fault
    for load, table in zip((shaken.deployment.load_events, shaken.deployment.load_songs), STAGING, strict=True):
        before = shaken.deployment.snapshot()
        try:
            load()
            if not changed:
                shaken.deployment.check(files, [table])
        except SparkifyError:
            assert shaken.deployment.snapshot() == before
    shaken.proxy.behave()
    shaken.deployment.load_all()
    shaken.check_loaded_once(files)


@given(schedule=schedules, changes=some_changes, seed=st.integers(0, 1))
@settings(QUICK, max_examples=6)
def test_whatever_goes_wrong_a_load_fails_and_changes_nothing_or_brings_the_rows_of_the_files(
    duckdb_shaken: Shaken, schedule: list[Fault | None], changes: dict[int, str], seed: int
) -> None:
    load_through(duckdb_shaken, schedule, changes, seed)


@given(schedule=schedules, changes=some_changes, seed=st.integers(0, 1))
@settings(QUICK, max_examples=3)
def test_that_is_so_on_redshift(
    redshift_shaken: Shaken, schedule: list[Fault | None], changes: dict[int, str], seed: int
) -> None:
    load_through(redshift_shaken, schedule, changes, seed)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@given(schedule=schedules, changes=some_changes, seed=st.integers(0, 1))
@settings(THOROUGH, max_examples=150)
def test_that_is_so_for_many_schedules_on_both(
    shaken: Shaken, schedule: list[Fault | None], changes: dict[int, str], seed: int
) -> None:
    load_through(shaken, schedule, changes, seed)
