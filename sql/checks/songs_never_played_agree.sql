-- Whether the songs never played and the songs played are all songs of the catalogue, each once.
SELECT
    c.never_played,
    c.played,
    c.songs
FROM (
    SELECT
        (SELECT COUNT(n.song_id) FROM songs_never_played AS n) AS never_played,
        (SELECT COUNT(DISTINCT p.song_id) FROM plays_by_song AS p) AS played,
        (SELECT COUNT(s.song_id) FROM songs AS s) AS songs
) AS c
WHERE
    c.never_played + c.played <> c.songs
    AND NOT EXISTS (
        SELECT 1
        FROM table_builds AS f
        LEFT JOIN table_builds AS b ON b.table_name = 'songs_never_played'
        WHERE
            f.table_name IN ('songs', 'plays_by_song', 'artists')
            AND (b.build_number IS NULL OR b.build_number < f.build_number)
    )
