SELECT
    log_month,
    level,
    minutes_from,
    sessions,
    plays,
    seconds
FROM session_lengths
WHERE log_month BETWEEN :first_month AND :last_month
ORDER BY log_month, level, minutes_from;
