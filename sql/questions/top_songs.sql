-- Which songs of the catalogue are played most?
SELECT
    s.title,
    a.name AS artist,
    COUNT(*) AS plays,
    COUNT(DISTINCT p.user_id) AS listeners
FROM songplays AS p
INNER JOIN songs AS s ON p.song_id = s.song_id
LEFT JOIN artists AS a ON p.artist_id = a.artist_id
GROUP BY s.song_id, s.title, a.name
ORDER BY COUNT(*) DESC, s.title ASC
LIMIT 10;
