-- How many people listen in a week, in how many sessions?
-- Weeks begin on Monday; the last 26 weeks with plays. The newest may not be over.
SELECT
    l.period_start AS first_day,
    l.listeners,
    l.sessions,
    l.plays
FROM listeners AS l
WHERE l.period = 'week' AND l.level = 'all'
ORDER BY l.period_start DESC
LIMIT 26;
