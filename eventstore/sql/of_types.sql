-- The facts of some types after a position and up to the settled one.
SELECT position, stream, version, type, schema, data::text, command_id, recorded_at
FROM eventstore_event
WHERE type = ANY(%(types)s::text[]) AND position > %(after)s::bigint AND position <= %(upto)s::bigint
ORDER BY position
LIMIT %(limit)s::bigint
