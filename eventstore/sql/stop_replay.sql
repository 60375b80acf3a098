-- An open replay shall end: at once if nobody has taken it, or if whoever took it has been silent for too long.
WITH asked AS (
    SELECT id, coalesce(abs(extract(epoch FROM clock_timestamp() - beat_at)) < %(silent_s)s::float, false) AS alive
    FROM eventstore_replay
    WHERE id = %(id)s::uuid AND ended_at IS NULL
    FOR UPDATE
)
UPDATE eventstore_replay AS replay
SET status = CASE WHEN alive THEN 'stopping' ELSE 'stopped' END,
    ended_at = CASE WHEN alive THEN NULL ELSE clock_timestamp() END
FROM asked
WHERE replay.id = asked.id
RETURNING replay.projector
