-- How many people listen on a day, in how many sessions?
-- The last 31 days with plays.
SELECT
    l.period_start AS first_day,
    l.listeners,
    l.sessions,
    l.plays
FROM listeners AS l
WHERE l.period = 'day' AND l.level = 'all'
ORDER BY l.period_start DESC
LIMIT 31;
