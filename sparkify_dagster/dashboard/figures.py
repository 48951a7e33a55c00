"""The figures that the charts show, as plain rows, read from the analytics tables.

What belongs here: reading them in one transaction, and putting dates, names and numbers as the charts take them. What
doesn't: counting, which ``sql/analytics`` does, and drawing (``charts``).
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from sparkify_dagster.dashboard.descriptions import MOST_KEPT, MOST_MONTHS, SHOWN
from sparkify_dagster.dashboard.ranking import on_top
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.showing import printable, without_login
from sparkify_dagster.tables import ANALYTICS_TABLES
from sparkify_dagster.warehouse import Session, Value, Warehouse

Rows = Sequence[Mapping[str, Any]]
"""Plain rows: months as "YYYY-MM", days as "YYYY-MM-DD", numbers, texts, None."""

_CLASSES = (0, 5, 15, 30, 60, 120, 240, 480)


class NoPlays(SparkifyError):
    """There is nothing to show: the warehouse is empty, or nothing was played in the months asked for."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page or a notebook shows.

    Attributes:
        warehouse: Where the figures come from, for people; without secrets.
        made_at: When they were read, UTC.
        months: The log months, without a gap, sorted: "YYYY-MM".
        first_day: The first day on which something was played: "YYYY-MM-DD".
        last_day: The last one.
        whole_months: Those of the months that are over, as far as the plays tell.
        plays: Plays by month and level.
        hours: Plays by month, level, weekday and hour.
        songs: Plays by month, level and song, of songs that can come out on top.
        artists: The same for artists.
        places: The same for places.
        devices: Plays by month, level, device and browser.
        listeners: Listeners and sessions by period and level; level ``all`` has those of every level, each once.
        sessions: Sessions by month, level and class of length.
        subscriptions: Listeners by level, and changes, by month.
        retention: Listeners by month and cohort.
        never_played: Songs, and those never played, by decade.
        never_played_songs: The newest of those.
    """

    warehouse: str
    made_at: datetime
    months: Sequence[str]
    first_day: str
    last_day: str
    whole_months: Sequence[str]
    plays: Rows
    hours: Rows
    songs: Rows
    artists: Rows
    places: Rows
    devices: Rows
    listeners: Rows
    sessions: Rows
    subscriptions: Rows
    retention: Rows
    never_played: Rows
    never_played_songs: Rows


def read_figures(warehouse: Warehouse, months: tuple[str, str] | None = None, must_have: str | None = None) -> Figures:
    """Reads the figures from one state of the tables.

    Args:
        warehouse: The warehouse.
        months: The first and the last log month ("YYYY-MM"); by default all, at most the latest ``MOST_MONTHS``.
        must_have: A month in which something must have been played.

    Raises:
        NoPlays: There are none.
    """
    place = _for_people(warehouse)
    if not set(ANALYTICS_TABLES) <= set(warehouse.tables()):
        raise NoPlays(f"There is nothing to show in {place} yet: run `sparkify load`.")
    with warehouse.reading() as session:
        return _read(session, place, months, must_have)


def _read(session: Session, place: str, asked: tuple[str, str] | None, must_have: str | None) -> Figures:
    months = [_month(month) for (month,) in session.run("dashboard/months")]
    if not months:
        raise NoPlays(f"There are no plays in {place} yet: run `sparkify load`.")
    latest = months[-1]
    if asked:
        months = [month for month in months if asked[0] <= month <= asked[1]]
    if not months or (must_have and must_have not in months):
        raise NoPlays(f"Nothing was played in {must_have or 'the months asked for'}, as far as {place} knows.")
    months = months_between(months[0], months[-1])[-MOST_MONTHS:]
    reader = _Reader(session, months)
    ((first, last),) = reader.rows("days")
    return Figures(
        warehouse=place,
        made_at=datetime.now(UTC),
        months=months,
        first_day=str(first)[:10],
        last_day=str(last)[:10],
        whole_months=[month for month in months if month < latest or _is_over(month, last)],
        plays=_plays(reader),
        hours=reader.named("hours", "month", "level", "weekday", "hour", "plays"),
        songs=_ranked(reader, "songs", "song"),
        artists=_ranked(reader, "artists", "artist"),
        places=_ranked(reader, "places", "place"),
        devices=reader.named("devices", "month", "level", "device", "browser", "plays"),
        listeners=_listeners(reader, last),
        sessions=_sessions(reader),
        subscriptions=reader.named("subscriptions", "month", "free", "paid", "upgrades", "downgrades"),
        retention=_retention(reader),
        never_played=[
            {"decade": "unknown" if decade is None else f"{decade}s", "songs": songs, "never_played": never}
            for decade, songs, never in reader.rows("never_played")
        ],
        never_played_songs=[
            {"title": _text(title), "artist": _text(artist), "year": year}
            for title, artist, year in reader.rows("never_played_songs")
        ],
    )


class _Reader:
    """Reads what ``sql/dashboard`` selects of a range of months."""

    def __init__(self, session: Session, months: Sequence[str]) -> None:
        self.months = months
        self._session = session
        last = first_day(months[-1])
        self._parameters: dict[str, Value] = {
            "first_month": first_day(months[0]),
            "last_month": last,
            "last_day": last.replace(day=monthrange(last.year, last.month)[1]),
            "most_kept": MOST_KEPT,
        }

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """The rows, as they come."""
        return [tuple(row) for row in self._session.run(f"dashboard/{name}", self._parameters)]

    def named(self, name: str, *columns: str) -> list[dict[str, Any]]:
        """The rows with names for their values; the column ``month`` is one."""
        rows = [dict(zip(columns, row, strict=True)) for row in self.rows(name)]
        return [{**row, "month": _month(row["month"])} for row in rows]


def _plays(reader: _Reader) -> list[dict[str, Any]]:
    rows = reader.named("plays", "month", "level", "plays", "known")
    # A month in which nothing was played has no row, and would be missing from the axis.
    there = {row["month"] for row in rows}
    return [
        *rows,
        *({"month": month, "level": "free", "plays": 0, "known": 0} for month in reader.months if month not in there),
    ]


def _ranked(reader: _Reader, name: str, thing: str) -> list[dict[str, Any]]:
    labelled = list(_labelled(name, reader.rows(name)))
    kept = on_top(labelled, reader.months, SHOWN)
    order = {label: number for number, label in enumerate(kept)}
    return [
        {thing: label, "order": order[label], "month": month, "level": level, "plays": plays}
        for label, month, level, plays in labelled
        if label in order
    ]


def _labelled(name: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, str, str, int]]:
    """The rows with a label in place of the id: different things have different ones, whatever their names are."""
    labels = {row[0]: _label(name, row) for row in rows}
    often = Counter(labels.values())
    for key, *_, month, level, plays in rows:
        label = labels[key]
        yield (label if often[label] == 1 else f"{label} ({_text(key)})"), _month(month), str(level), int(plays)


def _label(name: str, row: tuple[Any, ...]) -> str:
    """A label; that of a song has a second line."""
    if name == "songs":
        return f"{_text(row[1])}\n{_text(row[2])}"
    return _text(row[1] if name == "artists" else row[0])


def _listeners(reader: _Reader, last_day: date) -> list[dict[str, Any]]:
    found = {
        (period, level, start): (int(listeners), int(sessions))
        for period, start, level, listeners, sessions in reader.rows("listeners")
    }
    return [
        {
            "period": period,
            "level": level,
            "start": f"{start:%Y-%m-%d}",
            "month": f"{start:%Y-%m}",
            "listeners": found.get((period, level, start), (0, 0))[0],
            "sessions": found.get((period, level, start), (0, 0))[1],
            "until": f"{min(_end(period, start), last_day):%Y-%m-%d}",
            "is_over": int(_end(period, start) <= last_day),
        }
        for period, level in sorted({(period, level) for period, level, _ in found})
        for start in _every(period, [start for name, _, start in found if name == period])
    ]


def _every(period: str, starts: Sequence[date]) -> Iterator[date]:
    """The days on which periods begin, from the first to the last: one in which nothing was played has no row."""
    day, last = min(starts), max(starts)
    while day <= last:
        yield day
        day = _end(period, day) + timedelta(days=1)


def _end(period: str, start: date) -> date:
    """The last day of a period."""
    days = {"day": 1, "week": 7}.get(period) or monthrange(start.year, start.month)[1]
    return start + timedelta(days=days - 1)


def _sessions(reader: _Reader) -> list[dict[str, Any]]:
    rows = reader.named("sessions", "month", "level", "minutes", "sessions", "plays", "seconds")
    for row in rows:
        row |= {"length": _length(row["minutes"]), "hours": round(row.pop("seconds") / 3600, 3)}
    return rows


def _length(minutes: int) -> str:
    """The name of a class of lengths."""
    ends = [end for end in _CLASSES if end > minutes]
    if not minutes:
        return f"under {ends[0]} min"
    if not ends:
        return f"{minutes // 60} h or more"
    return f"{minutes}–{ends[0]} min" if ends[0] <= 60 else f"{minutes // 60}–{ends[0] // 60} h"


def _retention(reader: _Reader) -> list[dict[str, Any]]:
    rows = reader.named("retention", "month", "cohort", "size", "listeners")
    return [
        {**row, "cohort": _month(row["cohort"]), "later": _months_from(row["cohort"], row["month"])} for row in rows
    ]


def _is_over(month: str, last_day: date) -> bool:
    """Whether something was played on the last day of a month, or later."""
    begin = first_day(month)
    return last_day >= begin.replace(day=monthrange(begin.year, begin.month)[1])


def _months_from(cohort: date, month: str) -> int:
    later = first_day(month)
    return (later.year - cohort.year) * 12 + later.month - cohort.month


def _month(value: Value) -> str:
    return str(value)[:7]


def _text(value: Value) -> str:
    """A text of the data on one line, with nothing in it that can't be shown."""
    return " ".join(printable(" ".join(str(value).split())).split()) if value else "unknown"


def _for_people(warehouse: Warehouse) -> str:
    """The warehouse's name. The folders above DuckDB's file are nobody's business."""
    place = without_login(warehouse.location)
    return f"DuckDB, {PurePath(place).name}" if warehouse.engine == "duckdb" else place
