-- How many listeners went from free to paid, and back, month by month?
SELECT
    CAST(DATE_TRUNC('month', l.valid_from) AS DATE) AS change_month,
    SUM(CASE WHEN l.level = 'paid' THEN 1 ELSE 0 END) AS upgrades,
    SUM(CASE WHEN l.level = 'free' THEN 1 ELSE 0 END) AS downgrades
FROM user_levels AS l
WHERE
    EXISTS (
        SELECT 1
        FROM user_levels AS f
        WHERE f.user_id = l.user_id AND f.valid_from < l.valid_from
    )
GROUP BY CAST(DATE_TRUNC('month', l.valid_from) AS DATE)
ORDER BY CAST(DATE_TRUNC('month', l.valid_from) AS DATE);
