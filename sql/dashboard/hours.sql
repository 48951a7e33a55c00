SELECT
    log_month,
    level,
    weekday,
    hour,
    plays
FROM plays_by_hour
WHERE log_month BETWEEN :first_month AND :last_month
ORDER BY log_month, level, weekday, hour;
