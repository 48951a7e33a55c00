"""A model of the tables of analytics in plain Python: from the rows of the star schema to theirs.

It is written from what the DDL says of each table, and shares nothing with the SQL.

What belongs here: what the tables mean. What doesn't: the star schema's own model (``oracle``).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

Row = tuple[Any, ...]

_SECOND = timedelta(seconds=1)


class Play(NamedTuple):
    """A row of songplays, as far as analytics go."""

    start_time: datetime
    user_id: int | None
    level: str | None
    song_id: str | None
    artist_id: str | None
    session_id: int | None
    location: str | None
    user_agent: str | None
    log_month: date


class Stretch(NamedTuple):
    """A row of user_levels."""

    user_id: int
    level: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True)
class Star:
    """The rows of the star schema.

    Attributes:
        plays: songplays.
        stretches: user_levels.
        songs: song_id, title, artist_id and year of songs.
        artists: The names of artists by artist_id.
    """

    plays: Sequence[Play]
    stretches: Sequence[Stretch]
    songs: Sequence[tuple[str, str | None, str | None, int | None]]
    artists: dict[str, str | None]


COLUMNS = {
    "plays_by_month": "log_month, level, plays, known_plays",
    "plays_by_song": "log_month, level, song_id, artist_id, plays",
    "plays_by_hour": "log_month, level, weekday, hour, plays",
    "plays_by_place": "log_month, level, location, plays",
    "plays_by_device": "log_month, level, SUM(plays) AS plays",
    "plays_by_listener": "log_month, level, user_id, plays",
    "session_lengths": "log_month, level, minutes_from, sessions, plays, seconds",
    "listeners": "period, period_start, level, listeners, sessions, plays",
    "retention": "log_month, cohort_month, cohort_size, listeners",
    "subscriptions": "month_start, free_listeners, paid_listeners, new_free, new_paid, upgrades, downgrades",
    "songs_never_played": "song_id, title, artist_name, year",
}
"""The columns that are compared. What device a user agent tells of is not the model's to know."""

QUERIES = {
    table: f"SELECT {columns} FROM {table}{' GROUP BY 1, 2' if 'SUM' in columns else ''}"
    for table, columns in COLUMNS.items()
}
"""What asks a warehouse for them."""


def expected_rows(table: str, star: Star) -> Counter[Row]:
    """The rows of one table, without their order."""
    return Counter(_TABLES[table](star))


def _level(play: Play) -> str:
    return play.level or "unknown"


def _counted(star: Star, key: Callable[[Play], Row]) -> list[Row]:
    return [(*of, plays) for of, plays in Counter(map(key, star.plays)).items()]


def _plays_by_month(star: Star) -> list[Row]:
    known = Counter((play.log_month, _level(play)) for play in star.plays if play.song_id is not None)
    return [(*row, known[row[:2]]) for row in _counted(star, lambda play: (play.log_month, _level(play)))]


def _plays_by_device(star: Star) -> list[Row]:
    return _counted(star, lambda play: (play.log_month, _level(play)))


def _weekday(moment: datetime) -> int:
    return moment.isoweekday() % 7


def _session_lengths(star: Star) -> list[Row]:
    sessions: defaultdict[Row, list[Play]] = defaultdict(list)
    for play in star.plays:
        if play.session_id is not None:
            sessions[play.log_month, play.session_id, play.user_id].append(play)
    classes: defaultdict[Row, list[tuple[timedelta, int]]] = defaultdict(list)
    for (month, _, _), plays in sessions.items():
        lasted = max(play.start_time for play in plays) - min(play.start_time for play in plays)
        # Of two levels, the one that is later in the alphabet.
        level = max((play.level for play in plays if play.level), default="unknown")
        least = max(least for least in (0, 5, 15, 30, 60, 120, 240, 480) if lasted >= timedelta(minutes=least))
        classes[month, level, least].append((lasted, len(plays)))
    return [
        (
            *of,
            len(found),
            sum(plays for _, plays in found),
            sum((lasted for lasted, _ in found), timedelta()) // _SECOND,
        )
        for of, found in classes.items()
    ]


def _listeners(star: Star) -> list[Row]:
    periods: defaultdict[Row, list[Play]] = defaultdict(list)
    for play in star.plays:
        day = play.start_time.date()
        for level in ("all", _level(play)):
            periods["day", day, level].append(play)
            periods["week", day - timedelta(days=day.weekday()), level].append(play)
            periods["month", day.replace(day=1), level].append(play)
    return [
        (
            *of,
            len({play.user_id for play in plays} - {None}),
            len({play.session_id for play in plays} - {None}),
            len(plays),
        )
        for of, plays in periods.items()
    ]


def _retention(star: Star) -> list[Row]:
    listened = {(play.log_month, play.user_id) for play in star.plays if play.user_id is not None}
    came = {user: min(month for month, other in listened if other == user) for _, user in listened}
    sizes = Counter(came.values())
    back = Counter((month, came[user]) for month, user in listened)
    return [(month, cohort, sizes[cohort], listeners) for (month, cohort), listeners in back.items()]


def _subscriptions(star: Star) -> list[Row]:
    histories: defaultdict[int, list[Stretch]] = defaultdict(list)
    # Of stretches of the same moment, the one that is over at once comes first.
    for stretch in sorted(star.stretches, key=lambda it: (it.valid_from, it.valid_to is None, it.valid_to)):
        histories[stretch.user_id].append(stretch)
    months = {play.log_month for play in star.plays}
    for stretch in star.stretches:
        months |= {moment.date().replace(day=1) for moment in (stretch.valid_from, stretch.valid_to) if moment}
    return [(month, *_month_of_subscriptions(month, histories.values())) for month in months]


def _month_of_subscriptions(month: date, histories: Iterable[list[Stretch]]) -> Row:
    at_end: Counter[str] = Counter()
    new: Counter[str] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    for history in histories:
        until_then = [stretch for stretch in history if stretch.valid_from.date().replace(day=1) <= month]
        if not until_then:
            continue
        at_end[until_then[-1].level] += 1
        for number, stretch in enumerate(until_then):
            if stretch.valid_from.date().replace(day=1) == month:
                if number:
                    changes[until_then[number - 1].level, stretch.level] += 1
                else:
                    new[stretch.level] += 1
    return (
        at_end["free"],
        at_end["paid"],
        new["free"],
        new["paid"],
        changes["free", "paid"],
        changes["paid", "free"],
    )


def _songs_never_played(star: Star) -> list[Row]:
    played = {play.song_id for play in star.plays}
    return [
        (song_id, title, star.artists.get(artist_id) if artist_id else None, year)
        for song_id, title, artist_id, year in star.songs
        if song_id not in played
    ]


_TABLES: dict[str, Callable[[Star], Iterable[Row]]] = {
    "plays_by_month": _plays_by_month,
    "plays_by_song": lambda star: _counted(
        star, lambda play: (play.log_month, _level(play), play.song_id, play.artist_id)
    ),
    "plays_by_hour": lambda star: _counted(
        star, lambda play: (play.log_month, _level(play), _weekday(play.start_time), play.start_time.hour)
    ),
    "plays_by_place": lambda star: _counted(star, lambda play: (play.log_month, _level(play), play.location)),
    "plays_by_device": _plays_by_device,
    "plays_by_listener": lambda star: _counted(star, lambda play: (play.log_month, _level(play), play.user_id)),
    "session_lengths": _session_lengths,
    "listeners": _listeners,
    "retention": _retention,
    "subscriptions": _subscriptions,
    "songs_never_played": _songs_never_played,
}
