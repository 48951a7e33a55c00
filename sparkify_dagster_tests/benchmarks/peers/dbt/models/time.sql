WITH moments AS (
    SELECT DISTINCT start_time FROM {{ ref('songplays') }}
)

SELECT
    start_time,
    extract(hour FROM start_time) AS hour,
    extract(day FROM start_time) AS day,
    extract(week FROM start_time) AS week,
    extract(month FROM start_time) AS month,
    extract(year FROM start_time) AS year,
    extract(dow FROM start_time) AS weekday
FROM moments
