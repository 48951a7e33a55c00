-- Which songs are played most?
-- Songs that the catalogue does not know are in none of these: known_song_share tells how many plays that are.
SELECT
    s.title,
    a.name AS artist,
    SUM(p.plays) AS plays
FROM plays_by_song AS p
INNER JOIN songs AS s ON p.song_id = s.song_id
LEFT JOIN artists AS a ON p.artist_id = a.artist_id
GROUP BY s.song_id, s.title, a.name
ORDER BY SUM(p.plays) DESC, s.title ASC NULLS LAST, s.song_id ASC
LIMIT 20;
