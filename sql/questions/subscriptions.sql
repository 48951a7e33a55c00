-- How many listeners are free and paid, and how many change?
-- Conversion: of those who were free when the month began, the share that went to paid. Churn: of those who were paid,
-- the share that went to free.
SELECT
    s.month_start,
    s.free_listeners,
    s.paid_listeners,
    s.upgrades,
    s.downgrades,
    s.new_free + s.new_paid AS new_listeners,
    CAST(s.upgrades AS DOUBLE PRECISION)
    / NULLIF(LAG(s.free_listeners) OVER (ORDER BY s.month_start ASC NULLS LAST), 0) AS conversion_rate,
    CAST(s.downgrades AS DOUBLE PRECISION)
    / NULLIF(LAG(s.paid_listeners) OVER (ORDER BY s.month_start ASC NULLS LAST), 0) AS churn_rate
FROM subscriptions AS s
ORDER BY s.month_start;
