-- Whether the listeners who came, month by month, are those of user_levels, and as many have a level at the end.
SELECT
    t.came,
    t.have_a_level,
    l.listeners
FROM (
    SELECT
        COALESCE(SUM(s.new_free + s.new_paid), 0) AS came,
        COALESCE(MAX(CASE WHEN s.place = 1 THEN s.free_listeners + s.paid_listeners END), 0) AS have_a_level
    FROM (
        SELECT
            m.new_free,
            m.new_paid,
            m.free_listeners,
            m.paid_listeners,
            ROW_NUMBER() OVER (ORDER BY m.month_start DESC NULLS LAST) AS place
        FROM subscriptions AS m
    ) AS s
) AS t
CROSS JOIN (
    SELECT COUNT(DISTINCT u.user_id) AS listeners
    FROM user_levels AS u
    WHERE u.level IN ('free', 'paid')
) AS l
WHERE
    (t.came <> l.listeners OR t.have_a_level <> l.listeners)
    AND NOT EXISTS (
        SELECT 1
        FROM table_builds AS f
        LEFT JOIN table_builds AS b ON b.table_name = 'subscriptions'
        WHERE f.table_name = 'user_levels' AND (b.build_number IS NULL OR b.build_number < f.build_number)
    )
