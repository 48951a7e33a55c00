"""The tables with PySpark on this machine, written as Parquet: `python with_pyspark.py LAKE FOLDER`.

What belongs here: Spark as people write it. What doesn't: a cluster.
"""

import os
import sys

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f

_EVENTS = """
    artist STRING, auth STRING, firstName STRING, gender STRING, itemInSession INT, lastName STRING, length DOUBLE,
    level STRING, location STRING, method STRING, page STRING, registration DOUBLE, sessionId BIGINT, song STRING,
    status INT, ts BIGINT, userAgent STRING, userId STRING
"""
_SONGS = """
    num_songs INT, artist_id STRING, artist_latitude DOUBLE, artist_longitude DOUBLE, artist_location STRING,
    artist_name STRING, song_id STRING, title STRING, duration DOUBLE, year INT
"""


def start() -> SparkSession:
    """A session on all cores of this machine."""
    return (
        SparkSession.builder.master("local[*]")
        .appName("sparkify")
        .config("spark.driver.memory", "4g")
        # Spark's 200 are for clusters.
        .config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )


def text(name: str) -> Column:
    """A text, NULL where it is empty."""
    return f.nullif(f.col(name), f.lit(""))


def stage_events(spark: SparkSession, lake: str) -> DataFrame:
    """The events, one row a record."""
    raw = spark.read.schema(_EVENTS).option("recursiveFileLookup", "true").json(f"{lake}/log_data")
    file = f.input_file_name()
    return raw.select(
        text("artist").alias("artist"),
        text("auth").alias("auth"),
        text("firstName").alias("first_name"),
        text("gender").alias("gender"),
        f.col("itemInSession").alias("item_in_session"),
        text("lastName").alias("last_name"),
        "length",
        text("level").alias("level"),
        text("location").alias("location"),
        text("method").alias("method"),
        "page",
        "registration",
        f.col("sessionId").alias("session_id"),
        text("song").alias("song"),
        "status",
        f.timestamp_millis("ts").alias("ts"),
        text("userAgent").alias("user_agent"),
        text("userId").cast("bigint").alias("user_id"),
        f.to_date(f.regexp_extract(file, r"log_data/(\d+/\d+)/", 1), "yyyy/MM").alias("log_month"),
    )


def stage_songs(spark: SparkSession, lake: str) -> DataFrame:
    """The songs, one row a file."""
    raw = spark.read.schema(_SONGS).option("recursiveFileLookup", "true").json(f"{lake}/song_data")
    return raw.withColumns({name: text(name) for name in ("artist_location", "artist_name", "title")})


def first_of(frame: DataFrame, keys: list[str], order: list[Column]) -> DataFrame:
    """One row for each key: the first in an order."""
    window = Window.partitionBy(*keys).orderBy(*order)
    return frame.withColumn("place", f.row_number().over(window)).where("place = 1").drop("place")


def make_songs(staged: DataFrame) -> DataFrame:
    """One row a song."""
    order = [f.coalesce("year", f.lit(0)).desc(), f.col("duration").desc_nulls_last(), f.col("title").asc_nulls_last()]
    best = first_of(staged.where("song_id IS NOT NULL"), ["song_id"], order)
    return best.select("song_id", "title", "artist_id", f.nullif(f.col("year"), f.lit(0)).alias("year"), "duration")


def make_artists(staged: DataFrame) -> DataFrame:
    """One row an artist."""
    votes = f.count("artist_name").over(Window.partitionBy("artist_id", "artist_name"))
    records = staged.where("artist_id IS NOT NULL").withColumn("votes", votes)
    order = [f.col("votes").desc(), f.col("artist_location").isNull(), f.col("song_id").asc_nulls_last()]
    best = first_of(records, ["artist_id"], order)
    parts = ("name", "location", "latitude", "longitude")
    return best.select("artist_id", *(f.col(f"artist_{part}").alias(part) for part in parts))


def make_songplays(events: DataFrame, songs: DataFrame) -> DataFrame:
    """One row a play, with the song that it is of, where the catalogue knows it."""
    key = ["user_id", "session_id", "item_in_session", "ts"]
    plays = first_of(events.where("page = 'NextSong'"), key, [f.col("log_month"), f.col("song"), f.col("artist")])
    known = songs.where("song_id IS NOT NULL").select(
        f.trim("title").alias("title"), f.trim("artist_name").alias("name"), "duration", "song_id", "artist_id"
    )
    heard = plays.select(f.trim("song").alias("title"), f.trim("artist").alias("name"), "length").distinct()
    apart = f.abs(f.col("duration") - f.col("length"))
    near = heard.join(f.broadcast(known), ["title", "name"]).withColumn("apart", apart).where("apart <= 2")
    matches = first_of(near, ["title", "name", "length"], [f.col("apart"), f.col("song_id")])
    matches = matches.select("title", "name", "length", "song_id", "artist_id")
    plays = plays.withColumns({"title": f.trim("song"), "name": f.trim("artist")})
    id_parts = ["user_id", "session_id", "item_in_session", f.unix_millis("ts")]
    played = plays.join(matches, ["title", "name", "length"], "left")
    return played.select(
        f.concat_ws(":", *(f.coalesce(f.col(p) if isinstance(p, str) else p, f.lit("")) for p in id_parts)).alias(
            "songplay_id"
        ),
        f.col("ts").alias("start_time"),
        "user_id",
        "level",
        "song_id",
        "artist_id",
        "session_id",
        "location",
        "user_agent",
        "log_month",
    )


def make_users(events: DataFrame) -> DataFrame:
    """One row a user, as of the latest event."""
    order = [f.col("ts").desc(), f.col("item_in_session").desc_nulls_last()]
    latest = first_of(events.where("user_id IS NOT NULL"), ["user_id"], order)
    return latest.select("user_id", "first_name", "last_name", "gender", "level")


def make_user_levels(events: DataFrame) -> DataFrame:
    """One row a stretch of a user's events with the same level."""
    by_user = Window.partitionBy("user_id")
    known = events.where("user_id IS NOT NULL AND level IS NOT NULL")
    former = f.lag("level").over(by_user.orderBy("ts", "item_in_session"))
    changes = known.withColumn("former", former).where("former IS NULL OR former <> level")
    valid_to = f.lead("ts").over(by_user.orderBy("ts", "item_in_session"))
    return changes.select("user_id", "level", f.col("ts").alias("valid_from"), valid_to.alias("valid_to")).withColumn(
        "is_current", f.col("valid_to").isNull()
    )


def make_time(songplays: DataFrame) -> DataFrame:
    """One row a moment, taken apart."""
    moment = f.col("start_time")
    return (
        songplays.select("start_time")
        .distinct()
        .select(
            "start_time",
            f.hour(moment).alias("hour"),
            f.dayofmonth(moment).alias("day"),
            f.weekofyear(moment).alias("week"),
            f.month(moment).alias("month"),
            f.year(moment).alias("year"),
            (f.dayofweek(moment) - 1).alias("weekday"),
        )
    )


def main(lake: str, target: str) -> None:
    """Makes the tables; what is read from a table is read from its Parquet, not made again."""
    spark = start()

    def write(name: str, frame: DataFrame) -> DataFrame:
        frame.write.parquet(f"{target}/{name}")
        return spark.read.parquet(f"{target}/{name}")

    events = write("staging_events", stage_events(spark, lake))
    songs = write("staging_songs", stage_songs(spark, lake))
    write("songs", make_songs(songs))
    write("artists", make_artists(songs))
    songplays = write("songplays", make_songplays(events, songs))
    write("users", make_users(events))
    write("user_levels", make_user_levels(events))
    write("time", make_time(songplays))
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:3])
