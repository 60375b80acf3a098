-- Moves locked checkpoints on, and notes what stopped one.
UPDATE eventstore_checkpoint AS checkpoint
SET position = moved.position,
    status = CASE moved.error WHEN '' THEN 'running' ELSE 'stopped' END,
    last_error = moved.error,
    moved_at = clock_timestamp()
FROM unnest(%(names)s::text[], %(positions)s::bigint[], %(errors)s::text[]) AS moved (name, position, error)
WHERE checkpoint.name = moved.name
