-- Which artists are played most?
SELECT
    a.name AS artist,
    COUNT(DISTINCT p.song_id) AS songs_played,
    SUM(p.plays) AS plays
FROM plays_by_song AS p
INNER JOIN artists AS a ON p.artist_id = a.artist_id
GROUP BY a.artist_id, a.name
ORDER BY SUM(p.plays) DESC, a.name ASC NULLS LAST, a.artist_id ASC
LIMIT 20;
