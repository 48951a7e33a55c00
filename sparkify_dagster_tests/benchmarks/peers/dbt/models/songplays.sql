WITH plays AS (
    SELECT *, trim(song) AS trimmed_title, trim(artist) AS trimmed_name
    FROM {{ source('lake', 'staging_events') }}
    WHERE page = 'NextSong'
    QUALIFY row_number() OVER (
        PARTITION BY user_id, session_id, item_in_session, ts ORDER BY log_month, song, artist
    ) = 1
),

heard AS (
    SELECT DISTINCT trimmed_title, trimmed_name, length FROM plays
),

matches AS (
    SELECT h.trimmed_title, h.trimmed_name, h.length, s.song_id, s.artist_id
    FROM heard AS h
    INNER JOIN {{ source('lake', 'staging_songs') }} AS s
        ON h.trimmed_title = trim(s.title) AND h.trimmed_name = trim(s.artist_name)
    WHERE abs(s.duration - h.length) <= 2
    QUALIFY row_number() OVER (
        PARTITION BY h.trimmed_title, h.trimmed_name, h.length ORDER BY abs(s.duration - h.length), s.song_id
    ) = 1
)

SELECT
    coalesce(CAST(p.user_id AS VARCHAR), '')
    || ':' || coalesce(CAST(p.session_id AS VARCHAR), '')
    || ':' || coalesce(CAST(p.item_in_session AS VARCHAR), '')
    || ':' || epoch_ms(p.ts) AS songplay_id,
    p.ts AS start_time,
    p.user_id,
    p.level,
    m.song_id,
    m.artist_id,
    p.session_id,
    p.location,
    p.user_agent,
    p.log_month
FROM plays AS p
LEFT JOIN matches AS m
    ON p.trimmed_title = m.trimmed_title AND p.trimmed_name = m.trimmed_name AND p.length = m.length
