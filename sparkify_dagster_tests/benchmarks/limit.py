"""The limit: the tables of the contract from a clean lake, as fast as plain hand-written DuckDB gives them.

`python limit.py LAKE FILE` writes them into a new DuckDB file. There is no orchestration, no ledger, no validation, no
check, no second run: what the platform takes longer than this is what those cost.

What belongs here: SQL that reads a lake without faults, and nothing else. What doesn't: anything of the platform, which
is not imported.
"""

import os
import sys
from pathlib import Path

import duckdb

_CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {"preserve_insertion_order": "false"}

_WHITE_SPACE = "".join(chr(code) for code in range(0x10000) if chr(code).isspace())
"""What the contract calls white space; DuckDB's `trim` takes blanks alone by itself."""

_STAGING_EVENTS = """
CREATE TABLE staging_events AS
SELECT
    nullif(artist, '') AS artist,
    nullif(auth, '') AS auth,
    nullif(firstName, '') AS first_name,
    nullif(gender, '') AS gender,
    itemInSession AS item_in_session,
    nullif(lastName, '') AS last_name,
    length,
    nullif(level, '') AS level,
    nullif(location, '') AS location,
    nullif(method, '') AS method,
    page,
    registration,
    sessionId AS session_id,
    nullif(song, '') AS song,
    status,
    make_timestamp_ms(ts) AS ts,
    nullif(userAgent, '') AS user_agent,
    CAST(nullif(userId, '') AS BIGINT) AS user_id,
    make_date(CAST(split_part(filename, '/', -3) AS INTEGER), CAST(split_part(filename, '/', -2) AS INTEGER), 1)
        AS log_month
FROM read_json(
    $files,
    format = 'newline_delimited',
    compression = 'none',
    hive_partitioning = false,
    filename = true,
    columns = {
        artist: 'VARCHAR', auth: 'VARCHAR', firstName: 'VARCHAR', gender: 'VARCHAR', itemInSession: 'INTEGER',
        lastName: 'VARCHAR', length: 'DOUBLE', level: 'VARCHAR', location: 'VARCHAR', method: 'VARCHAR',
        page: 'VARCHAR', registration: 'DOUBLE', sessionId: 'BIGINT', song: 'VARCHAR', status: 'INTEGER',
        ts: 'BIGINT', userAgent: 'VARCHAR', userId: 'VARCHAR'
    }
)
"""

_STAGING_SONGS = """
CREATE TABLE staging_songs AS
SELECT
    num_songs,
    nullif(artist_id, '') AS artist_id,
    artist_latitude,
    artist_longitude,
    nullif(artist_location, '') AS artist_location,
    nullif(artist_name, '') AS artist_name,
    nullif(song_id, '') AS song_id,
    nullif(title, '') AS title,
    duration,
    year
FROM read_json(
    $files,
    format = 'newline_delimited',
    columns = {
        num_songs: 'INTEGER', artist_id: 'VARCHAR', artist_latitude: 'DOUBLE', artist_longitude: 'DOUBLE',
        artist_location: 'VARCHAR', artist_name: 'VARCHAR', song_id: 'VARCHAR', title: 'VARCHAR',
        duration: 'DOUBLE', year: 'INTEGER'
    }
)
"""

_SONGS = """
CREATE TABLE songs AS
SELECT song_id, title, artist_id, nullif(year, 0) AS year, duration
FROM staging_songs
WHERE song_id IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY song_id
    ORDER BY coalesce(year, 0) DESC, duration DESC NULLS LAST, title NULLS LAST, artist_id NULLS LAST
) = 1
"""

_ARTISTS = """
CREATE TABLE artists AS
SELECT artist_id, artist_name AS name, artist_location AS location, artist_latitude AS latitude,
    artist_longitude AS longitude
FROM (
    SELECT *, count(artist_name) OVER (PARTITION BY artist_id, artist_name) AS records
    FROM staging_songs
    WHERE artist_id IS NOT NULL
)
QUALIFY row_number() OVER (
    PARTITION BY artist_id
    ORDER BY records DESC, artist_location IS NULL, song_id NULLS LAST, artist_name NULLS LAST,
        artist_location NULLS LAST, artist_latitude NULLS LAST, artist_longitude NULLS LAST
) = 1
"""

# Plays name the same songs again and again: each is trimmed and looked up once, and plays find it by its raw texts.
_MATCHES = """
CREATE TEMP TABLE matches AS
SELECT h.song, h.artist, h.length, s.song_id, s.artist_id
FROM (
    SELECT DISTINCT song, artist, length
    FROM staging_events
    WHERE page = 'NextSong' AND song IS NOT NULL AND artist IS NOT NULL AND length IS NOT NULL
) AS h
JOIN staging_songs AS s
    ON trim(h.song, $white_space) = trim(s.title, $white_space)
    AND trim(h.artist, $white_space) = trim(s.artist_name, $white_space)
WHERE s.song_id IS NOT NULL AND abs(s.duration - h.length) <= 2
QUALIFY row_number() OVER (
    PARTITION BY h.song, h.artist, h.length
    ORDER BY abs(s.duration - h.length), s.song_id, s.artist_id NULLS LAST
) = 1
"""

# Repeats share moment and session: where no two plays do, and that is nearly always so, there is nothing to settle.
_REPEATS = """
SELECT EXISTS (SELECT 1 FROM staging_events WHERE page = 'NextSong' GROUP BY ts, session_id HAVING count(*) > 1)
"""

_PLAYS_ONCE = """
(
    SELECT *
    FROM staging_events
    WHERE page = 'NextSong'
    QUALIFY row_number() OVER (
        PARTITION BY user_id, session_id, item_in_session, ts
        ORDER BY log_month, song NULLS LAST, artist NULLS LAST, length NULLS LAST, level NULLS LAST,
            location NULLS LAST, user_agent NULLS LAST
    ) = 1
)
"""

_SONGPLAYS = """
CREATE TABLE songplays AS
SELECT
    coalesce(CAST(e.user_id AS VARCHAR), '')
    || ':' || coalesce(CAST(e.session_id AS VARCHAR), '')
    || ':' || coalesce(CAST(e.item_in_session AS VARCHAR), '')
    || ':' || epoch_ms(e.ts) AS songplay_id,
    e.ts AS start_time,
    e.user_id,
    e.level,
    m.song_id,
    m.artist_id,
    e.session_id,
    e.location,
    e.user_agent,
    e.log_month
FROM {plays} AS e
LEFT JOIN matches AS m ON e.song = m.song AND e.artist = m.artist AND e.length = m.length
WHERE e.page = 'NextSong'
"""

# Only what happened at a user's latest moment is put in order.
_USERS = """
CREATE TABLE users AS
SELECT e.user_id, e.first_name, e.last_name, e.gender, e.level
FROM staging_events AS e
JOIN (
    SELECT user_id, max(ts) AS ts FROM staging_events WHERE user_id IS NOT NULL GROUP BY user_id
) AS latest ON e.user_id = latest.user_id AND e.ts = latest.ts
QUALIFY row_number() OVER (
    PARTITION BY e.user_id
    ORDER BY e.item_in_session DESC NULLS LAST, e.level DESC NULLS LAST, e.first_name DESC NULLS LAST,
        e.last_name DESC NULLS LAST, e.gender DESC NULLS LAST
) = 1
"""

# Most users never change their level: only for those who do are the events put in order.
_LEVEL_SPANS = """
CREATE TEMP TABLE level_spans AS
SELECT user_id, min(level) AS one, max(level) AS other, min(ts) AS first_ts
FROM staging_events
WHERE user_id IS NOT NULL AND level IS NOT NULL
GROUP BY user_id
"""

_USER_LEVELS = """
CREATE TABLE user_levels AS
SELECT user_id, one AS level, first_ts AS valid_from, CAST(NULL AS TIMESTAMP) AS valid_to, true AS is_current
FROM level_spans
WHERE one = other
UNION ALL
SELECT user_id, level, ts, lead(ts) OVER events, lead(ts) OVER events IS NULL
FROM (
    SELECT user_id, level, ts, item_in_session, lag(level) OVER events AS former_level
    FROM staging_events
    WHERE level IS NOT NULL AND user_id IN (SELECT user_id FROM level_spans WHERE one <> other)
    WINDOW events AS (PARTITION BY user_id ORDER BY ts, item_in_session NULLS FIRST, level)
)
WHERE former_level IS DISTINCT FROM level
WINDOW events AS (PARTITION BY user_id ORDER BY ts, item_in_session NULLS FIRST, level)
"""

_TIME = """
CREATE TABLE time AS
SELECT
    start_time,
    CAST(extract(hour FROM start_time) AS INTEGER) AS hour,
    CAST(extract(day FROM start_time) AS INTEGER) AS day,
    CAST(extract(week FROM start_time) AS INTEGER) AS week,
    CAST(extract(month FROM start_time) AS INTEGER) AS month,
    CAST(extract(year FROM start_time) AS INTEGER) AS year,
    CAST(extract(dow FROM start_time) AS INTEGER) AS weekday
FROM (SELECT DISTINCT start_time FROM songplays)
"""


def build(lake: Path, warehouse: Path) -> None:
    """Makes the tables of a lake in a new DuckDB file."""
    with duckdb.connect(warehouse, config=_CONFIGURATION) as connection:
        connection.begin()
        connection.execute(_STAGING_EVENTS, {"files": f"{lake}/log_data/*/*/*.json"})
        _stage_songs(connection, lake, Path(f"{warehouse}.songs"))
        connection.execute(_SONGS)
        connection.execute(_ARTISTS)
        connection.execute(_MATCHES, {"white_space": _WHITE_SPACE})
        ((repeated,),) = connection.execute(_REPEATS).fetchall()
        connection.execute(_SONGPLAYS.format(plays=_PLAYS_ONCE if repeated else "staging_events"))
        connection.execute(_USERS)
        connection.execute(_LEVEL_SPANS)
        connection.execute(_USER_LEVELS)
        connection.execute(_TIME)
        connection.commit()


def _stage_songs(connection: duckdb.DuckDBPyConnection, lake: Path, joined: Path) -> None:
    """Reads the songs as one file: DuckDB takes fifty times as long for thousands of small ones."""
    with joined.open("wb") as target:
        for folder, _, names in os.walk(f"{lake}/song_data"):
            for name in names:
                with open(f"{folder}/{name}", "rb") as file:
                    target.write(file.read())
                    target.write(b"\n")
    connection.execute(_STAGING_SONGS, {"files": str(joined)})
    joined.unlink()


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
