WITH events AS (
    SELECT
        user_id,
        level,
        ts,
        item_in_session,
        lag(level) OVER (PARTITION BY user_id ORDER BY ts, item_in_session) AS former_level
    FROM {{ source('lake', 'staging_events') }}
    WHERE user_id IS NOT NULL AND level IS NOT NULL
),

changes AS (
    SELECT
        user_id,
        level,
        ts AS valid_from,
        lead(ts) OVER (PARTITION BY user_id ORDER BY ts, item_in_session) AS valid_to
    FROM events
    WHERE former_level IS DISTINCT FROM level
)

SELECT user_id, level, valid_from, valid_to, valid_to IS NULL AS is_current FROM changes
