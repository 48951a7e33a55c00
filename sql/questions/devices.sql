-- On which devices and in which browsers do people listen?
SELECT
    p.device,
    p.browser,
    SUM(p.plays) AS plays
FROM plays_by_device AS p
GROUP BY p.device, p.browser
ORDER BY SUM(p.plays) DESC, p.device ASC, p.browser ASC;
