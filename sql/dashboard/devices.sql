SELECT
    log_month,
    level,
    device,
    browser,
    plays
FROM plays_by_device
WHERE log_month BETWEEN :first_month AND :last_month
ORDER BY log_month, level, device, browser;
