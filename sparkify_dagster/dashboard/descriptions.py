"""The charts by name: the question that each answers, and which columns it shows.

What belongs here: words, for the page, the notebook and Dagster alike. What doesn't: drawing (``charts``); nothing here
is slow to import.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkify_dagster.tables import Source

MOST_MONTHS = 60
"""The page has so many months at most, the latest: it is one file, which a phone has to open."""

MOST_KEPT = 200
"""Songs, artists and places are ranked where they were among so many most played ones of a month."""

SHOWN = 10
"""Lists of what is most played are so long."""

COHORTS_SHOWN = 24
"""As many cohorts as retention shows, the latest."""

ALL_LEVELS = "Listeners of all levels: the level chosen above does not count here."

_NO_KNOWN_SONG = "No song of the catalogue was played in the months and at the level chosen."


@dataclass(frozen=True, slots=True)
class ChartDescription:
    """A chart in words.

    Attributes:
        name: Its name, that of its function in ``charts`` and of its column in Dagster.
        question: Its title.
        note: What exactly is shown, and which of the page's filters count.
        figures: The attribute of ``Figures`` with what it shows.
        by_month: Whether the months chosen count.
        by_level: Whether the level chosen counts.
        sources: The columns of the analytics tables that it shows.
        order: The fields of its rows by which its table is sorted.
        wide: Whether it takes the whole width of the page.
        nothing: What is said where there is nothing to show.
    """

    name: str
    question: str
    note: str
    figures: str
    by_month: bool
    by_level: bool
    sources: tuple[Source, ...]
    order: tuple[str, ...]
    wide: bool = False
    nothing: str = "Nothing was played in the months and at the level chosen."


def _of(table: str, *columns: str) -> tuple[Source, ...]:
    return tuple(Source(table, column) for column in columns)


CHARTS: Sequence[ChartDescription] = (
    ChartDescription(
        "plays_by_month",
        "How much do free and paid listeners play?",
        "Plays by log month and by the level that the listener had at that time; green where it is unknown.",
        "plays",
        by_month=True,
        by_level=True,
        order=("month", "level"),
        sources=_of("plays_by_month", "log_month", "level", "plays"),
    ),
    ChartDescription(
        "known_song_share",
        "What share of plays is of a song that the catalogue knows?",
        "By log month. The other plays count too, but not for any song or artist.",
        "plays",
        by_month=True,
        by_level=True,
        order=("month",),
        sources=_of("plays_by_month", "log_month", "level", "plays", "known_plays"),
    ),
    ChartDescription(
        "listeners",
        "How many people listen, and how often?",
        "Different listeners and different sessions of each day, week or month, UTC. A listener counts once in each, "
        "so days do not add up to weeks. A period belongs to the month in which it begins; weeks and months that are "
        "not over are left out.",
        "listeners",
        by_month=True,
        by_level=True,
        order=("start", "what"),
        sources=_of("listeners", "period", "period_start", "level", "listeners", "sessions"),
        wide=True,
    ),
    ChartDescription(
        "top_songs",
        "Which songs are played most?",
        f"The {SHOWN} most played songs of the catalogue, of those among a month’s {MOST_KEPT} most played.",
        "songs",
        by_month=True,
        by_level=True,
        order=("rank",),
        sources=(
            *_of("plays_by_song", "log_month", "level", "song_id", "plays"),
            *_of("songs", "title"),
            *_of("artists", "name"),
        ),
        nothing=_NO_KNOWN_SONG,
    ),
    ChartDescription(
        "top_artists",
        "Which artists are played most?",
        f"The {SHOWN} most played artists of the catalogue, of those among a month’s {MOST_KEPT} most played.",
        "artists",
        by_month=True,
        by_level=True,
        order=("rank",),
        sources=(*_of("plays_by_song", "log_month", "level", "artist_id", "plays"), *_of("artists", "name")),
        nothing=_NO_KNOWN_SONG,
    ),
    ChartDescription(
        "plays_by_weekday_and_hour",
        "When do people listen?",
        "Plays by weekday and hour of the day, UTC, of all the days chosen together.",
        "hours",
        by_month=True,
        by_level=True,
        order=("weekday", "hour"),
        sources=_of("plays_by_hour", "log_month", "level", "weekday", "hour", "plays"),
        wide=True,
    ),
    ChartDescription(
        "session_lengths",
        "How long do people listen in one go?",
        "Sessions by the time between the beginnings of their first and last song. A session that goes on into another "
        "month counts in both; one in which a listener paid is of level paid.",
        "sessions",
        by_month=True,
        by_level=True,
        order=("minutes",),
        sources=_of("session_lengths", "log_month", "level", "minutes_from", "sessions", "plays", "seconds"),
    ),
    ChartDescription(
        "subscriptions",
        "How many listeners pay?",
        f"Listeners by their level at the end of each month. {ALL_LEVELS}",
        "subscriptions",
        by_month=True,
        by_level=False,
        order=("month", "level"),
        sources=_of("subscriptions", "month_start", "free_listeners", "paid_listeners"),
    ),
    ChartDescription(
        "level_changes",
        "How many upgrade, and how many downgrade?",
        f"Changes from free to paid, and from paid to free, in each month. {ALL_LEVELS}",
        "subscriptions",
        by_month=True,
        by_level=False,
        order=("month", "what"),
        sources=_of("subscriptions", "month_start", "upgrades", "downgrades"),
        nothing="Nobody upgraded or downgraded in the months chosen.",
    ),
    ChartDescription(
        "change_rates",
        "What share of free listeners upgrades, and of paid ones downgrades?",
        "Conversion: upgrades of those who were free when the month began, or came as free in it. Churn: downgrades of "
        f"those who paid. {ALL_LEVELS}",
        "subscriptions",
        by_month=True,
        by_level=False,
        order=("month", "what"),
        sources=_of("subscriptions", "month_start", "free_listeners", "paid_listeners", "upgrades", "downgrades"),
        nothing="Nobody upgraded or downgraded in the months chosen.",
    ),
    ChartDescription(
        "retention",
        "Do listeners come back?",
        "Of the listeners who came in the same month (a cohort), the share that listened in the months after it. "
        "Cohorts that came in the months chosen; where that is one month, how many of each earlier cohort listened in "
        f"it. At most the {COHORTS_SHOWN} latest cohorts. {ALL_LEVELS}",
        "retention",
        by_month=True,
        by_level=False,
        order=("cohort", "later"),
        sources=_of("retention", "log_month", "cohort_month", "cohort_size", "listeners"),
        wide=True,
    ),
    ChartDescription(
        "top_places",
        "Where are the listeners?",
        f"Plays at the {SHOWN} places with the most, of those among a month’s {MOST_KEPT} with the most.",
        "places",
        by_month=True,
        by_level=True,
        order=("rank",),
        sources=_of("plays_by_place", "log_month", "level", "location", "plays"),
    ),
    ChartDescription(
        "devices",
        "What do people listen with?",
        "Plays by device and browser, as the user agents tell them.",
        "devices",
        by_month=True,
        by_level=True,
        order=("device", "browser"),
        sources=_of("plays_by_device", "log_month", "level", "device", "browser", "plays"),
    ),
    ChartDescription(
        "songs_never_played",
        "Which songs does nobody play?",
        "Songs of the catalogue that were never played, by the decade of their release. Neither the months nor the "
        "level chosen above count here.",
        "never_played",
        by_month=False,
        by_level=False,
        order=("decade",),
        sources=_of("songs_never_played", "song_id", "title", "artist_name", "year"),
        wide=True,
        nothing="Every song of the catalogue was played.",
    ),
)
