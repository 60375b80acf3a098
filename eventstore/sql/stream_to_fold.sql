-- What folding needs of one stream's facts after a version.
SELECT version, position, command_id, type, schema, data::text
FROM eventstore_event
WHERE stream = %s AND version > %s::bigint
ORDER BY version
LIMIT %s::bigint
