-- plays_by_place: counts the plays of each place in the log months :first_month to :last_month anew.
DELETE FROM plays_by_place
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO plays_by_place (log_month, level, location, plays)
SELECT
    p.log_month,
    COALESCE(p.level, 'unknown') AS level,
    p.location,
    COUNT(*) AS plays
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month
GROUP BY 1, 2, 3;
