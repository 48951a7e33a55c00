"""Made-up lakes for hypothesis: small, and made to collide.

Every pool of values is short, so that repeats, ties and matches come up often; the first value of a pool is its
plainest, and that is what a failing example shrinks to.

What belongs here: strategies for records, files and lakes, all of records that load. What doesn't: records that are
rejected, and what is done with a lake.
"""

from typing import Any

from hypothesis import strategies as st

from sparkify_dagster_tests.oracle import Record

LOG_MONTHS = ("2018-11", "2018-12", "2019-01")
LOG_KEYS = tuple(
    f"log_data/{month.replace('-', '/')}/{month}-{day}-events.json" for month in LOG_MONTHS for day in ("01", "02")
)
SONG_KEYS = tuple(f"song_data/A/{letter}/A/TRA{letter}A{number}.json" for letter in "AB" for number in (1, 2, 3))

LAST_MILLISECOND = 253_402_300_799_999
"""The end of the year 9999."""

MOMENTS = (
    1_541_105_830_796,  # 2018-11-01, a Thursday
    1_541_105_830_797,  # a millisecond later
    1_543_622_399_999,  # the last millisecond of November 2018
    1_543_622_400_000,  # the first of December
    1_546_214_400_000,  # 2018-12-31, a Monday: of ISO week 1 of 2019
    1_546_300_800_000,  # 2019-01-01
)

# What Python trims, and among it (a zero-width space, a byte order mark within) what it doesn't.
ENDS = ("", " ", "\t\n", "\u00a0", "\u2003", "\u3000", "\x1c", "\x85", "\u200b", "\ufeff")
TITLES = ("Uno", "uno", "Ünö 🎵", 'say "no"; DROP TABLE songs; --', "7")
NAMES = ("Duo", "Duo/Trio", "Bjo\u0308rk", "Björk")
PLACES = ("Nashville, TN.", "ABC", "a\\b", "ï¿½", "\uffee", "😀", "39.5", "{}", "true")
LENGTHS = (200.0, 202.0, 198.0, 202.00000000001, 197.99999, 201.999999999, 200.5, 199.5, 201, 1, 0.0)


def texts(*values: str) -> st.SearchStrategy[str | None]:
    """One of some texts, or now and then none."""
    return st.sampled_from((*values, *values, None, ""))


def numbers() -> st.SearchStrategy[float | None]:
    """Any number in full precision, or none."""
    return st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def spaced(draw: st.DrawFn, values: tuple[str, ...]) -> str | None:
    """One of some texts, perhaps with white space at its ends, or now and then none."""
    text = draw(texts(*values))
    if text is None or draw(st.booleans()):
        return text
    return draw(st.sampled_from(ENDS)) + text + draw(st.sampled_from(ENDS))


@st.composite
def with_gaps(draw: st.DrawFn, records: st.SearchStrategy[Record], *required: str) -> Record:
    """A record, perhaps without some of the fields that it need not have."""
    record = draw(records)
    may_be_absent = sorted(record.keys() - set(required))
    absent = draw(st.one_of(st.just(frozenset()), st.sets(st.sampled_from(may_be_absent), max_size=3)))
    return {key: value for key, value in record.items() if key not in absent}


def events() -> st.SearchStrategy[Record]:
    """An event as a log file has it."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "ts": st.sampled_from((*MOMENTS, float(MOMENTS[0]))),
        "page": st.sampled_from(("NextSong", "NextSong", "NextSong", "Home", "nextsong", "NextSong ")),
        "userId": st.sampled_from((39, "39", "8", 8, 2**62, "", None)),
        "sessionId": st.sampled_from((1, 1, 2, -1, None)),
        "itemInSession": st.sampled_from((0, 0, 1, 2.0, None)),
        "level": st.sampled_from(("free", "paid", "free", "paid", None, "")),
        "song": spaced(TITLES[:3]),
        "artist": spaced(NAMES[:2]),
        "length": st.one_of(st.sampled_from((*LENGTHS, None)), numbers()),
        "firstName": texts("Lily", "Ávila"),
        "lastName": texts("Koch", "O'Brien"),
        "gender": texts("F", "M"),
        "location": texts(*PLACES),
        "userAgent": texts('"Mozilla/5.0 (X11; Linux)"', "curl"),
        "registration": numbers(),
        "auth": texts("Logged In"),
        "method": texts("PUT"),
        "status": st.sampled_from((200, 307, None)),
    }
    return with_gaps(st.fixed_dictionaries(fields), "ts", "page")


def songs() -> st.SearchStrategy[Record]:
    """A song record as a song file has it."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "song_id": texts("SO1", "SO2", "SO3", "so1"),
        "artist_id": texts("AR1", "AR2", "ar1"),
        "title": spaced(TITLES),
        "artist_name": spaced(NAMES),
        "duration": st.sampled_from((*LENGTHS, None)),
        "year": st.sampled_from((0, 1999, 2018, None)),
        "artist_location": texts(*PLACES),
        "artist_latitude": numbers(),
        "artist_longitude": numbers(),
        "num_songs": st.sampled_from((1, None)),
    }
    return with_gaps(st.fixed_dictionaries(fields))


def event_files() -> st.SearchStrategy[list[Record]]:
    """The events of a log file; it may be empty, and hold an event twice."""
    return st.lists(events(), max_size=4)


def song_files() -> st.SearchStrategy[list[Record]]:
    """The record of a song file."""
    return st.lists(songs(), min_size=1, max_size=1)


IDENTITIES = (
    {"userId": 39, "sessionId": 1, "itemInSession": 0, "ts": MOMENTS[0]},
    {"userId": 8, "sessionId": None, "itemInSession": None, "ts": MOMENTS[3]},
)
"""Which user did something when: few, so that nearly every file repeats events of another."""


def much_repeated_events() -> st.SearchStrategy[list[Record]]:
    """The events of a log file that other files hold as well, with other contents perhaps."""
    contents = st.fixed_dictionaries(
        {
            "page": st.sampled_from(("NextSong", "NextSong", "NextSong", "Home")),
            "song": st.sampled_from(("Uno", "Due")),
            "artist": st.just("Duo"),
            "length": st.just(200.0),
            "level": st.sampled_from(("free", "paid", None)),
            "location": st.sampled_from(("A", "B")),
            "firstName": st.sampled_from(("Lily", "Lena")),
        }
    )
    one = st.tuples(st.sampled_from(IDENTITIES), contents).map(lambda parts: parts[0] | parts[1])
    return st.lists(one, max_size=2)


def much_alike_songs() -> st.SearchStrategy[list[Record]]:
    """The record of a song file that competes with those of others for songs, artists and plays."""
    one = st.fixed_dictionaries(
        {
            "song_id": st.sampled_from(("SO1", "SO2", "SO3")),
            "artist_id": st.sampled_from(("AR1", "AR2")),
            "title": st.sampled_from(("Uno", " Uno", "Due")),
            "artist_name": st.sampled_from(("Duo", "Duo ")),
            "duration": st.sampled_from((200.0, 201.5, 204.0)),
            "year": st.sampled_from((0, 2018)),
            "artist_location": st.sampled_from(("", "A")),
        }
    )
    return st.lists(one, min_size=1, max_size=1)


@st.composite
def lakes(draw: st.DrawFn) -> dict[str, list[Record]]:
    """The files of a lake by key: some months, with events that are repeated here and there, and some songs."""
    known = draw(st.lists(events(), min_size=1, max_size=6))
    some_known = st.lists(st.one_of(st.sampled_from(known), events()), max_size=5)
    logs = draw(st.dictionaries(st.sampled_from(LOG_KEYS), some_known, max_size=len(LOG_KEYS)))
    catalogue = draw(st.dictionaries(st.sampled_from(SONG_KEYS), song_files(), max_size=len(SONG_KEYS)))
    return {**logs, **catalogue}


@st.composite
def plays_of_known_songs(draw: st.DrawFn) -> dict[str, list[Record]]:
    """A log file and a catalogue in which nearly everything has the same title and artist."""

    def around(text: str) -> st.SearchStrategy[str]:
        return st.tuples(st.sampled_from(ENDS[:-2]), st.sampled_from(ENDS)).map(text.join)

    lengths = st.one_of(st.sampled_from(LENGTHS), st.floats(195.0, 205.0))
    plays = st.fixed_dictionaries(
        {
            "ts": st.sampled_from(MOMENTS),
            "page": st.just("NextSong"),
            "itemInSession": st.integers(0, 9),
            "song": around("Uno"),
            "artist": around("Duo"),
            "length": lengths,
        }
    )
    records = st.fixed_dictionaries(
        {
            "song_id": st.sampled_from(("SO1", "SO2", "so1", None)),
            "artist_id": st.sampled_from(("AR1", "AR2", None)),
            "title": around("Uno"),
            "artist_name": around("Duo"),
            "duration": lengths,
        }
    )
    log = draw(st.lists(plays, min_size=1, max_size=8))
    catalogue = draw(st.lists(records, min_size=1, max_size=len(SONG_KEYS)))
    files: dict[str, list[Record]] = {LOG_KEYS[0]: list(log)}
    files.update((key, [record]) for key, record in zip(SONG_KEYS, catalogue, strict=False))
    return files


@st.composite
def plays_at_any_moment(draw: st.DrawFn) -> list[Record]:
    """Plays at any moments of the years 1970 to 9999."""
    moments = draw(st.lists(st.integers(0, LAST_MILLISECOND), max_size=40))
    return [{"ts": at, "page": "NextSong"} for at in moments]
