-- Moves locked checkpoints on, and notes what stopped one. One that is paused may be moved by a rebuild.
UPDATE eventstore_checkpoint AS checkpoint
SET position = moved.position,
    status = CASE
        WHEN checkpoint.status = 'paused' THEN 'paused'
        WHEN moved.error = '' THEN 'running'
        ELSE 'stopped'
    END,
    last_error = moved.error,
    moved_at = clock_timestamp()
FROM unnest(%(names)s::text[], %(positions)s::bigint[], %(errors)s::text[]) AS moved (name, position, error)
WHERE checkpoint.name = moved.name
