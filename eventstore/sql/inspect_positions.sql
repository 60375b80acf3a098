-- For each time the position of the first fact that was not recorded before it; one past the last if none is.
-- Halves the log again and again, by its primary key: some thirty looks, however long the log is.
SELECT (
    WITH RECURSIVE search (low, high) AS (
        SELECT 0::bigint, (SELECT coalesce(max(position), 0) + 1 FROM eventstore_event)
        UNION ALL
        SELECT
            CASE WHEN probe.recorded_at >= wanted.time THEN search.low ELSE search.low + (search.high - search.low) / 2 END,
            CASE WHEN probe.recorded_at >= wanted.time THEN probe.position ELSE search.high END
        FROM search
        LEFT JOIN LATERAL (
            SELECT position, recorded_at FROM eventstore_event
            WHERE position > search.low AND position <= search.low + (search.high - search.low) / 2
            ORDER BY position DESC
            LIMIT 1
        ) AS probe ON true
        WHERE search.high - search.low > 1
    )
    SELECT high FROM search WHERE high - low <= 1
)
FROM unnest(%(times)s::timestamptz[]) WITH ORDINALITY AS wanted (time, nth)
ORDER BY wanted.nth
