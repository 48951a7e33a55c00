-- artists: rebuilds the artists that gained or lost a song record since load :after_load_id: in the files from
-- :first_file_id on, or by replaced or pruned ones.
CREATE TEMP TABLE build_touched (artist_id VARCHAR(64));

INSERT INTO build_touched
SELECT s.artist_id
FROM staging_songs AS s
WHERE s.file_id >= :first_file_id AND s.artist_id IS NOT NULL
UNION
SELECT k.entity_key AS artist_id
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'artist';

DELETE FROM artists
WHERE artist_id IN (SELECT t.artist_id FROM build_touched AS t);

-- All from one record: the name that most of the artist's records carry, then one with a location, then the smallest
-- song_id; where all of that is equal, the contents decide.
INSERT INTO artists (artist_id, name, location, latitude, longitude)
SELECT
    r.artist_id,
    r.artist_name AS name,
    r.artist_location AS location,
    r.artist_latitude AS latitude,
    r.artist_longitude AS longitude
FROM (
    SELECT
        n.artist_id,
        n.artist_name,
        n.artist_location,
        n.artist_latitude,
        n.artist_longitude,
        ROW_NUMBER() OVER (
            PARTITION BY n.artist_id
            ORDER BY
                n.records DESC NULLS LAST,
                CASE WHEN n.artist_location IS NULL THEN 1 ELSE 0 END ASC NULLS LAST,
                n.song_id ASC NULLS LAST,
                n.artist_name ASC NULLS LAST,
                n.artist_location ASC NULLS LAST,
                n.artist_latitude ASC NULLS LAST,
                n.artist_longitude ASC NULLS LAST
        ) AS place
    FROM (
        SELECT
            s.artist_id,
            s.artist_name,
            s.artist_location,
            s.artist_latitude,
            s.artist_longitude,
            s.song_id,
            COUNT(s.artist_name) OVER (PARTITION BY s.artist_id, s.artist_name) AS records
        FROM staging_songs AS s
        INNER JOIN build_touched AS t ON s.artist_id = t.artist_id
    ) AS n
) AS r
WHERE r.place = 1;

DROP TABLE build_touched;
