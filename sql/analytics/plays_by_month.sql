-- plays_by_month: counts the plays of the log months :first_month to :last_month anew.
DELETE FROM plays_by_month
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO plays_by_month (log_month, level, plays, known_plays)
SELECT
    p.log_month,
    COALESCE(p.level, 'unknown') AS level,
    COUNT(*) AS plays,
    COUNT(p.song_id) AS known_plays
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month
GROUP BY 1, 2;
