-- time: adds the moments of plays of the log months :first_month to :last_month that it lacks, and, if :plays_removed,
-- gives up the moments at which nothing is played any more. The plays lie between :first_moment and :last_moment:
-- no other moments are looked at.
DELETE FROM time
WHERE
    :plays_removed
    AND NOT EXISTS (SELECT 1 FROM songplays AS p WHERE p.start_time = time.start_time);

INSERT INTO time (start_time, hour, day, week, month, year, weekday)
SELECT
    p.start_time,
    CAST(EXTRACT(HOUR FROM p.start_time) AS INTEGER) AS hour,
    CAST(EXTRACT(DAY FROM p.start_time) AS INTEGER) AS day,
    CAST(EXTRACT(WEEK FROM p.start_time) AS INTEGER) AS week,
    CAST(EXTRACT(MONTH FROM p.start_time) AS INTEGER) AS month,
    CAST(EXTRACT(YEAR FROM p.start_time) AS INTEGER) AS year,
    CAST(EXTRACT(DOW FROM p.start_time) AS INTEGER) AS weekday
FROM (
    SELECT DISTINCT s.start_time
    FROM songplays AS s
    LEFT JOIN (
        SELECT k.start_time
        FROM time AS k
        WHERE k.start_time BETWEEN :first_moment AND :last_moment
    ) AS t ON s.start_time = t.start_time
    WHERE s.log_month BETWEEN :first_month AND :last_month AND t.start_time IS NULL
) AS p;
