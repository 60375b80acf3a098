-- Subscribers' positions, what they follow of what is left before them (events, and seconds since the first of
-- them), how long they have not moved with that before them, their states, and how much they have parked.
-- A range of the index for each type, in its order: no other plan is possible, whatever is rare. What is left is
-- counted as far as `most`, and is the distance to the head beyond that. A rebuild is told by the lock that it holds.
-- What happened in the future was before the clock was put back: how long ago, nobody knows.
WITH head AS MATERIALIZED (
    SELECT coalesce(max(position), 0) AS position FROM eventstore_event
), clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now
), followed AS (
    SELECT * FROM unnest(%(followers)s::text[], %(types)s::text[]) AS followed (name, type)
)
SELECT
    subscriber.name,
    at.position,
    CASE WHEN lag.events > %(most)s::bigint THEN head.position - at.position ELSE lag.events END,
    greatest(extract(epoch FROM clock.now - next.recorded_at), 0)::float,
    coalesce(checkpoint.status, 'new'),
    (SELECT count(*) FROM eventstore_parked WHERE projector = subscriber.name),
    coalesce(checkpoint.last_error, ''),
    greatest(extract(epoch FROM clock.now - greatest(
        next.recorded_at, CASE WHEN checkpoint.moved_at <= clock.now THEN checkpoint.moved_at END
    )), 0)::float * (next.position IS NOT NULL)::int,
    EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32) + objid::bigint = hashtextextended('rebuild ' || subscriber.name, 0)
    )
FROM head, clock, unnest(%(names)s::text[]) AS subscriber (name)
LEFT JOIN eventstore_checkpoint AS checkpoint USING (name)
CROSS JOIN LATERAL (SELECT coalesce(checkpoint.position, 0) AS position) AS at
CROSS JOIN LATERAL (
    SELECT count(*) AS events
    FROM (
        SELECT
        FROM followed
        CROSS JOIN LATERAL (
            SELECT
            FROM eventstore_event
            WHERE (type, position) > (followed.type, at.position) AND type <= followed.type
            ORDER BY type, position
            LIMIT %(most)s::bigint + 1
        ) AS event
        WHERE followed.name = subscriber.name
        LIMIT %(most)s::bigint + 1
    ) AS counted
) AS lag
LEFT JOIN LATERAL (
    SELECT event.position, event.recorded_at
    FROM followed
    CROSS JOIN LATERAL (
        SELECT position, recorded_at
        FROM eventstore_event
        WHERE (type, position) > (followed.type, at.position) AND type <= followed.type
        ORDER BY type, position
        LIMIT 1
    ) AS event
    WHERE followed.name = subscriber.name
    ORDER BY event.position
    LIMIT 1
) AS next ON true
ORDER BY subscriber.name
