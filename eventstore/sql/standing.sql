-- A subscriber's position, what it follows of what is left before it (events, and seconds since the first of
-- them), its state, and how much it has parked.
WITH checkpoint AS MATERIALIZED (
    SELECT coalesce(max(position), 0) AS position, coalesce(max(status), 'new') AS status,
        coalesce(max(last_error), '') AS last_error
    FROM eventstore_checkpoint
    WHERE name = %(name)s::text
), lag AS (
    SELECT count(*) AS events, min(event.position) AS next
    FROM eventstore_event AS event, checkpoint
    WHERE event.type = ANY(%(types)s::text[]) AND event.position > checkpoint.position
)
SELECT
    checkpoint.position,
    lag.events,
    coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT recorded_at FROM eventstore_event WHERE position = lag.next
    )), 0)::float,
    checkpoint.status,
    (SELECT count(*) FROM eventstore_parked WHERE projector = %(name)s::text),
    checkpoint.last_error
FROM checkpoint, lag
