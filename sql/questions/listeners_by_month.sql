-- How many people listen in a month, in how many sessions?
-- The last 24 months with plays. The newest may not be over.
SELECT
    l.period_start AS first_day,
    l.listeners,
    l.sessions,
    l.plays
FROM listeners AS l
WHERE l.period = 'month' AND l.level = 'all'
ORDER BY l.period_start DESC
LIMIT 24;
