-- Plays by log month, of :first_month to :last_month, and those of them whose song the catalogue knows.
SELECT
    p.log_month,
    COUNT(*) AS plays,
    COUNT(p.song_id) AS known
FROM songplays AS p
WHERE p.log_month BETWEEN :first_month AND :last_month
GROUP BY p.log_month
ORDER BY p.log_month;
