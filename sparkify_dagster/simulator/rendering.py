"""The text of the files: events as JSON lines, songs as JSON objects, the JSONPaths list.

What belongs here: the shape of the real files, key by key. What does not: what the events and songs are.
"""

import json

import numpy as np

from sparkify_dagster.simulator import words
from sparkify_dagster.simulator.catalogue import Catalogue, Song
from sparkify_dagster.simulator.events import Events
from sparkify_dagster.simulator.listeners import Listeners
from sparkify_dagster.simulator.pages import LEVELS, LOOKS, View

EVENT_KEYS = (
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
)


def json_paths() -> bytes:
    """The JSONPaths list that Redshift's COPY reads the events with."""
    return (json.dumps({"jsonpaths": [f"$['{key}']" for key in EVENT_KEYS]}, indent=4) + "\n").encode("ascii")


def song_json(song: Song) -> bytes:
    """A song file's content."""
    record = {
        "num_songs": 1,
        "artist_id": song.artist_id,
        "artist_latitude": song.artist_latitude,
        "artist_longitude": song.artist_longitude,
        "artist_location": song.artist_location,
        "artist_name": song.artist_name,
        "song_id": song.song_id,
        "title": song.title,
        "duration": song.duration,
        "year": song.year,
    }
    return json.dumps(record).encode("ascii")


class EventWriter:
    """Writes events as lines of JSON.

    All that events of the same listener, recording, or page have in common is put into text once. A line is then
    a joint of such fragments, in the order of the keys.
    """

    def __init__(self, catalogue: Catalogue, listeners: Listeners) -> None:
        # The last entry is for nobody and for no recording: they have position -1.
        self._people = [*_people(listeners), _NOBODY_FRAGMENTS]
        self._recordings = [*_recordings(catalogue), _NO_RECORDING_FRAGMENTS]
        self._levels = [f',"level":"{level}"' for level in LEVELS]
        looks = [LOOKS[view] for view in View]
        self._pages = [f',"method":"{look.method}","page":"{look.page}"' for look in looks]
        self._statuses = [f',"status":{look.status},"ts":' for look in looks]

    def lines(self, events: Events) -> bytes:
        """The events as JSON, one a line, each line with an end."""
        view = events.view.tolist()
        rows = zip(
            map(self._recordings.__getitem__, events.recording.tolist()),
            map(self._people.__getitem__, events.person.tolist()),
            map(self._levels.__getitem__, events.level.tolist()),
            map(self._pages.__getitem__, view),
            map(self._statuses.__getitem__, view),
            events.item.tolist(),
            events.session.tolist(),
            events.ts.tolist(),
            strict=True,
        )
        text = [
            f"{artist}{who}{item}{name}{length}{level}{place}{page}{since}{session}{song}{status}{ts}{agent}"
            for (artist, length, song), (who, name, place, since, agent), level, page, status, item, session, ts in rows
        ]
        return "".join(text).encode("ascii")


_NO_RECORDING_FRAGMENTS = ('{"artist":null', "null", ',"song":null')
_NOBODY_FRAGMENTS = (
    ',"auth":"Logged Out","firstName":null,"gender":null,"itemInSession":',
    ',"lastName":null,"length":',
    ',"location":null',
    ',"registration":null,"sessionId":',
    ',"userAgent":null,"userId":""}\n',
)


def _text(value: str) -> str:
    """A JSON string as the real logs have it: ASCII only, and with escaped slashes."""
    return json.dumps(value).replace("/", "\\/")


def _recordings(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    recordings = catalogue.recordings
    return [
        (f'{{"artist":{_text(artist)}', repr(seconds), f',"song":{_text(title)}')
        for artist, title, seconds in zip(
            recordings.artists, recordings.titles, recordings.seconds.tolist(), strict=True
        )
    ]


def _people(listeners: Listeners) -> list[tuple[str, str, str, str, str]]:
    first_names = {True: [_text(n) for n in words.FEMALE_NAMES], False: [_text(n) for n in words.MALE_NAMES]}
    genders = {True: '"F"', False: '"M"'}
    last_names = [_text(name) for name in words.LAST_NAMES]
    places = [f',"location":{_text(name)}' for name, _, _ in words.LISTENER_PLACES]
    # The real logs quote the agents that have a comma, a trace of the CSV they once were.
    agents = [_text(f'"{agent}"' if "," in agent else agent) for agent, _ in words.USER_AGENTS]
    return [
        (
            f',"auth":"Logged In","firstName":{first_names[female][first]},"gender":{genders[female]},"itemInSession":',
            f',"lastName":{last_names[last]},"length":',
            places[place],
            f',"registration":{registration}.0,"sessionId":',
            f',"userAgent":{agents[agent]},"userId":"{number}"}}\n',
        )
        for number, (female, first, last, place, registration, agent) in enumerate(
            np.stack(
                [
                    listeners.female,
                    listeners.first_name,
                    listeners.last_name,
                    listeners.place,
                    listeners.registration,
                    listeners.agent,
                ],
                axis=1,
            ).tolist(),
            start=1,
        )
    ]
