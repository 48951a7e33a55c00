"""The tables with dlt, into DuckDB: `python with_dlt.py LAKE FILE`.

dlt loads the records as they come; the tables are then made with SQL, the same as dbt's models.

What belongs here: dlt as people write it. What doesn't: the SQL of the star schema, which is in ``dbt/models``.
"""

import re
import sys
from pathlib import Path

import dlt
from dlt.sources.filesystem import filesystem, read_jsonl

MODELS = Path(__file__).parent / "dbt" / "models"
IN_ORDER = ("songs", "artists", "songplays", "users", "user_levels", "time")

# What would otherwise be found out from the records, and differ where a whole number is among fractions.
_EVENT_TYPES = {
    "length": "double",
    "registration": "double",
    "user_id": "text",
    "artist": "text",
    "song": "text",
}
_SONG_TYPES = {"artist_latitude": "double", "artist_longitude": "double", "duration": "double"}

_STAGING_EVENTS = """
CREATE TABLE staging_events AS
SELECT
    nullif(artist, '') AS artist, nullif(auth, '') AS auth, nullif(first_name, '') AS first_name,
    nullif(gender, '') AS gender, item_in_session, nullif(last_name, '') AS last_name, length,
    nullif(level, '') AS level, nullif(location, '') AS location, nullif(method, '') AS method, page, registration,
    session_id, nullif(song, '') AS song, status, make_timestamp_ms(ts) AS ts, nullif(user_agent, '') AS user_agent,
    CAST(nullif(user_id, '') AS BIGINT) AS user_id,
    CAST(date_trunc('month', make_timestamp_ms(ts)) AS DATE) AS log_month
FROM events
"""
_STAGING_SONGS = """
CREATE TABLE staging_songs AS
SELECT
    num_songs, artist_id, artist_latitude, artist_longitude, nullif(artist_location, '') AS artist_location,
    nullif(artist_name, '') AS artist_name, song_id, nullif(title, '') AS title, duration, year
FROM song_files
"""


def main(lake: str, target: Path) -> None:
    """Makes the tables."""
    pipeline = dlt.pipeline(
        "sparkify",
        destination=dlt.destinations.duckdb(str(target)),
        dataset_name="main",
        pipelines_dir=str(target.parent / "dlt"),
    )
    events = (filesystem(f"{lake}/log_data", file_glob="**/*.json") | read_jsonl(chunksize=10_000)).with_name("events")
    songs = (filesystem(f"{lake}/song_data", file_glob="**/*.json") | read_jsonl()).with_name("song_files")
    events.apply_hints(columns={name: {"name": name, "data_type": kind} for name, kind in _EVENT_TYPES.items()})
    songs.apply_hints(columns={name: {"name": name, "data_type": kind} for name, kind in _SONG_TYPES.items()})
    pipeline.run([events, songs], loader_file_format="parquet")
    with pipeline.sql_client() as client:
        client.execute_sql(_STAGING_EVENTS)
        client.execute_sql(_STAGING_SONGS)
        for table in IN_ORDER:
            client.execute_sql(f'CREATE TABLE "{table}" AS {_select(table)}')


def _select(table: str) -> str:
    """A model's SQL, with the names of tables in place of dbt's references."""
    text = (MODELS / f"{table}.sql").read_text(encoding="utf-8")
    return re.sub(r"\{\{ (?:ref|source)\((?:'\w+', )?'(\w+)'\) \}\}", r"\1", text)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
