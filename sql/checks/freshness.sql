-- The newest event, and whether it is at most two days old.
SELECT
    MAX(e.ts) AS newest_event,
    COALESCE(MAX(e.ts) >= DATEADD(day, -2, CAST(:now AS TIMESTAMP)), FALSE) AS passed
FROM staging_events AS e
