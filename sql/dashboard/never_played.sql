-- Songs by the decade of their release, NULL where unknown: all, and those that nobody has played.
WITH decades AS (
    SELECT
        n.song_id AS never_played,
        s.year - MOD(s.year, 10) AS decade
    FROM songs AS s
    LEFT JOIN songs_never_played AS n ON s.song_id = n.song_id
)

SELECT
    decade,
    COUNT(*) AS songs,
    COUNT(never_played) AS never_played
FROM decades
GROUP BY decade
ORDER BY decade;
