"""Whatever is done in whatever order, the tables come out the same.

First the cases that the contract names, one by one; then hypothesis does what comes to its mind: files are put,
overwritten and deleted, months and songs loaded, tables built, rebuilt, pruned. Whenever everything has been loaded
and built, the warehouse holds what the oracle says of the files.

What belongs here: sequences of changes, loads and builds. What doesn't: lakes that are loaded once
(``test_properties``), records that are rejected, processes that are killed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from sparkify_dagster.errors import TransactionLost
from sparkify_dagster.warehouse import retrying
from sparkify_dagster_tests.lakes import SONG, event, play
from sparkify_dagster_tests.oracle import Record, log_month
from sparkify_dagster_tests.redshift.double import RedshiftDouble

from .budgets import QUICK, THOROUGH
from .deployment import STAGING, STAR, WITH_MONTHS, WITHOUT_MONTHS, Deployment, Months
from .strategies import LOG_KEYS, SONG_KEYS, much_alike_songs, much_repeated_events

NOVEMBER, NOVEMBER_TOO, DECEMBER, _, JANUARY, _ = LOG_KEYS
SONG_FILE, SONG_FILE_TOO, *_ = SONG_KEYS
LATER = 60_000

# --- changed, late and deleted files


@pytest.fixture(
    params=[
        "duckdb",
        pytest.param("redshift", marks=pytest.mark.slow),
        pytest.param("live_redshift", marks=pytest.mark.live),
    ]
)
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Each engine in turn; sequences on Redshift are made up besides."""
    return request.getfixturevalue(f"on_{request.param}")


def test_loading_again_changes_neither_rows_nor_ledger(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [play(0), play(1)])
    deployment.put(SONG_FILE, [SONG])
    deployment.load_and_build_all()
    rows, ledger = deployment.snapshot(), deployment.ledger()
    deployment.load_and_build_all()
    assert deployment.snapshot() == rows
    assert deployment.ledger() == ledger


def test_a_changed_file_replaces_its_own_rows_and_no_others(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [play(0), play(1)])
    deployment.put(NOVEMBER_TOO, [play(2)])
    deployment.load_and_build_all()
    before = deployment.staged_by_file("staging_events")
    deployment.put(NOVEMBER, [play(0), play(3), play(4)])
    deployment.load_and_build_all()
    after = deployment.staged_by_file("staging_events")
    assert after[NOVEMBER_TOO] == before[NOVEMBER_TOO]
    assert after[NOVEMBER].total() == 3
    deployment.check({NOVEMBER: [play(0), play(3), play(4)], NOVEMBER_TOO: [play(2)]})


def test_a_late_file_changes_users_as_if_it_had_come_in_time(deployment: Deployment) -> None:
    free, paid = event(level="free"), event(level="paid", ts=event()["ts"] + LATER)
    last = event(level="free", lastName="King", ts=event()["ts"] + 2 * LATER)
    deployment.put(NOVEMBER, [free, last])
    deployment.load_and_build_all()
    assert [level for _, level, *_ in deployment.rows("user_levels")] == ["free"]
    deployment.put(NOVEMBER_TOO, [paid])
    deployment.load_and_build_all()
    deployment.check({NOVEMBER: [free, last], NOVEMBER_TOO: [paid]})
    assert sorted(level for _, level, *_ in deployment.rows("user_levels")) == ["free", "free", "paid"]
    assert deployment.rows("users") == [(39, "Ada", "King", "F", "free")]


def test_a_user_whose_events_are_all_replaced_is_gone(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [play(0), play(1, userId="8")])
    deployment.load_and_build_all()
    deployment.put(NOVEMBER, [play(0)])
    deployment.load_and_build_all()
    assert [user_id for user_id, *_ in deployment.rows("users")] == [39]
    deployment.check({NOVEMBER: [play(0)]})


def test_a_file_that_is_gone_from_the_lake_keeps_its_rows_until_somebody_prunes(deployment: Deployment) -> None:
    files: dict[str, Sequence[Record]] = {NOVEMBER: [play(0)], DECEMBER: [play(1)], SONG_FILE: [SONG]}
    deployment.put_all(files)
    deployment.load_and_build_all()
    deployment.delete(DECEMBER)
    deployment.delete(SONG_FILE)
    deployment.load_and_build_all()
    deployment.check(files)
    deployment.load_all(prune=True)
    deployment.build_all()
    deployment.check({NOVEMBER: [play(0)]})


def test_a_pruned_file_that_comes_back_as_it_was_is_loaded_again(deployment: Deployment) -> None:
    deployment.put_bytes(NOVEMBER, b'{"ts": 1541105830796, "page": "NextSong"}')
    deployment.load_and_build_all()
    with deployment.hidden(NOVEMBER):
        deployment.load_all(prune=True)
        deployment.build_all()
        deployment.check({})
    deployment.load_and_build_all()
    deployment.check({NOVEMBER: [{"ts": 1541105830796, "page": "NextSong"}]})


# --- repeated events


def test_of_repeats_the_earliest_month_keeps_the_play_even_when_it_comes_last(deployment: Deployment) -> None:
    early, late = play(0, location="early"), play(0, location="late")
    deployment.put(DECEMBER, [late])
    deployment.load_and_build_all()
    deployment.put(NOVEMBER, [early])
    deployment.load_and_build_all()
    assert [row[7] for row in deployment.rows("songplays")] == ["early"]
    deployment.check({NOVEMBER: [early], DECEMBER: [late]})


def test_when_the_month_that_keeps_a_play_loses_it_the_next_one_has_it(deployment: Deployment) -> None:
    early, late = play(0, location="early"), play(0, location="late")
    deployment.put_all({NOVEMBER: [early], DECEMBER: [late]})
    deployment.load_and_build_all()
    deployment.put(NOVEMBER, [])
    deployment.load_events(("2018-11", "2018-11"))
    deployment.build("songplays", ("2018-11", "2018-11"))
    assert [row[7] for row in deployment.rows("songplays")] == ["late"]
    deployment.build_all()
    deployment.check({DECEMBER: [late]})


def test_that_is_so_when_the_month_that_loses_it_is_built_from_scratch(deployment: Deployment) -> None:
    early, late = play(0, location="early"), play(0, location="late")
    deployment.put_all({NOVEMBER: [early], DECEMBER: [late]})
    deployment.load_and_build_all()
    deployment.put(NOVEMBER, [])
    deployment.load_events(("2018-11", "2018-11"))
    deployment.build("songplays", ("2018-11", "2018-11"), rebuild=True)
    deployment.build_all()
    deployment.check({DECEMBER: [late]})


def test_a_play_that_moves_to_another_month_keeps_its_moment(deployment: Deployment) -> None:
    deployment.put_all({NOVEMBER: [play(0)], DECEMBER: [play(0)]})
    deployment.load_all()
    deployment.build("songplays")
    deployment.build("time", ("2018-12", "2018-12"))
    deployment.put(NOVEMBER, [])
    deployment.load_and_build_all()
    deployment.check({DECEMBER: [play(0)]})


# --- songs and plays


def test_a_song_that_comes_after_its_plays_is_found(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [play(0)])
    deployment.load_and_build_all()
    assert [row[4] for row in deployment.rows("songplays")] == [None]
    deployment.put(SONG_FILE, [SONG])
    deployment.load_and_build_all()
    assert [row[4] for row in deployment.rows("songplays")] == ["SO1"]
    deployment.check({NOVEMBER: [play(0)], SONG_FILE: [SONG]})


def test_a_closer_song_that_comes_later_takes_the_play_and_gives_it_back_when_it_goes(deployment: Deployment) -> None:
    close, closer = {**SONG, "duration": 247.0}, {**SONG, "song_id": "SO2", "duration": 246.5}
    deployment.put_all({NOVEMBER: [play(0)], SONG_FILE: [close]})
    deployment.load_and_build_all()
    deployment.put(SONG_FILE_TOO, [closer])
    deployment.load_and_build_all()
    assert [row[4] for row in deployment.rows("songplays")] == ["SO2"]
    deployment.put(SONG_FILE_TOO, [{**closer, "duration": 300.0}])
    deployment.load_and_build_all()
    assert [row[4] for row in deployment.rows("songplays")] == ["SO1"]
    deployment.check({NOVEMBER: [play(0)], SONG_FILE: [close], SONG_FILE_TOO: [{**closer, "duration": 300.0}]})


# --- one play, and all that can happen to it

THE_PLAY: dict[str, Record] = {
    NOVEMBER: play(0, location="first"),
    NOVEMBER_TOO: play(0, location="second"),
    DECEMBER: play(0, location="third"),
    SONG_FILE: SONG,
}
"""Files that hold the same play, and one that holds its song."""

changes = st.tuples(st.sampled_from(("fill", "empty", "delete")), st.sampled_from(tuple(THE_PLAY)), st.none())
builds = st.tuples(
    st.sampled_from(("build", "rebuild")), st.sampled_from(WITH_MONTHS), st.sampled_from(("2018-11", "2018-12"))
)
a_beginning = st.fixed_dictionaries(
    {"filled": st.sets(st.sampled_from(tuple(THE_PLAY))), "built": st.sampled_from((WITH_MONTHS, ("songplays",), ()))}
)
some_steps = st.lists(changes | builds, max_size=6)

Beginning = dict[str, Any]
Step = tuple[str, str, str | None]


def follow_the_play(deployment: Deployment, beginning: Beginning, steps: list[Step]) -> None:
    """Begins with a lake that is loaded and perhaps built, takes the steps, and builds what is stale then."""
    deployment.begin_anew()
    files = {key: [record] for key, record in THE_PLAY.items() if key in beginning["filled"]}
    deployment.put_all(files)
    deployment.load_all()
    for table in beginning["built"]:
        deployment.build(table)
    for action, what, month in steps:
        if month is not None:
            deployment.build(what, (month, month), rebuild=action == "rebuild")
        else:
            change(deployment, files, action, what)
    deployment.build_stale()
    deployment.check(files)


def change(deployment: Deployment, files: dict[str, list[Record]], action: str, key: str) -> None:
    """Changes a file of the lake, and loads what has changed."""
    if action != "delete":
        files[key] = [THE_PLAY[key]] if action == "fill" else []
        deployment.put(key, files[key])
    elif key in files:
        del files[key]
        deployment.delete(key)
    deployment.load_all(prune=True)


@given(beginning=a_beginning, steps=some_steps)
@QUICK
def test_a_play_is_where_it_belongs_whatever_happened_to_its_files(
    on_duckdb: Deployment, beginning: Beginning, steps: list[Step]
) -> None:
    follow_the_play(on_duckdb, beginning, steps)


@given(beginning=a_beginning, steps=some_steps)
@settings(QUICK, max_examples=4)
def test_that_is_so_on_redshift(on_redshift: Deployment, beginning: Beginning, steps: list[Step]) -> None:
    follow_the_play(on_redshift, beginning, steps)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@given(beginning=a_beginning, steps=some_steps)
@THOROUGH
def test_that_is_so_for_many_sequences(on_duckdb: Deployment, beginning: Beginning, steps: list[Step]) -> None:
    follow_the_play(on_duckdb, beginning, steps)


# --- whatever comes to hypothesis's mind

# Few files, and few events in them, so that the steps of a sequence meet.
LOGS = (NOVEMBER, NOVEMBER_TOO, DECEMBER)
SONGS = (SONG_FILE, SONG_FILE_TOO)
MONTHS = st.sampled_from([("2018-11", "2018-11"), ("2018-12", "2018-12"), ("2018-11", "2018-12")])
DELETED = st.none()


class Operations(RuleBasedStateMachine):
    """What people and sensors do to a lake and a warehouse, in any order."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()
        self._deployment = deployment
        self._deployment.begin_anew()
        self._lake: dict[str, list[Record]] = {}
        # What the warehouse is to hold: of each file the records as they were when it was loaded last.
        self._loaded: dict[str, list[Record]] = {}

    @initialize(
        logs=st.fixed_dictionaries(dict.fromkeys(LOGS, much_repeated_events())),
        songs=st.fixed_dictionaries(dict.fromkeys(SONGS, much_alike_songs())),
        build=st.booleans(),
    )
    def begin_with_a_lake(self, logs: dict[str, list[Record]], songs: dict[str, list[Record]], build: bool) -> None:
        for key, records in {**logs, **songs}.items():
            self._change(key, records)
        if build:
            self.load_and_build_all()

    @rule(key=st.sampled_from(LOGS), records=much_repeated_events() | DELETED)
    def change_log_file(self, key: str, records: list[Record] | None) -> None:
        self._change(key, records)

    @rule(key=st.sampled_from(LOGS), records=much_repeated_events() | DELETED, prune=st.booleans())
    def change_log_file_and_load_its_month(self, key: str, records: list[Record] | None, prune: bool) -> None:
        self._change(key, records)
        self.load_events((log_month(key), log_month(key)), rebuild=False, prune=prune)

    @rule(key=st.sampled_from(SONGS), records=much_alike_songs() | DELETED)
    def change_song_file(self, key: str, records: list[Record] | None) -> None:
        self._change(key, records)

    @rule(months=MONTHS, rebuild=st.booleans(), prune=st.booleans())
    def load_events(self, months: Months, rebuild: bool, prune: bool) -> None:
        self._deployment.load_events(months, rebuild=rebuild, prune=prune)
        self._take([key for key in LOGS if months[0] <= log_month(key) <= months[1]], prune)

    @rule(rebuild=st.booleans(), prune=st.booleans())
    def load_songs(self, rebuild: bool, prune: bool) -> None:
        self._deployment.load_songs(rebuild=rebuild, prune=prune)
        self._take(SONGS, prune)

    @rule(table=st.sampled_from(WITH_MONTHS), months=MONTHS, rebuild=st.booleans())
    def build_months_of_a_table(self, table: str, months: Months, rebuild: bool) -> None:
        self._deployment.build(table, months, rebuild=rebuild)

    @rule(table=st.sampled_from(WITHOUT_MONTHS), rebuild=st.booleans())
    def build_one_of_the_others(self, table: str, rebuild: bool) -> None:
        self._deployment.build(table, rebuild=rebuild)
        self._deployment.check(self._loaded, [table])

    @rule()
    def load_and_build_all(self) -> None:
        self._deployment.load_all()
        self._take(LOGS + SONGS, prune=False)
        self._deployment.build_all()
        self._deployment.check(self._loaded, STAR)

    def teardown(self) -> None:
        """Once all is loaded and built, all is as it should be, and doing it again changes nothing."""
        self.load_and_build_all()
        rows, ledger = self._deployment.snapshot(), self._deployment.ledger()
        self._deployment.load_and_build_all()
        assert self._deployment.snapshot() == rows
        assert self._deployment.ledger() == ledger

    def _change(self, key: str, records: list[Record] | None) -> None:
        if records is not None:
            self._deployment.put(key, records)
            self._lake[key] = records
        elif key in self._lake:
            self._deployment.delete(key)
            del self._lake[key]

    def _take(self, keys: Sequence[str], prune: bool) -> None:
        for key in keys:
            if key in self._lake:
                self._loaded[key] = self._lake[key]
            elif prune:
                self._loaded.pop(key, None)
        self._deployment.check(self._loaded, STAGING)


class Accidents(Operations):
    """The same on Redshift, and now and then nothing comes of it: the connection is cut, and cut again."""

    def __init__(self, deployment: Deployment, double: RedshiftDouble) -> None:
        super().__init__(deployment)
        self._double = double
        self.happened: list[str] = []

    @rule(
        where=st.sampled_from(
            ("^LOCK", "^COPY", "^DELETE", "INSERT INTO staging", "INSERT INTO load_files", "^COMMIT")
        ),
        when=st.sampled_from(("before", "after")),
        rebuild=st.booleans(),
    )
    def load_events_in_vain(self, where: str, when: Literal["before", "after"], rebuild: bool) -> None:
        with self._accidents(where, when):
            self.load_events(("2018-11", "2018-12"), rebuild=rebuild, prune=False)

    @rule(
        where=st.sampled_from(("^LOCK", "^CREATE TEMP", "^DELETE", "^INSERT", "INSERT INTO table_builds", "^COMMIT")),
        when=st.sampled_from(("before", "after")),
        table=st.sampled_from(STAR),
        rebuild=st.booleans(),
    )
    def build_in_vain(self, where: str, when: Literal["before", "after"], table: str, rebuild: bool) -> None:
        with self._accidents(where, when):
            self._deployment.build(table, ("2018-11", "2018-12"), rebuild=rebuild)

    @contextmanager
    def _accidents(self, where: str, when: Literal["before", "after"]) -> Iterator[None]:
        before = self._deployment.snapshot()
        self._double.drop_connection(where, when, times=1_000)
        try:
            yield
        except TransactionLost:
            self.happened.append(where)
            self._double.faults.clear()
            # Nothing of it was done.
            assert self._deployment.snapshot() == before
        finally:
            self._double.faults.clear()


def test_accidents_leave_the_old_rows_or_the_new(
    on_redshift: Deployment, double: RedshiftDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)

    happened: list[str] = []

    class AccidentsHere(Accidents):
        def __init__(self) -> None:
            super().__init__(on_redshift, double)
            self.happened = happened

    quick = settings(QUICK, max_examples=3, stateful_step_count=10)
    run_state_machine_as_test(AccidentsHere, settings=quick)
    assert happened


def _operations(deployment: Deployment) -> type[RuleBasedStateMachine]:
    class OperationsHere(Operations):
        def __init__(self) -> None:
            super().__init__(deployment)

    return OperationsHere


def test_any_sequence_of_operations_ends_in_what_the_contract_says(on_duckdb: Deployment) -> None:
    quick = settings(QUICK, max_examples=3, stateful_step_count=10)
    run_state_machine_as_test(_operations(on_duckdb), settings=quick)


def test_any_sequence_on_redshift_does_too(on_redshift: Deployment) -> None:
    quick = settings(QUICK, max_examples=2, stateful_step_count=8)
    run_state_machine_as_test(_operations(on_redshift), settings=quick)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_long_sequences_on_redshift_do_too(on_redshift: Deployment) -> None:
    thorough = settings(THOROUGH, max_examples=40, stateful_step_count=20)
    run_state_machine_as_test(_operations(on_redshift), settings=thorough)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_many_long_sequences_of_operations_end_in_what_the_contract_says(on_duckdb: Deployment) -> None:
    thorough = settings(THOROUGH, max_examples=150, stateful_step_count=25)
    run_state_machine_as_test(_operations(on_duckdb), settings=thorough)
