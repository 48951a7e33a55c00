-- time: takes in the plays of the log months :first_month to :last_month that came since it was last built, and gives
-- up the moments at which nothing is played any more.
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
    INNER JOIN load_files AS f ON s.file_id = f.file_id
    LEFT JOIN table_builds AS b ON f.log_month = b.log_month AND b.table_name = 'time'
    WHERE
        s.log_month BETWEEN :first_month AND :last_month
        AND (b.load_id IS NULL OR f.load_id > b.load_id)
) AS p
LEFT JOIN time AS t ON p.start_time = t.start_time
WHERE t.start_time IS NULL;
