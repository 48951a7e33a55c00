-- user_levels: rebuilds the history of the users that gained or lost an event since load :after_load_id.
-- Events without a level say nothing about it. Most users never change theirs: only for those who do are the events
-- put in order (by ts, then number in session, then level).
CREATE TEMP TABLE build_touched (user_id BIGINT);
CREATE TEMP TABLE build_spans (user_id BIGINT, first_level VARCHAR(16), last_level VARCHAR(16), first_ts TIMESTAMP);

INSERT INTO build_touched
SELECT e.user_id
FROM staging_events AS e
INNER JOIN load_files AS f ON e.file_id = f.file_id
WHERE f.load_id > :after_load_id AND e.user_id IS NOT NULL
UNION
SELECT CAST(k.entity_key AS BIGINT) AS user_id
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'user';

DELETE FROM user_levels
WHERE user_id IN (SELECT t.user_id FROM build_touched AS t);

INSERT INTO build_spans
SELECT
    e.user_id,
    MIN(e.level) AS first_level,
    MAX(e.level) AS last_level,
    MIN(e.ts) AS first_ts
FROM staging_events AS e
INNER JOIN build_touched AS t ON e.user_id = t.user_id
WHERE e.level IS NOT NULL
GROUP BY e.user_id;

INSERT INTO user_levels (user_id, level, valid_from, valid_to, is_current)
SELECT
    s.user_id,
    s.first_level AS level,
    s.first_ts AS valid_from,
    CAST(NULL AS TIMESTAMP) AS valid_to,
    TRUE AS is_current
FROM build_spans AS s
WHERE s.first_level = s.last_level;

INSERT INTO user_levels (user_id, level, valid_from, valid_to, is_current)
SELECT
    v.user_id,
    v.level,
    v.ts AS valid_from,
    v.next_ts AS valid_to,
    v.next_ts IS NULL AS is_current
FROM (
    SELECT
        c.user_id,
        c.level,
        c.ts,
        LEAD(c.ts) OVER (
            PARTITION BY c.user_id
            ORDER BY c.ts ASC NULLS LAST, c.item_in_session ASC NULLS FIRST, c.level ASC NULLS LAST
        ) AS next_ts
    FROM (
        SELECT
            e.user_id,
            e.level,
            e.ts,
            e.item_in_session,
            LAG(e.level) OVER (
                PARTITION BY e.user_id
                ORDER BY e.ts ASC NULLS LAST, e.item_in_session ASC NULLS FIRST, e.level ASC NULLS LAST
            ) AS former_level
        FROM staging_events AS e
        INNER JOIN build_spans AS s ON e.user_id = s.user_id
        WHERE e.level IS NOT NULL AND s.first_level <> s.last_level
    ) AS c
    WHERE c.former_level IS NULL OR c.former_level <> c.level
) AS v;

DROP TABLE build_touched;
DROP TABLE build_spans;
