-- plays_by_listener: counts the plays of each listener in the log months :first_month to :last_month anew.
DELETE FROM plays_by_listener
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO plays_by_listener (log_month, level, user_id, plays)
SELECT
    p.log_month,
    COALESCE(p.level, 'unknown') AS level,
    p.user_id,
    COUNT(*) AS plays
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month
GROUP BY 1, 2, 3;
