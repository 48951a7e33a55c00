-- plays_by_device: counts the plays of each device and browser in the log months :first_month to :last_month anew.
-- Browsers call themselves by the names of others, for old pages' sake: each is looked for before those that it names.
-- Edge, Opera and Chrome all say Safari; Edge and Opera say Chrome; iPads and iPhones say Mac, Android says Linux.
DELETE FROM plays_by_device
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO plays_by_device (log_month, level, device, browser, plays)
SELECT
    a.log_month,
    a.level,
    CASE
        WHEN a.user_agent LIKE '%iPhone%' THEN 'iPhone'
        WHEN a.user_agent LIKE '%iPad%' THEN 'iPad'
        WHEN a.user_agent LIKE '%Android%' THEN 'Android'
        WHEN a.user_agent LIKE '%Windows%' THEN 'Windows'
        WHEN a.user_agent LIKE '%CrOS%' THEN 'Chrome OS'
        WHEN a.user_agent LIKE '%Macintosh%' THEN 'Mac'
        WHEN a.user_agent LIKE '%Linux%' OR a.user_agent LIKE '%X11%' THEN 'Linux'
        ELSE 'other'
    END AS device,
    CASE
        WHEN a.user_agent LIKE '%Edge/%' OR a.user_agent LIKE '%Edg/%' OR a.user_agent LIKE '%EdgA/%' THEN 'Edge'
        WHEN a.user_agent LIKE '%OPR/%' OR a.user_agent LIKE '%Opera%' THEN 'Opera'
        WHEN a.user_agent LIKE '%MSIE %' OR a.user_agent LIKE '%Trident/%' THEN 'Internet Explorer'
        WHEN a.user_agent LIKE '%Firefox/%' OR a.user_agent LIKE '%FxiOS/%' THEN 'Firefox'
        WHEN a.user_agent LIKE '%Chrome/%' OR a.user_agent LIKE '%CriOS/%' THEN 'Chrome'
        WHEN a.user_agent LIKE '%Safari/%' OR a.user_agent LIKE '%iPhone%' OR a.user_agent LIKE '%iPad%' THEN 'Safari'
        ELSE 'other'
    END AS browser,
    SUM(a.plays) AS plays
FROM (
    SELECT
        p.log_month,
        COALESCE(p.level, 'unknown') AS level,
        p.user_agent,
        COUNT(*) AS plays
    FROM songplays AS p
    WHERE p.log_month BETWEEN :first_month AND :last_month
    GROUP BY 1, 2, 3
) AS a
GROUP BY 1, 2, 3, 4;
