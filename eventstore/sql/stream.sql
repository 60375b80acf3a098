-- The facts of one stream after a version.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE stream = %(stream)s AND version > %(after)s::bigint
ORDER BY version
LIMIT %(limit)s::bigint
