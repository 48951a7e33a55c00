"""A model of the contract in plain Python: from the files of a lake to the rows of every table.

It is written from the contract's words, one function a table, and shares nothing with the platform: where the two
disagree, one of them is wrong. Where the contract leaves room, the choice is said here in a comment.

What belongs here: what the tables mean, as plainly as it can be said. What doesn't: speed, engines, the order in which
files come, records that are rejected.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

Record = Mapping[str, Any]
"""A record of the lake, as its JSON reads."""

Files = Mapping[str, Sequence[Record]]
"""The files of a lake by key, each with its records."""

Row = tuple[Any, ...]


class Event(NamedTuple):
    """A row of staging_events."""

    artist: str | None
    auth: str | None
    first_name: str | None
    gender: str | None
    item_in_session: int | None
    last_name: str | None
    length: float | None
    level: str | None
    location: str | None
    method: str | None
    page: str
    registration: float | None
    session_id: int | None
    song: str | None
    status: int | None
    ts: datetime
    user_agent: str | None
    user_id: int | None


class Song(NamedTuple):
    """A row of staging_songs."""

    num_songs: int | None
    artist_id: str | None
    artist_latitude: float | None
    artist_longitude: float | None
    artist_location: str | None
    artist_name: str | None
    song_id: str | None
    title: str | None
    duration: float | None
    year: int | None


COLUMNS: dict[str, tuple[str, ...]] = {
    "staging_events": Event._fields,
    "staging_songs": Song._fields,
    "songplays": (
        "songplay_id",
        "start_time",
        "user_id",
        "level",
        "song_id",
        "artist_id",
        "session_id",
        "location",
        "user_agent",
    ),
    "users": ("user_id", "first_name", "last_name", "gender", "level"),
    "user_levels": ("user_id", "level", "valid_from", "valid_to", "is_current"),
    "songs": ("song_id", "title", "artist_id", "year", "duration"),
    "artists": ("artist_id", "name", "location", "latitude", "longitude"),
    "time": ("start_time", "hour", "day", "week", "month", "year", "weekday"),
}
"""The columns that the contract names, in the order of the rows below."""


def expected_tables(files: Files) -> dict[str, list[Row]]:
    """The rows of every table, in no particular order."""
    return {table: expected_rows(table, files) for table in COLUMNS}


def expected_rows(table: str, files: Files) -> list[Row]:
    """The rows of one table, in no particular order."""
    return [tuple(row) for row in _TABLES[table](files)]


# --- staging ---------------------------------------------------------------------------------------------------------


def staging_events(files: Files) -> list[Event]:
    """One row a record of the log files."""
    return [event for _, event in _events_with_log_month(files)]


def staging_songs(files: Files) -> list[Song]:
    """One row a song file."""
    return [
        Song(
            num_songs=_whole(record.get("num_songs")),
            artist_id=_text(record.get("artist_id")),
            artist_latitude=_number(record.get("artist_latitude")),
            artist_longitude=_number(record.get("artist_longitude")),
            artist_location=_text(record.get("artist_location")),
            artist_name=_text(record.get("artist_name")),
            song_id=_text(record.get("song_id")),
            title=_text(record.get("title")),
            duration=_number(record.get("duration")),
            year=_whole(record.get("year")),
        )
        for key, records in files.items()
        if key.startswith("song_data/")
        for record in records
    ]


def log_month(key: str) -> str:
    """The month in the path of a log file: "2018-11" for ``log_data/2018/11/2018-11-01-events.json``."""
    _, year, month, *_ = key.split("/")
    return f"{year}-{month}"


def _events_with_log_month(files: Files) -> list[tuple[str, Event]]:
    return [
        (log_month(key), _event(record))
        for key, records in files.items()
        if key.startswith("log_data/")
        for record in records
    ]


def _event(record: Record) -> Event:
    return Event(
        artist=_text(record.get("artist")),
        auth=_text(record.get("auth")),
        first_name=_text(record.get("firstName")),
        gender=_text(record.get("gender")),
        item_in_session=_whole(record.get("itemInSession")),
        last_name=_text(record.get("lastName")),
        length=_number(record.get("length")),
        level=_text(record.get("level")),
        location=_text(record.get("location")),
        method=_text(record.get("method")),
        page=record["page"],
        registration=_number(record.get("registration")),
        session_id=_whole(record.get("sessionId")),
        song=_text(record.get("song")),
        status=_whole(record.get("status")),
        ts=_moment(record["ts"]),
        user_agent=_text(record.get("userAgent")),
        user_id=_whole(record.get("userId")),
    )


def _text(value: str | None) -> str | None:
    return value or None


def _whole(value: float | str | None) -> int | None:
    return None if value is None or value == "" else int(value)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _moment(milliseconds: float) -> datetime:
    return datetime(1970, 1, 1) + timedelta(milliseconds=int(milliseconds))  # noqa: DTZ001 UTC, as the tables have it


# --- songplays and time ----------------------------------------------------------------------------------------------


def songplays(files: Files) -> list[Row]:
    """One row a play, however often its event is repeated."""
    repeats: defaultdict[Row, list[tuple[str, Event]]] = defaultdict(list)
    for month, event in _events_with_log_month(files):
        if event.page == "NextSong":
            repeats[event.user_id, event.session_id, event.item_in_session, event.ts].append((month, event))
    songs = staging_songs(files)
    return [_play(min(events, key=_which_repeat_counts)[1], songs) for events in repeats.values()]


def time(files: Files) -> list[Row]:
    """One row a moment at which something is played."""
    moments: set[datetime] = {start_time for _, start_time, *_ in songplays(files)}
    return [(at, at.hour, at.day, at.isocalendar().week, at.month, at.year, at.isoweekday() % 7) for at in moments]


def _which_repeat_counts(repeat: tuple[str, Event]) -> Row:
    month, event = repeat
    # The contract: the earliest log month; within it "deterministic". Chosen: the smallest by what makes the play.
    return (
        month,
        _nulls_last(event.song, event.artist, event.length, event.level, event.location, event.user_agent),
    )


def _play(event: Event, songs: Iterable[Song]) -> Row:
    song = _match(event, songs)
    return (
        _songplay_id(event),
        event.ts,
        event.user_id,
        event.level,
        song.song_id if song else None,
        song.artist_id if song else None,
        event.session_id,
        event.location,
        event.user_agent,
    )


def _songplay_id(event: Event) -> str:
    milliseconds = (event.ts - _moment(0)) // timedelta(milliseconds=1)
    parts = (event.user_id, event.session_id, event.item_in_session, milliseconds)
    return ":".join("" if part is None else str(part) for part in parts)


def _match(event: Event, songs: Iterable[Song]) -> Song | None:
    if event.song is None or event.artist is None or event.length is None:
        return None
    length = event.length
    matching = [
        (abs(song.duration - length), song)
        for song in songs
        if song.song_id is not None
        and song.title is not None
        and song.title.strip() == event.song.strip()
        and song.artist_name is not None
        and song.artist_name.strip() == event.artist.strip()
        and song.duration is not None
        and abs(song.duration - length) <= 2
    ]
    # Two records of one song may be equally close and name different artists. Chosen: the smallest artist_id.
    closest = min(matching, key=lambda it: (it[0], it[1].song_id, _nulls_last(it[1].artist_id)), default=None)
    return closest[1] if closest else None


# --- users -----------------------------------------------------------------------------------------------------------


def users(files: Files) -> list[Row]:
    """One row a user, as of the user's latest event."""
    latest = {user_id: max(events, key=_event_order) for user_id, events in _events_by_user(files).items()}
    return [
        (user_id, event.first_name, event.last_name, event.gender, event.level) for user_id, event in latest.items()
    ]


def user_levels(files: Files) -> list[Row]:
    """One row a stretch of a user's events with the same level."""
    rows: list[Row] = []
    for user_id, events in _events_by_user(files).items():
        starts: list[tuple[str, datetime]] = []
        for event in sorted(events, key=_event_order):
            # An event without a level says nothing about it.
            if event.level is not None and (not starts or starts[-1][0] != event.level):
                starts.append((event.level, event.ts))
        for number, (level, valid_from) in enumerate(starts, start=1):
            valid_to = starts[number][1] if number < len(starts) else None
            rows.append((user_id, level, valid_from, valid_to, valid_to is None))
    return rows


def _events_by_user(files: Files) -> dict[int, list[Event]]:
    by_user: defaultdict[int, list[Event]] = defaultdict(list)
    for event in staging_events(files):
        if event.user_id is not None:
            by_user[event.user_id].append(event)
    return by_user


def _event_order(event: Event) -> Row:
    # The contract: by ts, then by item_in_session, then "deterministic". Chosen: by what the users' rows are made of.
    return (
        event.ts,
        _nulls_first(event.item_in_session, event.level, event.first_name, event.last_name, event.gender),
    )


# --- songs and artists -----------------------------------------------------------------------------------------------


def songs(files: Files) -> list[Row]:
    """One row a song: of repeats, the one with the latest year, then the longest duration, then title."""

    def preference(song: Song) -> Row:
        # Chosen where all of that is equal: the smallest artist_id.
        longest = (song.duration is None, -(song.duration or 0))
        return (-(song.year or 0), longest, _nulls_last(song.title, song.artist_id))

    records = _songs_by(files, lambda song: song.song_id)
    best = {song_id: min(same, key=preference) for song_id, same in records.items()}
    return [(song_id, song.title, song.artist_id, song.year or None, song.duration) for song_id, song in best.items()]


def artists(files: Files) -> list[Row]:
    """One row an artist, all of it from one of the artist's song records."""
    rows: list[Row] = []
    for artist_id, records in _songs_by(files, lambda song: song.artist_id).items():
        votes = Counter(song.artist_name for song in records if song.artist_name is not None)
        best = min(records, key=lambda song, votes=votes: _artist_preference(song, votes))
        rows.append((artist_id, best.artist_name, best.artist_location, best.artist_latitude, best.artist_longitude))
    return rows


def _artist_preference(song: Song, votes: Mapping[Any, int]) -> Row:
    # The contract: the commonest name, then a record with a location, then the smallest song_id. Chosen where all of
    # that is equal: the smallest by what makes the artist's row. A record without a name has no vote.
    return (
        -votes.get(song.artist_name, 0),
        song.artist_location is None,
        _nulls_last(song.song_id, song.artist_name, song.artist_location, song.artist_latitude, song.artist_longitude),
    )


def _songs_by(files: Files, identity: Callable[[Song], str | None]) -> dict[str, list[Song]]:
    found: defaultdict[str, list[Song]] = defaultdict(list)
    for song in staging_songs(files):
        name = identity(song)
        if name is not None:
            found[name].append(song)
    return found


# --- order -----------------------------------------------------------------------------------------------------------


def _nulls_last(*values: Any) -> Row:
    """A key to sort by that puts None after everything else; texts are in the order of their code points."""
    return tuple((value is None, value) for value in values)


def _nulls_first(*values: Any) -> Row:
    """A key to sort by that puts None before everything else."""
    return tuple((value is not None, value) for value in values)


_TABLES: dict[str, Callable[[Files], Iterable[Row]]] = {
    "staging_events": staging_events,
    "staging_songs": staging_songs,
    "songplays": songplays,
    "users": users,
    "user_levels": user_levels,
    "songs": songs,
    "artists": artists,
    "time": time,
}
