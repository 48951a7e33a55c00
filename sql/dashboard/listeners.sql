-- Periods by the day on which they begin.
SELECT
    period,
    period_start,
    level,
    listeners,
    sessions
FROM listeners
WHERE period_start BETWEEN :first_month AND :last_day
ORDER BY period, period_start, level;
