-- Stretches of a user's history that overlap, leave a gap, repeat the level before, or are current without being last.
SELECT
    v.user_id,
    v.level,
    v.valid_from,
    v.valid_to,
    v.is_current,
    v.next_from
FROM (
    SELECT
        l.user_id,
        l.level,
        l.valid_from,
        l.valid_to,
        l.is_current,
        LEAD(l.valid_from) OVER (
            PARTITION BY l.user_id
            ORDER BY l.valid_from ASC NULLS LAST, l.valid_to ASC NULLS LAST
        ) AS next_from
    FROM user_levels AS l
) AS v
WHERE
    v.is_current <> (v.valid_to IS NULL)
    OR (v.next_from IS NULL) <> (v.valid_to IS NULL)
    OR v.next_from <> v.valid_to
    OR v.valid_to < v.valid_from
