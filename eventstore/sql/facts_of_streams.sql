-- The facts of some streams, in the order of the log.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE stream = ANY(%(streams)s::text[])
ORDER BY position
LIMIT %(limit)s
