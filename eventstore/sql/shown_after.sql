-- The facts after a position that every running projector has passed, and so is settled.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE position > %(after)s
  AND position <= (
      SELECT coalesce(min(checkpoint.position), 0)
      FROM eventstore_checkpoint AS checkpoint
      WHERE checkpoint.name = ANY (%(names)s::text[]) AND checkpoint.status = 'running'
  )
ORDER BY position
LIMIT %(limit)s
