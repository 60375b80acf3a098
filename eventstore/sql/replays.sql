-- The last rebuilds and checks that were asked for, and all that are open, the latest first. A word from the future
-- was said before the clock was put back: it counts as just as old.
SELECT id, projector, check_only, keep_parked, status, asked_by, reason, asked_at,
    greatest(extract(epoch FROM clock_timestamp() - asked_at), 0)::float,
    worker, coalesce(abs(extract(epoch FROM clock_timestamp() - beat_at)), 0)::float, ended_at,
    phase, position, head, events, seconds, rows, differences, error
FROM eventstore_replay
WHERE ended_at IS NULL
    OR id IN (SELECT id FROM eventstore_replay ORDER BY asked_at DESC LIMIT %s::bigint)
ORDER BY asked_at DESC
