-- user_levels: takes in the files from :first_file_id on, which came after load :after_load_id.
-- Events without a level say nothing about it. Where all that came of a user is later than what is known, the history
-- goes on from its current stretch. All staged events are looked at only for the others: those to whom something came
-- late, and those who lost events, by replaced or pruned files.
CREATE TEMP TABLE build_came (user_id BIGINT, first_ts TIMESTAMP);
CREATE TEMP TABLE build_again (user_id BIGINT);
CREATE TEMP TABLE build_current (user_id BIGINT, level VARCHAR(16), valid_from TIMESTAMP);
CREATE TEMP TABLE build_spans (
    user_id BIGINT,
    first_level VARCHAR(16),
    last_level VARCHAR(16),
    first_ts TIMESTAMP,
    last_ts TIMESTAMP
);

INSERT INTO build_came
SELECT
    e.user_id,
    MIN(e.ts) AS first_ts
FROM staging_events AS e
WHERE e.file_id >= :first_file_id AND e.user_id IS NOT NULL AND e.level IS NOT NULL
GROUP BY e.user_id;

INSERT INTO build_again
SELECT c.user_id
FROM build_came AS c
INNER JOIN user_levels AS l ON c.user_id = l.user_id
WHERE l.is_current AND c.first_ts <= l.last_seen
UNION
SELECT CAST(k.entity_key AS BIGINT) AS user_id
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'user';

DELETE FROM user_levels
WHERE user_id IN (SELECT a.user_id FROM build_again AS a);

-- The stretches that go on: each stands for its first event.
INSERT INTO build_current
SELECT
    l.user_id,
    l.level,
    l.valid_from
FROM user_levels AS l
INNER JOIN build_came AS c ON l.user_id = c.user_id
WHERE l.is_current;

DELETE FROM user_levels
WHERE is_current AND user_id IN (SELECT c.user_id FROM build_current AS c);

-- Most users never change their level: only for those who do are the events put in order (by ts, then number in
-- session, then level).
INSERT INTO build_spans
SELECT
    s.user_id,
    MIN(s.level) AS first_level,
    MAX(s.level) AS last_level,
    MIN(s.ts) AS first_ts,
    MAX(s.ts) AS last_ts
FROM (
    SELECT
        e.user_id,
        e.level,
        e.ts
    FROM staging_events AS e
    LEFT JOIN build_again AS a ON e.user_id = a.user_id
    WHERE e.file_id >= :first_file_id AND e.user_id IS NOT NULL AND e.level IS NOT NULL AND a.user_id IS NULL
    UNION ALL
    SELECT
        e.user_id,
        e.level,
        e.ts
    FROM staging_events AS e
    INNER JOIN build_again AS a ON e.user_id = a.user_id
    WHERE e.level IS NOT NULL
    UNION ALL
    SELECT
        c.user_id,
        c.level,
        c.valid_from AS ts
    FROM build_current AS c
) AS s
GROUP BY s.user_id;

INSERT INTO user_levels (user_id, level, valid_from, valid_to, is_current, last_seen)
SELECT
    s.user_id,
    s.first_level AS level,
    s.first_ts AS valid_from,
    CAST(NULL AS TIMESTAMP) AS valid_to,
    TRUE AS is_current,
    s.last_ts AS last_seen
FROM build_spans AS s
WHERE s.first_level = s.last_level;

INSERT INTO user_levels (user_id, level, valid_from, valid_to, is_current, last_seen)
SELECT
    v.user_id,
    v.level,
    v.ts AS valid_from,
    v.next_ts AS valid_to,
    v.next_ts IS NULL AS is_current,
    COALESCE(v.next_former_ts, v.last_ts) AS last_seen
FROM (
    SELECT
        c.user_id,
        c.level,
        c.ts,
        c.last_ts,
        LEAD(c.ts) OVER (
            PARTITION BY c.user_id
            ORDER BY c.ts ASC NULLS LAST, c.item_in_session ASC NULLS FIRST, c.level ASC NULLS LAST
        ) AS next_ts,
        LEAD(c.former_ts) OVER (
            PARTITION BY c.user_id
            ORDER BY c.ts ASC NULLS LAST, c.item_in_session ASC NULLS FIRST, c.level ASC NULLS LAST
        ) AS next_former_ts
    FROM (
        SELECT
            o.user_id,
            o.level,
            o.ts,
            o.item_in_session,
            p.last_ts,
            LAG(o.level) OVER (
                PARTITION BY o.user_id
                ORDER BY o.ts ASC NULLS LAST, o.item_in_session ASC NULLS FIRST, o.level ASC NULLS LAST
            ) AS former_level,
            LAG(o.ts) OVER (
                PARTITION BY o.user_id
                ORDER BY o.ts ASC NULLS LAST, o.item_in_session ASC NULLS FIRST, o.level ASC NULLS LAST
            ) AS former_ts
        FROM (
            SELECT
                e.user_id,
                e.level,
                e.ts,
                e.item_in_session
            FROM staging_events AS e
            LEFT JOIN build_again AS a ON e.user_id = a.user_id
            WHERE e.file_id >= :first_file_id AND e.level IS NOT NULL AND a.user_id IS NULL
            UNION ALL
            SELECT
                e.user_id,
                e.level,
                e.ts,
                e.item_in_session
            FROM staging_events AS e
            INNER JOIN build_again AS a ON e.user_id = a.user_id
            WHERE e.level IS NOT NULL
            UNION ALL
            SELECT
                n.user_id,
                n.level,
                n.valid_from AS ts,
                CAST(NULL AS INTEGER) AS item_in_session
            FROM build_current AS n
        ) AS o
        INNER JOIN build_spans AS p ON o.user_id = p.user_id
        WHERE p.first_level <> p.last_level
    ) AS c
    WHERE c.former_level IS NULL OR c.former_level <> c.level
) AS v;

DROP TABLE build_came;
DROP TABLE build_again;
DROP TABLE build_current;
DROP TABLE build_spans;
