-- plays_by_hour: counts the plays of each weekday and hour in the log months :first_month to :last_month anew.
DELETE FROM plays_by_hour
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO plays_by_hour (log_month, level, weekday, hour, plays)
SELECT
    p.log_month,
    COALESCE(p.level, 'unknown') AS level,
    CAST(EXTRACT(DOW FROM p.start_time) AS INTEGER) AS weekday,
    CAST(EXTRACT(HOUR FROM p.start_time) AS INTEGER) AS hour,
    COUNT(*) AS plays
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month
GROUP BY 1, 2, 3, 4;
