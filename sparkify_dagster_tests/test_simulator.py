"""What a simulated lake is: its files, the shape of its records, and the habits that show in it."""

import hashlib
import itertools
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkify_dagster.simulator import SimulatedLake, generate_lake
from sparkify_dagster.simulator.chance import capped_shares, cumulative
from sparkify_dagster.simulator.months import consecutive_months
from sparkify_dagster.simulator.schedule import lay_out

EVENT_KEYS = [
    "artist",
    "auth",
    "firstName",
    "gender",
    "itemInSession",
    "lastName",
    "length",
    "level",
    "location",
    "method",
    "page",
    "registration",
    "sessionId",
    "song",
    "status",
    "ts",
    "userAgent",
    "userId",
]
SONG_KEYS = [
    "num_songs",
    "artist_id",
    "artist_latitude",
    "artist_longitude",
    "artist_location",
    "artist_name",
    "song_id",
    "title",
    "duration",
    "year",
]
# Every (page, auth) of the service with the method and status that the log pairs it with.
LOOKS = {
    ("NextSong", "Logged In"): ("PUT", 200),
    ("Home", "Logged In"): ("GET", 200),
    ("Home", "Logged Out"): ("GET", 200),
    ("Logout", "Logged In"): ("PUT", 307),
    ("Login", "Logged Out"): ("PUT", 307),
    ("About", "Logged In"): ("GET", 200),
    ("About", "Logged Out"): ("GET", 200),
    ("Help", "Logged In"): ("GET", 200),
    ("Help", "Logged Out"): ("GET", 200),
    ("Settings", "Logged In"): ("GET", 200),
    ("Save Settings", "Logged In"): ("PUT", 307),
    ("Error", "Logged In"): ("GET", 404),
    ("Upgrade", "Logged In"): ("GET", 200),
    ("Submit Upgrade", "Logged In"): ("PUT", 307),
    ("Downgrade", "Logged In"): ("GET", 200),
    ("Submit Downgrade", "Logged In"): ("PUT", 307),
}
LEVEL_CHANGES = {"Submit Upgrade": ("free", "paid"), "Submit Downgrade": ("paid", "free")}

Record = dict[str, Any]
LAKE: Record = {"events": 60_000, "months": 4, "songs": 900, "users": 450, "first_month": "2018-11", "seed": 11}


def read_events(folder: Path) -> list[Record]:
    return [
        orjson.loads(line)
        for path in sorted(folder.glob("log_data/*/*/*.json"))
        for line in path.read_bytes().splitlines()
    ]


def read_songs(folder: Path) -> list[Record]:
    return [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("song_data/*/*/*/*.json"))]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def histories(events: list[Record]) -> dict[str, list[Record]]:
    """Each listener's events in their order."""
    by_user: dict[str, list[Record]] = defaultdict(list)
    for event in sorted(events, key=lambda e: (e["ts"], e["itemInSession"])):
        if event["userId"]:
            by_user[event["userId"]].append(event)
    return by_user


def sessions(events: list[Record]) -> dict[int, list[Record]]:
    by_session: dict[int, list[Record]] = defaultdict(list)
    for event in sorted(events, key=lambda e: e["itemInSession"]):
        by_session[event["sessionId"]].append(event)
    return by_session


def assert_consistent(events: list[Record]) -> None:
    """What holds in every lake, however small or crowded."""
    assert len({(e["sessionId"], e["itemInSession"]) for e in events}) == len(events)
    for events_of_session in sessions(events).values():
        assert [e["itemInSession"] for e in events_of_session] == list(range(len(events_of_session)))
        assert all(a["ts"] <= b["ts"] for a, b in itertools.pairwise(events_of_session))
    for history in histories(events).values():
        ids = [session for session, _ in itertools.groupby(history, key=lambda e: e["sessionId"])]
        assert len(ids) == len(set(ids)), "a listener is in one session at a time"
        assert all(e["registration"] < e["ts"] for e in history)
        for event, following in itertools.pairwise(history):
            if event["page"] in LEVEL_CHANGES:
                assert (event["level"], following["level"]) == LEVEL_CHANGES[event["page"]]
            else:
                assert event["level"] == following["level"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> SimulatedLake:
    return generate_lake(tmp_path_factory.mktemp("simulated") / "lake", **LAKE)


@pytest.fixture(scope="module")
def events(lake: SimulatedLake) -> list[Record]:
    return read_events(lake.folder)


@pytest.fixture(scope="module")
def songs(lake: SimulatedLake) -> list[Record]:
    return read_songs(lake.folder)


@pytest.fixture(scope="module")
def plays(events: list[Record]) -> list[Record]:
    return [e for e in events if e["page"] == "NextSong"]


class TestFiles:
    def test_result_says_what_was_written(self, lake: SimulatedLake, events: list[Record], songs: list[Record]) -> None:
        files = [path for path in lake.folder.rglob("*") if path.is_file()]
        assert lake.events == len(events) == LAKE["events"]
        assert lake.songs == len(songs) == LAKE["songs"]
        assert lake.months == ["2018-11", "2018-12", "2019-01", "2019-02"]
        assert lake.users == len({e["userId"] for e in events if e["userId"]}) == LAKE["users"]
        assert lake.files == len(files)
        assert lake.bytes_written == sum(path.stat().st_size for path in files)

    def test_a_log_file_for_each_day_of_each_month(self, lake: SimulatedLake) -> None:
        days = np.arange(np.datetime64("2018-11-01"), np.datetime64("2019-03-01"))
        expected = {f"log_data/{str(d)[:4]}/{str(d)[5:7]}/{d}-events.json" for d in days}
        assert {str(p.relative_to(lake.folder)) for p in lake.folder.glob("log_data/**/*.json")} == expected

    def test_events_lie_in_the_utc_day_of_their_file_in_order(self, lake: SimulatedLake) -> None:
        for path in lake.folder.glob("log_data/*/*/*.json"):
            instants = [orjson.loads(line)["ts"] for line in path.read_bytes().splitlines()]
            assert {datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d-events.json") for ts in instants} == {
                path.name
            }
            assert instants == sorted(instants)

    def test_song_files_lie_in_folders_by_letters_of_the_track(self, lake: SimulatedLake) -> None:
        paths = list(lake.folder.glob("song_data/**/*.json"))
        assert len({path.name for path in paths}) == LAKE["songs"]
        for path in paths:
            assert re.fullmatch(r"TR[A-Z]{5}[0-9A-F]{11}\.json", path.name)
            assert path.parent == lake.folder / "song_data" / path.name[2] / path.name[3] / path.name[4]

    def test_json_paths_list_the_event_keys(self, lake: SimulatedLake) -> None:
        paths = json.loads((lake.folder / "log_json_path.json").read_text())
        assert paths == {"jsonpaths": [f"$['{key}']" for key in EVENT_KEYS]}

    def test_no_temporary_file_is_left(self, lake: SimulatedLake) -> None:
        assert {path.suffix for path in lake.folder.rglob("*") if path.is_file()} == {".json"}

    def test_a_file_that_can_not_be_finished_leaves_no_trace(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(source: str, target: str) -> None:
            raise OSError("disk full")

        monkeypatch.setattr("os.replace", fail)
        with pytest.raises(OSError, match="disk full"):
            generate_lake(tmp_path, events=10, months=1, songs=1, users=1, first_month="2018-11", seed=0)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]


class TestDeterminism:
    ARGUMENTS: ClassVar[Record] = {"events": 3_000, "months": 2, "songs": 60, "users": 40, "first_month": "2020-02"}

    def test_same_seed_gives_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            generate_lake(tmp_path / name, seed=5, **self.ARGUMENTS)
        assert contents(tmp_path / "a") == contents(tmp_path / "b")

    def test_other_seed_gives_other_files(self, tmp_path: Path) -> None:
        for seed in (5, 6):
            generate_lake(tmp_path / str(seed), seed=seed, **self.ARGUMENTS)
        a, b = contents(tmp_path / "5"), contents(tmp_path / "6")
        assert all(a[name] != b[name] for name in a.keys() & b.keys() if name.startswith("log_data"))
        assert not {n for n in a.keys() & b.keys() if n.startswith("song_data")}

    def test_progress_changes_nothing_and_ends_at_the_total(self, tmp_path: Path) -> None:
        reports: list[tuple[str, int, int]] = []
        generate_lake(tmp_path / "a", seed=5, **self.ARGUMENTS)
        generate_lake(tmp_path / "b", seed=5, progress=lambda *report: reports.append(report), **self.ARGUMENTS)
        assert contents(tmp_path / "a") == contents(tmp_path / "b")
        assert ("songs", 60, 60) in reports
        assert reports[-1] == ("events", 3_000, 3_000)
        done = [d for what, d, _ in reports if what == "events"]
        assert done == sorted(done)


class TestShapeOfEvents:
    def test_keys_and_their_order(self, events: list[Record]) -> None:
        assert all(list(event) == EVENT_KEYS for event in events)

    def test_types_of_logged_in_events(self, events: list[Record]) -> None:
        whole, text = {"itemInSession", "sessionId", "status", "ts"}, {"auth", "level", "method", "page", "userId"}
        personal = {"firstName", "gender", "lastName", "location", "userAgent"}
        for event in events:
            assert all(type(event[key]) is int for key in whole)
            assert all(type(event[key]) is str for key in text)
            known = event["auth"] == "Logged In"
            assert all(type(event[key]) is (str if known else type(None)) for key in personal)
            assert type(event["registration"]) is (float if known else type(None))
            assert re.fullmatch(r"[1-9]\d*" if known else "", event["userId"])
            assert event["level"] in ("free", "paid")
            assert event["gender"] in (("F", "M") if known else (None,))

    def test_only_plays_have_a_song(self, events: list[Record]) -> None:
        for event in events:
            song = [event["artist"], event["song"], event["length"]]
            if event["page"] == "NextSong":
                assert [type(value) for value in song] == [str, str, float]
                assert event["length"] == round(event["length"], 5) > 0
            else:
                assert song == [None, None, None]

    def test_pages_have_their_method_and_status(self, events: list[Record]) -> None:
        seen = {(e["page"], e["auth"]): (e["method"], e["status"]) for e in events}
        assert seen == LOOKS
        assert all(LOOKS[e["page"], e["auth"]] == (e["method"], e["status"]) for e in events)

    def test_text_is_written_like_the_real_one(self, lake: SimulatedLake) -> None:
        text = b"".join(path.read_bytes() for path in lake.folder.glob("log_data/*/*/*.json"))
        assert text.isascii()
        assert b'"userAgent":"\\"Mozilla\\/5.0 (' in text
        assert b'"userAgent":"Mozilla\\/5.0 (' in text
        assert re.search(rb'"registration":\d{13}\.0,', text)
        assert re.search(rb"\\ud83[0-9a-f]\\ud[c-f]", text), "an emoji"
        assert not re.search(rb"(?<!\\)/", text)

    def test_text_holds_accents_and_other_scripts(self, events: list[Record], songs: list[Record]) -> None:
        letters = {c for e in events for key in ("artist", "song", "location", "firstName") for c in e[key] or ""}
        letters |= {c for s in songs for c in s["artist_name"] + s["title"]}
        assert letters & set("éñüøÅ")
        assert any("\u4e00" <= c <= "\u9fff" for c in letters)
        assert any(c >= "\U0001f300" for c in letters)

    def test_listeners_traits_last(self, events: list[Record]) -> None:
        traits = ("firstName", "lastName", "gender", "location", "registration", "userAgent")
        for history in histories(events).values():
            assert len({tuple(e[key] for key in traits) for e in history}) == 1


class TestShapeOfSongs:
    def test_keys_and_types(self, songs: list[Record]) -> None:
        for song in songs:
            assert list(song) == SONG_KEYS
            assert song["num_songs"] == 1
            assert all(type(song[key]) is str for key in ("artist_location", "artist_name", "title"))
            assert type(song["duration"]) is float
            assert type(song["year"]) is int
            assert type(song["artist_latitude"]) is type(song["artist_longitude"])
            assert song["artist_latitude"] is None or -90 <= song["artist_latitude"] <= 90

    def test_ids_are_unique_and_shaped_like_the_real_ones(self, songs: list[Record]) -> None:
        assert len({s["song_id"] for s in songs}) == len(songs)
        assert all(re.fullmatch(r"SO[A-Z0-9]{16}", s["song_id"]) for s in songs)
        assert all(re.fullmatch(r"AR[A-Z0-9]{16}", s["artist_id"]) for s in songs)

    def test_gaps_are_as_in_the_real_data(self, songs: list[Record]) -> None:
        def share(condition: list[bool]) -> float:
            return sum(condition) / len(songs)

        assert 0.3 < share([s["year"] == 0 for s in songs]) < 0.7
        assert 0.3 < share([s["artist_location"] == "" for s in songs]) < 0.6
        assert all(s["artist_latitude"] is None for s in songs if s["artist_location"] == "")
        assert all(s["year"] == 0 or 1900 < s["year"] <= 2018 for s in songs)

    def test_artists_have_several_songs(self, songs: list[Record]) -> None:
        count = Counter(s["artist_id"] for s in songs)
        assert 2 < len(songs) / len(count) < 10
        assert max(count.values()) > 10

    def test_some_records_name_a_guest_and_some_titles_come_twice(self, songs: list[Record]) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        for song in songs:
            names[song["artist_id"]].add(song["artist_name"])
        assert any(len(n) > 1 for n in names.values())
        assert max(Counter((s["artist_id"], s["title"]) for s in songs).values()) > 1


class TestService:
    def test_events_are_consistent(self, events: list[Record]) -> None:
        assert_consistent(events)

    def test_pages_come_in_realistic_shares(self, events: list[Record]) -> None:
        share = {page: n / len(events) for page, n in Counter(e["page"] for e in events).items()}
        assert 0.78 < share["NextSong"] < 0.86
        assert 0.07 < share["Home"] < 0.14
        assert share["Home"] > share["Logout"] > share["Help"] > share["Save Settings"] > share["Submit Downgrade"]
        logged_out = sum(e["auth"] == "Logged Out" for e in events) / len(events)
        assert 0.02 < logged_out < 0.06

    def test_somebody_upgrades_and_somebody_downgrades(self, events: list[Record]) -> None:
        pages = Counter(e["page"] for e in events)
        assert pages["Submit Upgrade"] > pages["Submit Downgrade"] > 0

    def test_a_level_lasts_into_the_next_month(self, events: list[Record]) -> None:
        first_month_end = datetime(2018, 12, 1, tzinfo=UTC).timestamp() * 1000
        carried = 0
        for history in histories(events).values():
            pages = [e["page"] for e in history if e["ts"] < first_month_end]
            later = [e for e in history if e["ts"] >= first_month_end]
            changes = [page for page in pages if page in LEVEL_CHANGES]
            if changes and later:
                carried += 1
                assert later[0]["level"] == LEVEL_CHANGES[changes[-1]][1]
        assert carried > 0

    def test_logged_out_events_of_a_listener_show_the_level_of_then(self, events: list[Record]) -> None:
        for events_of_session in sessions(events).values():
            levels = [level for level, _ in itertools.groupby(e["level"] for e in events_of_session)]
            changes = [e for e in events_of_session if e["page"] in LEVEL_CHANGES]
            assert len(levels) <= 1 + len(changes)

    def test_a_session_is_of_one_listener(self, events: list[Record]) -> None:
        owners = [{e["userId"] for e in s} - {""} for s in sessions(events).values()]
        assert {len(o) for o in owners} == {0, 1}

    def test_sessions_hold_fifteen_to_thirty_songs_typically(self, events: list[Record]) -> None:
        counts = [sum(e["page"] == "NextSong" for e in s) for s in sessions(events).values()]
        low, middle, high = np.percentile([c for c in counts if c], [25, 50, 75])
        assert 9 <= low <= 16
        assert 14 <= middle <= 24
        assert 22 <= high <= 36

    def test_the_next_song_begins_when_a_song_is_over(self, events: list[Record]) -> None:
        pairs = 0
        for events_of_session in sessions(events).values():
            for event, following in itertools.pairwise(events_of_session):
                if event["page"] == following["page"] == "NextSong":
                    pairs += 1
                    assert following["ts"] - event["ts"] == int(event["length"]) * 1000
        assert pairs > 10_000

    def test_some_sessions_run_over_midnight_and_into_the_next_month(self, events: list[Record]) -> None:
        spans = [
            {datetime.fromtimestamp(e["ts"] / 1000, UTC).strftime("%Y-%m-%d") for e in s}
            for s in sessions(events).values()
        ]
        assert any(len(days) > 1 for days in spans)
        assert any(len({day[:7] for day in days}) > 1 for days in spans)

    def test_a_few_listeners_make_most_of_the_events(self, events: list[Record]) -> None:
        counts = np.sort([len(h) for h in histories(events).values()])
        assert counts[-len(counts) // 10 :].sum() > 0.3 * counts.sum()
        assert counts.max() > 10 * np.median(counts)

    def test_active_listeners_grow_over_the_months(self, events: list[Record]) -> None:
        active: dict[str, set[str]] = defaultdict(set)
        for event in events:
            active[datetime.fromtimestamp(event["ts"] / 1000, UTC).strftime("%Y-%m")].add(event["userId"])
        assert len(active["2019-02"]) > len(active["2018-11"])

    def test_some_listeners_register_between_the_first_and_the_last_month(self, events: list[Record]) -> None:
        start = datetime(2018, 11, 1, tzinfo=UTC).timestamp() * 1000
        new = [h[0]["registration"] >= start for h in histories(events).values()]
        assert 0.1 < sum(new) / len(new) < 0.9

    def test_hours_and_weekdays_differ(self, events: list[Record]) -> None:
        starts = [datetime.fromtimestamp(s[0]["ts"] / 1000, UTC) for s in sessions(events).values()]
        hours = Counter(t.hour for t in starts)
        weekdays = Counter(t.weekday() for t in starts)
        assert max(hours.values()) > 2.5 * min(hours[h] for h in range(24))
        assert sum(weekdays[d] for d in (1, 2, 3)) / 3 > 1.1 * weekdays[6]

    def test_listeners_keep_to_their_hours(self, events: list[Record]) -> None:
        def coincidence(instants: list[int]) -> float:
            """The share of all pairs of instants that are in the same hour of the day."""
            count = np.bincount([ts // 3_600_000 % 24 for ts in instants])
            return float((count * (count - 1)).sum() / (len(instants) * (len(instants) - 1)))

        starts: dict[str, list[int]] = defaultdict(list)
        for history in histories(events).values():
            for _, session in itertools.groupby(history, key=lambda e: e["sessionId"]):
                first = next(session)
                starts[first["userId"]].append(first["ts"])
        own = [coincidence(instants) for instants in starts.values() if len(instants) > 10]
        everybody = coincidence([ts for instants in starts.values() for ts in instants])
        assert len(own) > 10
        assert np.mean(own) > 1.3 * everybody


class TestPlays:
    def test_most_plays_are_of_songs_that_the_catalogue_knows(self, plays: list[Record], songs: list[Record]) -> None:
        durations: dict[tuple[str, str], list[float]] = defaultdict(list)
        for song in songs:
            durations[song["artist_name"], song["title"]].append(song["duration"])
        known = [p for p in plays if (p["artist"], p["song"]) in durations]
        exact = [p for p in known if p["length"] in durations[p["artist"], p["song"]]]
        far = [p for p in known if min(abs(p["length"] - d) for d in durations[p["artist"], p["song"]]) > 2]
        assert 0.7 <= len(known) / len(plays) <= 0.8
        assert 0.85 <= len(exact) / len(known) < 1
        assert 0 < len(far) / len(known) < 0.1

    def test_few_songs_make_most_of_the_plays(self, plays: list[Record]) -> None:
        counts = sorted(Counter((p["artist"], p["song"]) for p in plays).values(), reverse=True)
        assert sum(counts[: len(counts) // 10]) > 0.4 * len(plays)

    def test_listeners_have_favourite_artists(self, plays: list[Record]) -> None:
        everybody = Counter(p["artist"] for p in plays)
        by_user: dict[str, Counter[str]] = defaultdict(Counter)
        for play in plays:
            by_user[play["userId"]][play["artist"]] += 1
        keen = [c for c in by_user.values() if c.total() > 200]
        top = [sum(n for _, n in c.most_common(6)) / c.total() for c in keen]
        assert np.mean(top) > 1.5 * sum(n for _, n in everybody.most_common(6)) / len(plays)


class TestArguments:
    GOOD: ClassVar[Record] = {"events": 10, "months": 1, "songs": 1, "users": 1, "first_month": "2018-11", "seed": 0}

    @pytest.mark.parametrize("name", ["log_data", "song_data"])
    def test_an_existing_lake_is_refused(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).mkdir()
        with pytest.raises(FileExistsError, match=f"^.* already holds a lake: {name} is there$"):
            generate_lake(tmp_path, **self.GOOD)
        assert list(tmp_path.iterdir()) == [tmp_path / name]

    def test_a_second_lake_is_refused_even_after_an_empty_one(self, tmp_path: Path) -> None:
        arguments: Record = {**self.GOOD, "events": 0, "songs": 0}
        generate_lake(tmp_path, **arguments)
        with pytest.raises(FileExistsError):
            generate_lake(tmp_path, **arguments)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("events", -1),
            ("events", 1.5),
            ("months", 0),
            ("months", 12_000),
            ("songs", -1),
            ("songs", 26**5 + 1),
            ("users", -1),
            ("users", 0),
            ("seed", -1),
            ("first_month", "2018-13"),
            ("first_month", "2018-1"),
            ("first_month", "2018-11-01"),
            ("first_month", "November"),
            ("first_month", "1969-12"),
            ("first_month", "3000-01"),
        ],
    )
    def test_bad_arguments_are_named_in_one_line(self, tmp_path: Path, name: str, value: Any) -> None:
        with pytest.raises(ValueError, match=rf"^{name}: [^\n]+$"):
            generate_lake(tmp_path / "lake", **{**self.GOOD, name: value})
        assert not (tmp_path / "lake").exists()

    def test_more_events_than_the_listeners_have_time_for_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"^users: 1 listeners can not make 100000 events in 1 months"):
            generate_lake(tmp_path / "lake", **{**self.GOOD, "events": 100_000})

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        events=st.integers(0, 400),
        months=st.integers(1, 4),
        songs=st.integers(0, 30),
        users=st.integers(1, 60),
        first_month=st.sampled_from(["1971-01", "2018-11", "2020-02", "2999-01"]),
        seed=st.integers(0, 2**64),
    )
    def test_any_small_lake_is_exact_and_consistent(
        self, tmp_path_factory: pytest.TempPathFactory, **arguments: Any
    ) -> None:
        lake = generate_lake(tmp_path_factory.mktemp("small"), **arguments)
        events = read_events(lake.folder)
        assert lake.events == len(events) == arguments["events"]
        assert lake.songs == len(read_songs(lake.folder)) == arguments["songs"]
        assert lake.users == len({e["userId"] for e in events if e["userId"]})
        assert {datetime.fromtimestamp(e["ts"] / 1000, UTC).strftime("%Y-%m") for e in events} <= set(lake.months)
        assert_consistent(events)

    def test_a_listener_with_more_than_a_month_to_do_hurries(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sparkify_dagster.simulator.lake.MAX_EVENTS_A_MONTH", 20_000)
        lake = generate_lake(tmp_path, **{**self.GOOD, "events": 30_000, "months": 2, "first_month": "2019-01"})
        events = read_events(lake.folder)
        assert len(events) == 30_000
        assert {datetime.fromtimestamp(e["ts"] / 1000, UTC).strftime("%Y-%m") for e in events} == {"2019-01", "2019-02"}
        assert_consistent(events)


class TestParts:
    def test_months_run_over_the_year_and_know_leap_days(self) -> None:
        months = consecutive_months("2019-12", 3)
        assert [(m.name, m.days, m.first_weekday) for m in months] == [
            ("2019-12", 31, 6),
            ("2020-01", 31, 2),
            ("2020-02", 29, 5),
        ]
        assert months[0].end_ms == months[1].start_ms == datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000

    @given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.001, 1)), min_size=1, max_size=30))
    def test_shares_stay_below_their_limits(self, entries: list[tuple[float, float]]) -> None:
        weights, limits = np.array(entries).T
        shares = capped_shares(weights, limits)
        assert shares.sum() == pytest.approx(1)
        if limits.sum() > 1:
            assert (shares <= limits + 1e-9).all()
        else:
            assert shares == pytest.approx(limits / limits.sum())

    def test_cumulative_shares_end_in_one(self) -> None:
        assert cumulative([1, 1, 2]).tolist() == [0.25, 0.5, 1.0]

    @given(
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1_000), st.integers(1, 400)), min_size=1, max_size=30),
        st.booleans(),
    )
    def test_sessions_of_a_group_follow_each_other_within_its_time(
        self, wishes: list[tuple[int, int, int]], may_run_over: bool
    ) -> None:
        group, wished, busy = np.array(sorted(wishes), dtype=np.int64).T
        first = np.append(True, group[1:] != group[:-1])
        count = int(first.sum())
        start, pace = lay_out(first, wished, busy, np.full(count, 100), np.full(count, 900), may_run_over)
        end = start + np.floor(busy * pace).astype(np.int64)
        within = ~first[1:]
        assert (start >= 100).all()
        assert (start <= 900).all()
        assert (start[1:] >= end[:-1])[within].all()
        assert may_run_over or (end <= 900).all()

    def test_sessions_that_do_not_meet_take_place_as_wished(self) -> None:
        first = np.array([True, False, True])
        wished, busy = np.array([10, 50, 20]), np.array([30, 30, 500])
        start, pace = lay_out(first, wished, busy, np.zeros(2, np.int64), np.full(2, 1_000), False)
        assert start.tolist() == [10, 50, 20]
        assert pace.tolist() == [1, 1, 1]
