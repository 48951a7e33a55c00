"""The simulated lake as a folder of files: the entry point of the simulator.

What belongs here: checking what is asked for, the order of the work, and writing files. What does not: what the
service and its songs are like, and the text of files.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sparkify_dagster.simulator.catalogue import MAX_SONGS, Catalogue, invent_catalogue
from sparkify_dagster.simulator.chance import streams
from sparkify_dagster.simulator.events import Events, Service
from sparkify_dagster.simulator.listeners import (
    MAX_EVENTS_A_MONTH,
    Listeners,
    invent_listeners,
)
from sparkify_dagster.simulator.months import DAY_MS, Month, consecutive_months
from sparkify_dagster.simulator.rendering import EventWriter, json_paths, song_json

Progress = Callable[[str, int, int], None]

_SONGS_BETWEEN_REPORTS = 1000


@dataclass(frozen=True)
class SimulatedLake:
    """What was written.

    Attributes:
        folder: the lake's folder.
        events: the number of event records.
        months: the log months as "YYYY-MM".
        songs: the number of song files.
        users: the number of listeners who appear in the events: all that were asked for, unless the events are few
            for so many.
        files: the number of files.
        bytes_written: their size in bytes.
    """

    folder: Path
    events: int
    months: list[str]
    songs: int
    users: int
    files: int
    bytes_written: int


def generate_lake(
    folder: Path,
    *,
    events: int,
    months: int,
    songs: int,
    users: int,
    first_month: str,
    seed: int,
    progress: Progress | None = None,
) -> SimulatedLake:
    """Invent a music-streaming service, and write its event logs and song files.

    The same arguments give the same files, byte for byte.

    Args:
        folder: where to write `log_data`, `song_data`, and `log_json_path.json`; made if missing.
        events: the exact number of event records.
        months: the number of months, whole ones in UTC.
        songs: the exact number of song files.
        users: the number of registered listeners.
        first_month: the first month as "YYYY-MM".
        seed: what the invention depends on, 0 or more.
        progress: called now and then with what is being written ("songs" or "events"), how many of these are
            done, and how many there are to do.

    Returns:
        What was written.

    Raises:
        ValueError: an argument is out of range, or the listeners are too few for the events.
        FileExistsError: the folder already holds a lake.
    """
    _check_at_least("events", events, 0)
    _check_at_least("months", months, 1)
    _check_at_least("songs", songs, 0)
    _check_at_least("users", users, 0)
    _check_at_least("seed", seed, 0)
    if songs > MAX_SONGS:
        raise ValueError(f"songs: {songs} are more than there are track ids ({MAX_SONGS})")
    if events and not users:
        raise ValueError(f"users: 0 listeners can not make {events} events")
    span = consecutive_months(first_month, months)
    _check_no_lake(folder)

    for_catalogue, for_listeners, *for_months = streams(seed, 2 + months)
    catalogue = invent_catalogue(for_catalogue, songs, last_year=int(first_month[:4]))
    listeners = invent_listeners(for_listeners, users, span, catalogue)
    shares = _share_events(events, span, listeners)

    output = _Output(folder, progress or _report_nothing)
    output.write(Path("log_json_path.json"), json_paths())
    _write_songs(output, catalogue)
    service = Service(catalogue, listeners)
    text = EventWriter(catalogue, listeners)
    heard = np.zeros(users + 1, dtype=bool)
    written = 0
    for month, share, rng in zip(span, shares, for_months, strict=True):
        happened = service.month(rng, month, share, is_last=month is span[-1])
        # Nobody is at position -1, after the listeners.
        heard[happened.person] = True
        written = _write_month(output, text, month, happened, written, events)
    return SimulatedLake(
        folder=folder,
        events=written,
        months=[month.name for month in span],
        songs=len(catalogue.songs),
        users=int(heard[:-1].sum()),
        files=output.files,
        bytes_written=output.bytes_written,
    )


class _Output:
    """Writes files whole or not at all, and counts them."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder = os.fspath(folder)
        self.progress = progress
        self.files = 0
        self.bytes_written = 0
        self._made: set[str] = set()
        # The folders are there even if nothing goes into them: they mark a lake.
        for name in ("log_data", "song_data"):
            os.makedirs(os.path.join(self._folder, name))

    def write(self, path: Path, content: bytes) -> None:
        """Write a file at a path in the lake: to a temporary name first, which readers do not take for a lake's."""
        parent = os.path.join(self._folder, path.parent)
        temporary = os.path.join(parent, f".{path.name}.tmp")
        if parent not in self._made:
            os.makedirs(parent, exist_ok=True)
            self._made.add(parent)
        try:
            with open(temporary, "wb") as file:
                file.write(content)
            os.replace(temporary, os.path.join(parent, path.name))
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        self.files += 1
        self.bytes_written += len(content)


def _report_nothing(what: str, done: int, total: int) -> None:
    pass


def _check_at_least(name: str, value: int, least: int) -> None:
    if not isinstance(value, int) or value < least:
        raise ValueError(f"{name}: {value!r} is not a whole number of {least} or more")


def _check_no_lake(folder: Path) -> None:
    for name in ("log_data", "song_data"):
        if (folder / name).exists():
            raise FileExistsError(f"{folder} already holds a lake: {name} is there")


def _share_events(events: int, months: list[Month], listeners: Listeners) -> list[int]:
    """Share the events among the months by the days and active listeners of each, to the exact sum."""
    if not events:
        return [0] * len(months)
    active = np.array([listeners.active(month).size for month in months])
    most = int(active.sum()) * MAX_EVENTS_A_MONTH
    if events > most:
        raise ValueError(
            f"users: {listeners.count} listeners can not make {events} events in {len(months)} months (at most {most})"
        )
    weights = np.cumsum(active * np.array([month.days for month in months]))
    return np.diff(np.rint(weights / weights[-1] * events).astype(np.int64), prepend=0).tolist()


def _write_songs(output: _Output, catalogue: Catalogue) -> None:
    total = len(catalogue.songs)
    for done, song in enumerate(catalogue.songs, start=1):
        track = song.track_id
        output.write(Path("song_data", track[2], track[3], track[4], f"{track}.json"), song_json(song))
        if done % _SONGS_BETWEEN_REPORTS == 0 or done == total:
            output.progress("songs", done, total)


def _write_month(output: _Output, text: EventWriter, month: Month, events: Events, before: int, total: int) -> int:
    """Write a file for each day that has events; returns the number of events that are now written in all."""
    edges = np.searchsorted(events.ts, month.start_ms + np.arange(month.days + 1) * DAY_MS).tolist()
    year, number = month.name.split("-")
    for day, (start, end) in enumerate(pairwise(edges)):
        if start < end:
            name = f"{month.day_name(day)}-events.json"
            output.write(Path("log_data", year, number, name), text.lines(events.take(slice(start, end))))
            output.progress("events", before + end, total)
    return before + events.count
