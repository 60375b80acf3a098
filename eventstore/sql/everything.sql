-- The whole log after a position, as far as this statement's snapshot sees it (holes and all).
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE position > %(after)s::bigint AND position <= %(upto)s::bigint
ORDER BY position
LIMIT %(limit)s::bigint
