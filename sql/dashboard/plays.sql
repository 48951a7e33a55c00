SELECT
    log_month,
    level,
    plays,
    known_plays
FROM plays_by_month
WHERE log_month BETWEEN :first_month AND :last_month
ORDER BY log_month, level;
