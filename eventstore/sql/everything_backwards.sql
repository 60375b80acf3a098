-- The whole log before a position, the latest first.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE position < %(before)s::bigint
ORDER BY position DESC
LIMIT %(limit)s::bigint
