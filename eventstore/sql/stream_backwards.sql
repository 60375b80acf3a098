-- The facts of one stream before a version, the latest first.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE stream = %(stream)s AND version < %(before)s::bigint
ORDER BY version DESC
LIMIT %(limit)s::bigint
