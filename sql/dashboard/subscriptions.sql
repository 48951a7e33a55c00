SELECT
    month_start,
    free_listeners,
    paid_listeners,
    upgrades,
    downgrades
FROM subscriptions
WHERE month_start BETWEEN :first_month AND :last_month
ORDER BY month_start;
