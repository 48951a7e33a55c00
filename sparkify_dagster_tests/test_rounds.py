"""What ticks list of a lake that is too large for one: few requests each, and in a round all of it.

What belongs here: which stretches are listed when, without a warehouse, so that hundreds of ticks take seconds. What
doesn't: the runs that follow (``test_large_lakes``).
"""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkify_dagster.lake import S3Lake
from sparkify_dagster.lake.keys import month_of, months_between
from sparkify_dagster.sensors import budget, listing
from sparkify_dagster.sensors.cursor import Cursor
from sparkify_dagster.sensors.digest import NOTHING, OUTSTANDING, digest
from sparkify_dagster.sensors.listing import Tour, list_logs, list_songs
from sparkify_dagster.sensors.spaces import Logs
from sparkify_dagster.sensors.stretches import SONGS, by_stretch, group_of
from sparkify_dagster.sensors.walking import place_of
from sparkify_dagster_tests.lake.million import Clock, Store

MOST_REQUESTS = 20
TEN_YEARS = months_between("2009-01", "2018-12")
PARTITIONS = months_between("2009-01", "2019-12")
# Few objects an answer take as many requests as a million objects do.
PAGES = 1000


def log_key(month: str, number: int) -> str:
    """One of the logs of a month."""
    return f"log_data/{month[:4]}/{month[5:]}/{number:05}.json"


def song_key(number: int) -> str:
    """A song, some of which lie in each of 26 folders."""
    return f"song_data/{chr(ord('A') + number % 26)}/TR{number:05}.json"


class Looking:
    """The part of a sensor that looks at the lake, with what it remembers."""

    def __init__(self, keys: Sequence[str], page: int, most_requests: int = MOST_REQUESTS) -> None:
        self.store = Store([f"lake/{key}" for key in keys], Clock(), page)
        self._most_requests = most_requests
        place = "s3://bucket/lake"
        self.lake = S3Lake(lambda: self.store, f"{place}/log_data", f"{place}/song_data", place)
        self.cursor = Cursor()
        self.told: list[str] | None = None
        self.ticks = 0

    def tick(self) -> set[str]:
        """Lists what a tick lists; returns the groups in which something is new."""
        requests = len(self.store.requests)
        former = Cursor.read(self.cursor.write())
        tour = self._list(former)
        self.cursor = former.after(tour, None)
        self.ticks += 1
        assert len(self.store.requests) - requests <= self._most_requests
        self.listed = {*tour.files, *tour.seen}
        return {group_of(name) for name in tour.files if self.cursor.digests[name] != former.digests.get(name)}

    def _list(self, former: Cursor) -> Tour:
        space = Logs(self.lake, PARTITIONS, former.outside)
        known = former.known(PARTITIONS)
        return list_logs(self.lake, space, known, self.told, place_of(former.turn), place_of(former.newest))

    def round(self, most_ticks: int = 600) -> set[str]:
        """Ticks until all was listed since; returns the groups in which something was new."""
        found: set[str] = set()
        listed: set[str] = set()
        for _ in range(most_ticks):
            found |= self.tick()
            listed |= self.listed
            names = self.cursor.digests
            # What was seen to differ in one tick is listed in the next.
            if listed >= names.keys() and not OUTSTANDING.intersection(names.values()):
                return found
        raise AssertionError(f"in {most_ticks} ticks, not all was listed")


class LookingAtSongs(Looking):
    """The same of the songs; it leaves a request for the run that is asked for."""

    def __init__(self, keys: Sequence[str], page: int) -> None:
        super().__init__(keys, page, MOST_REQUESTS - 1)

    def _list(self, former: Cursor) -> Tour:
        return list_songs(self.lake, former.known([SONGS]), place_of(former.turn))


def all_logs() -> Looking:
    """A million logs, as many in each month."""
    return Looking([log_key(TEN_YEARS[number % 120], number) for number in range(5 * PAGES)], 5)


def few_logs() -> Looking:
    """A log file a day for ten years, beside which there are songs."""
    days = [log_key(month, day) for month in TEN_YEARS for day in range(30)]
    return Looking([*days, *map(song_key, range(5_000))], 1000)


def one_large_month() -> Looking:
    """A million logs, most of them in the last month."""
    keys = [log_key(month, number) for month in TEN_YEARS for number in range(10)]
    return Looking([*keys, *(log_key("2018-12", number) for number in range(5 * PAGES))], 5)


def all_songs() -> Looking:
    """A million songs."""
    return LookingAtSongs([*map(song_key, range(5 * PAGES)), log_key("2009-01", 1)], 5)


@pytest.mark.parametrize(
    ("lake", "at_first", "a_round", "characters"),
    [
        (all_logs, 120, 330, 5_000),
        (few_logs, 1, 1, 4_500),
        (one_large_month, 120, 140, 12_000),
        (all_songs, 59, 54, 4_000),
    ],
)
def test_each_tick_makes_few_requests_and_a_round_takes_so_many(
    lake: Callable[[], Looking], at_first: int, a_round: int, characters: int
) -> None:
    looking = lake()
    looking.round()
    assert looking.ticks <= at_first
    assert looking.cursor.is_complete()

    looking.ticks = 0
    assert looking.round() == set()
    assert looking.ticks <= a_round
    assert len(looking.cursor.write()) < characters


@pytest.mark.parametrize("lake", [all_logs, few_logs])
def test_a_file_of_the_newest_two_months_or_of_one_that_follows_is_found_in_the_next_tick(
    lake: Callable[[], Looking],
) -> None:
    looking = lake()
    looking.round()
    for month in ("2018-12", "2018-11", "2019-01", "2019-01", "2018-12", "2019-04"):
        looking.store.put(f"lake/{log_key(month, 90_000 + looking.ticks)}")
        assert looking.tick() == {month}
        # Until a month that is new has been listed to its end, there may be less room than for two.
        looking.tick()


def test_a_file_of_the_newest_month_is_found_in_the_next_tick_while_the_lake_is_not_known_yet() -> None:
    looking = all_logs()
    looking.tick()
    looking.tick()
    looking.store.put(f"lake/{log_key('2018-12', 90_000)}")
    assert "2018-12" in looking.tick()


def test_a_late_file_of_any_month_is_found_in_a_round() -> None:
    looking = all_logs()
    looking.round()
    late = {TEN_YEARS[0], TEN_YEARS[1], TEN_YEARS[57], TEN_YEARS[-3]}
    for month in late:
        looking.store.put(f"lake/{log_key(month, 90_000)}")
    assert looking.round() == late


def test_a_late_file_of_a_small_lake_is_found_in_the_next_tick() -> None:
    looking = few_logs()
    looking.round()
    for month in (*TEN_YEARS[::17], "2012-02"):
        looking.store.put(f"lake/{log_key(month, 90_000)}")
        assert looking.tick() == {month}


def test_months_that_are_deleted_are_forgotten_and_come_again() -> None:
    looking = few_logs()
    looking.round()
    gone = {TEN_YEARS[0], TEN_YEARS[57], *TEN_YEARS[-2:]}
    looking.store.delete(*(f"lake/{log_key(month, day)}" for month in gone for day in range(30)))
    looking.round()
    assert looking.cursor.groups == sorted({*TEN_YEARS} - gone)

    looking.store.put(f"lake/{log_key(TEN_YEARS[57], 1)}")
    assert looking.tick() == {TEN_YEARS[57]}


def test_months_outside_the_partitions_are_told_and_cost_little() -> None:
    looking = few_logs()
    for month in ("1999-12", "2199-01"):
        for number in range(2_000):
            looking.store.put(f"lake/{log_key(month, number)}")
    looking.tick()
    assert looking.cursor.groups == TEN_YEARS
    requests = len(looking.store.requests)
    looking.tick()
    assert len(looking.store.requests) - requests <= 7


SMALL = [TEN_YEARS[place] for place in (0, 1, 11, 12, 13, 57, -3, -2, -1)]


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, int], list[tuple[str, str, int]]]:
    """What months hold at first, and what comes or goes, tick by tick."""
    held = {month: draw(st.integers(0, 12)) for month in SMALL}
    months = st.sampled_from([*SMALL, "2012-05", "2019-01", "2019-02"])
    change = st.tuples(st.sampled_from(["put", "delete", "wait"]), months, st.integers(0, 30))
    return held, draw(st.lists(change, max_size=12))


@settings(max_examples=100, deadline=None)
@given(histories())
def test_whatever_comes_and_goes_in_whatever_month_is_seen_in_a_round(
    history: tuple[dict[str, int], list[tuple[str, str, int]]],
) -> None:
    held, changes = history
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "_MOST_REQUESTS", 10)
        patch.setattr(listing, "_MOST_PAGES_OF_LOGS", 2)
        files = {log_key(month, 2 * number): "1" for month, count in held.items() for number in range(count)}
        looking = Looking([*files], 3, most_requests=10)
        looking.round()
        seen = dict(files)
        touched: set[str] = set()
        for version, (change, month, number) in enumerate(changes):
            key = log_key(month, number)
            if change == "put":
                files[key] = f"v{version}"
                looking.store.put(f"lake/{key}", files[key])
            elif change == "delete" and files.pop(key, None):
                looking.store.delete(f"lake/{key}")
            touched |= looking.tick()
        touched |= looking.round()

        # A file that is new or changed makes its month one that is asked about.
        new = {month_of(key) for key, etag in files.items() if seen.get(key) != etag}
        assert touched >= new
        assert looking.cursor.groups == sorted({month_of(key) or "" for key in files})
        lake_files = [file for page in looking.lake.log_pages() for file in page.files]
        names = by_stretch(lake_files, looking.cursor.digests)
        assert all(
            digest(names.get(stretch, [])) == name
            for stretch, name in looking.cursor.digests.items()
            if name != NOTHING
        )
