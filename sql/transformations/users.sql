-- users: takes in the files from :first_file_id on, which came after load :after_load_id.
-- A user's latest event is the latest known or the latest that came, whatever the order of the files. All staged events
-- are looked at only for users who lost some, by replaced or pruned files (:events_lost says whether there are any).
CREATE TEMP TABLE build_lost (user_id BIGINT);
CREATE TEMP TABLE build_latest (user_id BIGINT, ts TIMESTAMP);
CREATE TEMP TABLE build_users (
    user_id BIGINT,
    first_name VARCHAR(1024),
    last_name VARCHAR(1024),
    gender VARCHAR(16),
    level VARCHAR(16),
    last_seen TIMESTAMP,
    last_item INTEGER
);

INSERT INTO build_lost
SELECT DISTINCT CAST(k.entity_key AS BIGINT) AS user_id
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'user';

DELETE FROM users
WHERE user_id IN (SELECT l.user_id FROM build_lost AS l);

INSERT INTO build_latest
SELECT
    s.user_id,
    MAX(s.ts) AS ts
FROM (
    SELECT
        e.user_id,
        e.ts
    FROM staging_events AS e
    WHERE e.file_id >= :first_file_id AND e.user_id IS NOT NULL
    UNION ALL
    SELECT
        e.user_id,
        e.ts
    FROM staging_events AS e
    INNER JOIN build_lost AS l ON e.user_id = l.user_id
    WHERE :events_lost
) AS s
GROUP BY s.user_id;

-- The contents decide where a user has several events of the same moment and number.
INSERT INTO build_users
SELECT
    r.user_id,
    r.first_name,
    r.last_name,
    r.gender,
    r.level,
    r.last_seen,
    r.last_item
FROM (
    SELECT
        c.user_id,
        c.first_name,
        c.last_name,
        c.gender,
        c.level,
        c.last_seen,
        c.last_item,
        ROW_NUMBER() OVER (
            PARTITION BY c.user_id
            ORDER BY
                c.last_seen DESC NULLS LAST,
                c.last_item DESC NULLS LAST,
                c.level DESC NULLS LAST,
                c.first_name DESC NULLS LAST,
                c.last_name DESC NULLS LAST,
                c.gender DESC NULLS LAST
        ) AS place
    FROM (
        SELECT
            e.user_id,
            e.first_name,
            e.last_name,
            e.gender,
            e.level,
            e.ts AS last_seen,
            e.item_in_session AS last_item
        FROM staging_events AS e
        INNER JOIN build_latest AS t ON e.user_id = t.user_id AND e.ts = t.ts
        WHERE e.file_id >= :first_file_id
        UNION ALL
        SELECT
            e.user_id,
            e.first_name,
            e.last_name,
            e.gender,
            e.level,
            e.ts AS last_seen,
            e.item_in_session AS last_item
        FROM staging_events AS e
        INNER JOIN build_lost AS l ON e.user_id = l.user_id
        INNER JOIN build_latest AS t ON e.user_id = t.user_id AND e.ts = t.ts
        WHERE :events_lost
        UNION ALL
        SELECT
            u.user_id,
            u.first_name,
            u.last_name,
            u.gender,
            u.level,
            u.last_seen,
            u.last_item
        FROM users AS u
        INNER JOIN build_latest AS t ON u.user_id = t.user_id
    ) AS c
) AS r
WHERE r.place = 1;

DELETE FROM users
WHERE user_id IN (SELECT b.user_id FROM build_users AS b);

INSERT INTO users (user_id, first_name, last_name, gender, level, last_seen, last_item)
SELECT
    b.user_id,
    b.first_name,
    b.last_name,
    b.gender,
    b.level,
    b.last_seen,
    b.last_item
FROM build_users AS b;

DROP TABLE build_lost;
DROP TABLE build_latest;
DROP TABLE build_users;
