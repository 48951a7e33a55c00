SELECT song_id, title, artist_id, nullif(year, 0) AS year, duration
FROM {{ source('lake', 'staging_songs') }}
WHERE song_id IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY song_id
    ORDER BY coalesce(year, 0) DESC, duration DESC NULLS LAST, title NULLS LAST
) = 1
