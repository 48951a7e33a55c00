WITH records AS (
    SELECT *, count(artist_name) OVER (PARTITION BY artist_id, artist_name) AS votes
    FROM {{ source('lake', 'staging_songs') }}
    WHERE artist_id IS NOT NULL
)

SELECT
    artist_id,
    artist_name AS name,
    artist_location AS location,
    artist_latitude AS latitude,
    artist_longitude AS longitude
FROM records
QUALIFY row_number() OVER (
    PARTITION BY artist_id ORDER BY votes DESC, artist_location IS NULL, song_id NULLS LAST
) = 1
