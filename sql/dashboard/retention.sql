-- Every cohort in every month since it came: where none of it listened, retention has no row.
WITH months AS (
    SELECT DISTINCT log_month
    FROM plays_by_month
    WHERE log_month BETWEEN :first_month AND :last_month
),

cohorts AS (
    SELECT
        cohort_month,
        MAX(cohort_size) AS cohort_size
    FROM retention
    WHERE log_month <= :last_month
    GROUP BY cohort_month
)

SELECT
    m.log_month,
    c.cohort_month,
    c.cohort_size,
    COALESCE(r.listeners, 0) AS listeners
FROM cohorts AS c
INNER JOIN months AS m ON c.cohort_month <= m.log_month
LEFT JOIN retention AS r ON c.cohort_month = r.cohort_month AND m.log_month = r.log_month
ORDER BY c.cohort_month, m.log_month;
