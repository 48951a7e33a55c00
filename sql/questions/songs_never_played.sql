-- Which songs of the catalogue has nobody played?
-- The newest 50.
SELECT
    s.title,
    s.artist_name AS artist,
    s.year
FROM songs_never_played AS s
ORDER BY s.year DESC NULLS LAST, s.title ASC NULLS LAST, s.song_id ASC
LIMIT 50;
