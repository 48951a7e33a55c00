-- Tables of the star schema that have not taken in all loads yet, by log month (NULL for tables without months).
SELECT DISTINCT
    CAST('songplays' AS VARCHAR(64)) AS table_name,
    f.log_month
FROM load_files AS f
LEFT JOIN table_builds AS b ON f.log_month = b.log_month AND b.table_name = 'songplays'
WHERE
    f.status = 'loaded'
    AND f.table_name = 'staging_events'
    AND (
        b.load_id IS NULL
        OR f.load_id > b.load_id
        OR f.removed_by > b.load_id
        OR b.load_id < (SELECT MAX(s.load_id) FROM loads AS s WHERE s.table_name = 'staging_songs')
    )
UNION
SELECT
    CAST('time' AS VARCHAR(64)) AS table_name,
    p.log_month
FROM table_builds AS p
LEFT JOIN table_builds AS b ON p.log_month = b.log_month AND b.table_name = 'time'
WHERE p.table_name = 'songplays' AND (b.load_id IS NULL OR p.load_id > b.load_id)
UNION
SELECT
    n.table_name,
    CAST(NULL AS DATE) AS log_month
FROM (
    SELECT
        CAST('users' AS VARCHAR(64)) AS table_name,
        CAST('staging_events' AS VARCHAR(64)) AS source
    UNION ALL
    SELECT
        CAST('user_levels' AS VARCHAR(64)) AS table_name,
        CAST('staging_events' AS VARCHAR(64)) AS source
    UNION ALL
    SELECT
        CAST('songs' AS VARCHAR(64)) AS table_name,
        CAST('staging_songs' AS VARCHAR(64)) AS source
    UNION ALL
    SELECT
        CAST('artists' AS VARCHAR(64)) AS table_name,
        CAST('staging_songs' AS VARCHAR(64)) AS source
) AS n
INNER JOIN loads AS l ON n.source = l.table_name
LEFT JOIN table_builds AS b ON n.table_name = b.table_name
WHERE b.load_id IS NULL OR l.load_id > b.load_id;
