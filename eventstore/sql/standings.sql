-- Each subscriber's position, what is left before it (events, and seconds since the first of them), its state.
SELECT
    subscriber.name,
    coalesce(checkpoint.position, 0),
    (SELECT count(*) FROM eventstore_event WHERE position > coalesce(checkpoint.position, 0)),
    coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT recorded_at FROM eventstore_event
        WHERE position > coalesce(checkpoint.position, 0) ORDER BY position LIMIT 1
    )), 0)::float,
    coalesce(checkpoint.status, 'new'),
    (SELECT count(*) FROM eventstore_parked WHERE projector = subscriber.name),
    coalesce(checkpoint.last_error, '')
FROM unnest(%(names)s::text[]) AS subscriber (name)
LEFT JOIN eventstore_checkpoint AS checkpoint USING (name)
ORDER BY subscriber.name
