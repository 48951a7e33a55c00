SELECT user_id, first_name, last_name, gender, level
FROM {{ source('lake', 'staging_events') }}
WHERE user_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY ts DESC, item_in_session DESC NULLS LAST) = 1
