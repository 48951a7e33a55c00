-- The newest songs that nobody has played; those of an unknown year come last.
SELECT
    title,
    artist_name,
    year
FROM songs_never_played
ORDER BY COALESCE(year, 0) DESC, title ASC, song_id ASC
LIMIT 10;
