-- The facts at some positions, in the order of the log.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE position = ANY(%(positions)s::bigint[])
ORDER BY position
