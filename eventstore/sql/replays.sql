-- The last rebuilds and checks that were asked for, and all that are open, the latest first.
SELECT id, projector, check_only, keep_parked, status, asked_by, reason, asked_at,
    extract(epoch FROM clock_timestamp() - asked_at)::float,
    worker, coalesce(extract(epoch FROM clock_timestamp() - beat_at), 0)::float, ended_at,
    phase, position, head, events, seconds, rows, differences, error
FROM eventstore_replay
WHERE ended_at IS NULL
    OR id IN (SELECT id FROM eventstore_replay ORDER BY asked_at DESC LIMIT %s::bigint)
ORDER BY asked_at DESC
