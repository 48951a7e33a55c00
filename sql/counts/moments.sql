-- The first and the last moment of the plays of the log months :first_month to :last_month.
SELECT
    MIN(p.start_time) AS first_moment,
    MAX(p.start_time) AS last_moment
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month;
