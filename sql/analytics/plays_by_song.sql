-- plays_by_song: counts the plays of each song in the log months :first_month to :last_month anew.
DELETE FROM plays_by_song
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO plays_by_song (log_month, level, song_id, artist_id, plays)
SELECT
    p.log_month,
    COALESCE(p.level, 'unknown') AS level,
    p.song_id,
    p.artist_id,
    COUNT(*) AS plays
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month
GROUP BY 1, 2, 3, 4;
