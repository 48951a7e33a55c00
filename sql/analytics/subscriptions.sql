-- subscriptions: made anew from the history of subscriptions, which is small: a change that comes late moves the
-- numbers of all months after it.
DELETE FROM subscriptions;

CREATE TEMP TABLE build_changes (
    month_start DATE,
    free_more BIGINT,
    paid_more BIGINT,
    new_free BIGINT,
    new_paid BIGINT,
    upgrades BIGINT,
    downgrades BIGINT
);

-- Months in which something was played, so that one without changes has its row too.
INSERT INTO build_changes
SELECT DISTINCT
    m.log_month AS month_start,
    0 AS free_more,
    0 AS paid_more,
    0 AS new_free,
    0 AS new_paid,
    0 AS upgrades,
    0 AS downgrades
FROM plays_by_month AS m;

-- Stretches that begin.
INSERT INTO build_changes
SELECT
    CAST(DATE_TRUNC('month', s.valid_from) AS DATE) AS month_start,
    CASE WHEN s.level = 'free' THEN 1 ELSE 0 END AS free_more,
    CASE WHEN s.level = 'paid' THEN 1 ELSE 0 END AS paid_more,
    CASE WHEN s.level = 'free' AND s.former_level IS NULL THEN 1 ELSE 0 END AS new_free,
    CASE WHEN s.level = 'paid' AND s.former_level IS NULL THEN 1 ELSE 0 END AS new_paid,
    CASE WHEN s.level = 'paid' AND s.former_level = 'free' THEN 1 ELSE 0 END AS upgrades,
    CASE WHEN s.level = 'free' AND s.former_level = 'paid' THEN 1 ELSE 0 END AS downgrades
FROM (
    SELECT
        l.valid_from,
        l.level,
        LAG(l.level) OVER (
            PARTITION BY l.user_id
            ORDER BY l.valid_from ASC NULLS LAST, l.valid_to ASC NULLS LAST
        ) AS former_level
    FROM user_levels AS l
) AS s;

-- Stretches that end.
INSERT INTO build_changes
SELECT
    CAST(DATE_TRUNC('month', l.valid_to) AS DATE) AS month_start,
    CASE WHEN l.level = 'free' THEN -1 ELSE 0 END AS free_more,
    CASE WHEN l.level = 'paid' THEN -1 ELSE 0 END AS paid_more,
    0 AS new_free,
    0 AS new_paid,
    0 AS upgrades,
    0 AS downgrades
FROM user_levels AS l
WHERE l.valid_to IS NOT NULL;

INSERT INTO subscriptions
(month_start, free_listeners, paid_listeners, new_free, new_paid, upgrades, downgrades)
SELECT
    c.month_start,
    SUM(c.free_more) OVER (ORDER BY c.month_start ASC NULLS LAST ROWS UNBOUNDED PRECEDING) AS free_listeners,
    SUM(c.paid_more) OVER (ORDER BY c.month_start ASC NULLS LAST ROWS UNBOUNDED PRECEDING) AS paid_listeners,
    c.new_free,
    c.new_paid,
    c.upgrades,
    c.downgrades
FROM (
    SELECT
        b.month_start,
        SUM(b.free_more) AS free_more,
        SUM(b.paid_more) AS paid_more,
        SUM(b.new_free) AS new_free,
        SUM(b.new_paid) AS new_paid,
        SUM(b.upgrades) AS upgrades,
        SUM(b.downgrades) AS downgrades
    FROM build_changes AS b
    GROUP BY b.month_start
) AS c;

DROP TABLE build_changes;
