"""The tables with pandas, written into SQLite: `python with_pandas.py LAKE FILE`.

With `--read-json` after that, song files are read with pandas' own function, as the logs are and as tutorials do it.
That takes a few milliseconds a file, so whoever knows it reads them with `json`.

What belongs here: pandas as people write it. What doesn't: anything that has to be fast at any price.
"""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd

_EVENT_NAMES = {
    "firstName": "first_name",
    "itemInSession": "item_in_session",
    "lastName": "last_name",
    "sessionId": "session_id",
    "userAgent": "user_agent",
    "userId": "user_id",
}


def read_events(lake: Path) -> pd.DataFrame:
    """The events, one row a record."""
    files = sorted((lake / "log_data").rglob("*.json"))
    months = [f"{path.parent.parent.name}-{path.parent.name}-01" for path in files]
    frames = [
        pd.read_json(path, lines=True, dtype={"userId": str}).assign(log_month=month)
        for path, month in zip(files, months, strict=True)
    ]
    events = pd.concat(frames, ignore_index=True).rename(columns=_EVENT_NAMES)
    events["ts"] = pd.to_datetime(events["ts"], unit="ms")
    events["user_id"] = pd.to_numeric(events["user_id"].replace("", None)).astype("Int64")
    return events


def read_songs(lake: Path) -> pd.DataFrame:
    """The songs, one row a file."""
    files = (lake / "song_data").rglob("*.json")
    return pd.DataFrame([json.loads(path.read_bytes()) for path in files]).replace("", None)


def make_songs(staged: pd.DataFrame) -> pd.DataFrame:
    """One row a song: the latest year, then the longest."""
    ordered = staged.sort_values(["year", "duration", "title"], ascending=[False, False, True])
    songs = ordered.drop_duplicates("song_id")[["song_id", "title", "artist_id", "year", "duration"]]
    return songs.assign(year=songs["year"].replace(0, pd.NA))


def make_artists(staged: pd.DataFrame) -> pd.DataFrame:
    """One row an artist: the commonest name, then a record with a location, then the smallest song_id."""
    records = staged.assign(
        votes=staged.groupby(["artist_id", "artist_name"])["song_id"].transform("count"),
        unplaced=staged["artist_location"].isna(),
    )
    ordered = records.sort_values(["votes", "unplaced", "song_id"], ascending=[False, True, True])
    columns = ["artist_id", "artist_name", "artist_location", "artist_latitude", "artist_longitude"]
    return ordered.drop_duplicates("artist_id")[columns].rename(columns=lambda name: name.replace("artist_", "", 1))


def make_songplays(events: pd.DataFrame, songs: pd.DataFrame) -> pd.DataFrame:
    """One row a play, with the song that it is of, where the catalogue knows it."""
    key = ["user_id", "session_id", "item_in_session", "ts"]
    plays = events[events["page"] == "NextSong"].sort_values("log_month", kind="stable").drop_duplicates(key)
    plays = plays.assign(title=plays["song"].str.strip(), name=plays["artist"].str.strip())
    heard = plays[["title", "name", "length"]].drop_duplicates().dropna()
    known = pd.DataFrame(
        {
            "title": songs["title"].str.strip(),
            "name": songs["artist_name"].str.strip(),
            "duration": songs["duration"],
            "song_id": songs["song_id"],
            "artist_id": songs["artist_id"],
        }
    )
    matches = heard.merge(known, on=["title", "name"])
    matches["apart"] = (matches["duration"] - matches["length"]).abs()
    matches = matches[matches["apart"] <= 2].sort_values(["apart", "song_id"])
    matches = matches.drop_duplicates(["title", "name", "length"])[["title", "name", "length", "song_id", "artist_id"]]
    plays = plays.merge(matches, on=["title", "name", "length"], how="left").rename(columns={"ts": "start_time"})
    milliseconds = plays["start_time"].astype("datetime64[ms]").astype("int64")
    parts = [plays["user_id"], plays["session_id"], plays["item_in_session"], milliseconds]
    first, *others = [part.astype("string").fillna("") for part in parts]
    plays["songplay_id"] = first.str.cat(others, sep=":")
    columns = ["songplay_id", "start_time", "user_id", "level", "song_id", "artist_id", "session_id", "location"]
    return plays[[*columns, "user_agent", "log_month"]]


def make_users(events: pd.DataFrame) -> pd.DataFrame:
    """One row a user, as of the latest event."""
    known = events.dropna(subset=["user_id"]).sort_values(["ts", "item_in_session"])
    return known.drop_duplicates("user_id", keep="last")[["user_id", "first_name", "last_name", "gender", "level"]]


def make_user_levels(events: pd.DataFrame) -> pd.DataFrame:
    """One row a stretch of a user's events with the same level."""
    known = events.dropna(subset=["user_id", "level"]).sort_values(["user_id", "ts", "item_in_session"])
    known = known[["user_id", "level", "ts"]]
    changes = known[known["level"] != known.groupby("user_id")["level"].shift()]
    changes = changes.rename(columns={"ts": "valid_from"})
    changes["valid_to"] = changes.groupby("user_id")["valid_from"].shift(-1)
    changes["is_current"] = changes["valid_to"].isna()
    return changes


def make_time(songplays: pd.DataFrame) -> pd.DataFrame:
    """One row a moment, taken apart."""
    moments = songplays["start_time"].drop_duplicates()
    parts = moments.dt
    return pd.DataFrame(
        {
            "start_time": moments,
            "hour": parts.hour,
            "day": parts.day,
            "week": parts.isocalendar().week,
            "month": parts.month,
            "year": parts.year,
            "weekday": (parts.day_of_week + 1) % 7,
        }
    )


def main(lake: Path, target: Path) -> None:
    """Makes the tables."""
    events, songs = read_events(lake), read_songs(lake)
    songplays = make_songplays(events, songs)
    tables = {
        "staging_events": events.replace("", None),
        "staging_songs": songs,
        "songs": make_songs(songs),
        "artists": make_artists(songs),
        "songplays": songplays,
        "users": make_users(events),
        "user_levels": make_user_levels(events),
        "time": make_time(songplays),
    }
    with closing(sqlite3.connect(target)) as connection:
        for name, frame in tables.items():
            frame.to_sql(name, connection, index=False)
        connection.commit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
