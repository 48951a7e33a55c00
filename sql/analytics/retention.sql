-- retention: made anew from the plays by listener, which are far fewer than the plays. A play that comes late can make
-- a listener's first month an earlier one, and then all that follows is another cohort's.
DELETE FROM retention;

CREATE TEMP TABLE build_cohorts (user_id BIGINT, cohort_month DATE);

INSERT INTO build_cohorts
SELECT
    p.user_id,
    MIN(p.log_month) AS cohort_month
FROM plays_by_listener AS p
WHERE p.user_id IS NOT NULL
GROUP BY p.user_id;

INSERT INTO retention (log_month, cohort_month, cohort_size, listeners)
SELECT
    p.log_month,
    c.cohort_month,
    s.cohort_size,
    COUNT(DISTINCT p.user_id) AS listeners
FROM plays_by_listener AS p
INNER JOIN build_cohorts AS c ON p.user_id = c.user_id
INNER JOIN (
    SELECT
        b.cohort_month,
        COUNT(*) AS cohort_size
    FROM build_cohorts AS b
    GROUP BY b.cohort_month
) AS s ON c.cohort_month = s.cohort_month
GROUP BY p.log_month, c.cohort_month, s.cohort_size;

DROP TABLE build_cohorts;
