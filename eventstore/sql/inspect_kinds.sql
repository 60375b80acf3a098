-- Every type of fact in the log with the kinds of stream that its first and its last fact are in. Types and positions
-- are compared and ordered as pairs, so that no planner walks along the log to look for a rare type.
WITH RECURSIVE known AS (
    (SELECT type FROM eventstore_event ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT type FROM eventstore_event WHERE type > known.type ORDER BY type LIMIT 1)
    FROM known
    WHERE known.type IS NOT NULL
)
SELECT known.type, split_part(first.stream, '-', 1), split_part(last.stream, '-', 1)
FROM known
CROSS JOIN LATERAL (
    SELECT stream FROM eventstore_event WHERE (type, position) > (known.type, 0) ORDER BY type, position LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT stream FROM eventstore_event
    WHERE (type, position) < (known.type, 9223372036854775807)
    ORDER BY type DESC, position DESC
    LIMIT 1
) AS last
