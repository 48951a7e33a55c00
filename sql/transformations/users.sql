-- users: rebuilds the users that gained or lost an event since load :after_load_id.
CREATE TEMP TABLE build_touched (user_id BIGINT);
CREATE TEMP TABLE build_latest (user_id BIGINT, ts TIMESTAMP);

INSERT INTO build_touched
SELECT e.user_id
FROM staging_events AS e
INNER JOIN load_files AS f ON e.file_id = f.file_id
WHERE f.load_id > :after_load_id AND e.user_id IS NOT NULL
UNION
SELECT CAST(k.entity_key AS BIGINT) AS user_id
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'user';

DELETE FROM users
WHERE user_id IN (SELECT t.user_id FROM build_touched AS t);

INSERT INTO build_latest
SELECT
    e.user_id,
    MAX(e.ts) AS ts
FROM staging_events AS e
INNER JOIN build_touched AS t ON e.user_id = t.user_id
GROUP BY e.user_id;

-- The contents decide where a user has several events of the same moment and number.
INSERT INTO users (user_id, first_name, last_name, gender, level)
SELECT
    r.user_id,
    r.first_name,
    r.last_name,
    r.gender,
    r.level
FROM (
    SELECT
        e.user_id,
        e.first_name,
        e.last_name,
        e.gender,
        e.level,
        ROW_NUMBER() OVER (
            PARTITION BY e.user_id
            ORDER BY
                e.item_in_session DESC NULLS LAST,
                e.level DESC NULLS LAST,
                e.first_name DESC NULLS LAST,
                e.last_name DESC NULLS LAST,
                e.gender DESC NULLS LAST
        ) AS place
    FROM staging_events AS e
    INNER JOIN build_latest AS l ON e.user_id = l.user_id AND e.ts = l.ts
) AS r
WHERE r.place = 1;

DROP TABLE build_touched;
DROP TABLE build_latest;
