"""Small lakes that tests write: records, log files, song files.

What belongs here: writing a lake's files with as little to say as possible. What doesn't: what becomes of them.
"""

import itertools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_clock = itertools.count(1)

EVENT: dict[str, Any] = {
    "artist": None,
    "auth": "Logged In",
    "firstName": "Ada",
    "gender": "F",
    "itemInSession": 0,
    "lastName": "Byron",
    "length": None,
    "level": "free",
    "location": "London",
    "method": "GET",
    "page": "Home",
    "registration": 1540919166796.0,
    "sessionId": 1,
    "song": None,
    "status": 200,
    "ts": 1541105830796,
    "userAgent": '"Mozilla/5.0"',
    "userId": "39",
}
"""An event of 1 November 2018."""

SONG: dict[str, Any] = {
    "num_songs": 1,
    "artist_id": "AR1",
    "artist_latitude": None,
    "artist_longitude": None,
    "artist_location": "",
    "artist_name": "Des'ree",
    "song_id": "SO1",
    "title": "You Gotta Be",
    "duration": 246.30812,
    "year": 0,
}
"""A song."""

MILLISECONDS_A_DAY = 86_400_000


def event(**fields: Any) -> dict[str, Any]:
    """An event that differs from EVENT in some fields."""
    return {**EVENT, **fields}


def play(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A play of SONG, the number-th of its session, a minute after the one before."""
    heard = {"page": "NextSong", "method": "PUT", "artist": "Des'ree", "song": "You Gotta Be", "length": 246.30812}
    return event(**heard, itemInSession=number, **{"ts": EVENT["ts"] + number * 60_000, **fields})


def write_log(lake: Path, day: str, records: Sequence[dict[str, Any]]) -> Path:
    """Writes the log file of a day ("2018-11-01"), over a former one."""
    path = lake / "log_data" / day[:4] / day[5:7] / f"{day}-events.json"
    return write(path, "".join(f"{json.dumps(record)}\n" for record in records).encode())


def write_song(lake: Path, name: str, record: dict[str, Any]) -> Path:
    """Writes a song file, over a former one."""
    return write(lake / "song_data" / "A" / "B" / "C" / f"{name}.json", json.dumps(record).encode())


def write(path: Path, content: bytes) -> Path:
    """Writes a file of a lake; each time with another modification time, as clocks have it when tests don't hurry."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = 1_600_000_000 + next(_clock)
    os.utime(path, (moment, moment))
    return path
