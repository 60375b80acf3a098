-- Every type of fact with its last fact, and about which share of all facts it is, as the planner's statistics have it:
-- null for one that they have not seen, or not often.
WITH RECURSIVE known AS (
    (SELECT type FROM eventstore_event ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT type FROM eventstore_event WHERE type > known.type ORDER BY type LIMIT 1)
    FROM known
    WHERE known.type IS NOT NULL
), share AS (
    SELECT unnest(most_common_vals::text::text[]) AS type, unnest(most_common_freqs) AS part
    FROM pg_stats
    WHERE tablename = 'eventstore_event' AND attname = 'type' AND schemaname = current_schema()
)
SELECT known.type, share.part::float, last.position, last.recorded_at
FROM known
CROSS JOIN LATERAL (
    SELECT position, recorded_at FROM eventstore_event
    WHERE (type, position) < (known.type, 9223372036854775807)
    ORDER BY type DESC, position DESC
    LIMIT 1
) AS last
LEFT JOIN share USING (type)
ORDER BY known.type
