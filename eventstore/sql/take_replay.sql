-- The oldest wish that nobody has taken, now this worker's.
UPDATE eventstore_replay
SET status = 'running', worker = %(worker)s::text, began_at = clock_timestamp(), beat_at = clock_timestamp(),
    phase = 'beginning'
WHERE id = (
    SELECT id
    FROM eventstore_replay
    WHERE status = 'asked' AND projector = ANY(%(projectors)s::text[])
    ORDER BY asked_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, projector, check_only, keep_parked
