-- songs_never_played: made anew from the catalogue and the plays by song, which are far fewer than the plays.
DELETE FROM songs_never_played;

INSERT INTO songs_never_played (song_id, title, artist_name, year)
SELECT
    s.song_id,
    s.title,
    a.name AS artist_name,
    s.year
FROM songs AS s
LEFT JOIN artists AS a ON s.artist_id = a.artist_id
WHERE
    NOT EXISTS (
        SELECT 1
        FROM plays_by_song AS p
        WHERE p.song_id = s.song_id
    );
