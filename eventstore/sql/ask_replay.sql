-- A rebuild or a check that somebody wants done; at most one for each projector is open.
INSERT INTO eventstore_replay (
    id, projector, check_only, keep_parked, status, asked_by, reason, asked_at,
    worker, phase, position, head, events, seconds, rows, differences, error
)
VALUES (
    %s::uuid, %s::text, %s::boolean, %s::boolean, 'asked', %s::text, %s::text, clock_timestamp(),
    '', '', 0, 0, 0, 0, 0, '{}', ''
)
