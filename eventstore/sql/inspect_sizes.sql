-- The log's tables with their size in bytes, indexes and all, and about how many rows they have (-1: never counted).
SELECT relname::text, pg_total_relation_size(oid), reltuples::bigint
FROM pg_class
WHERE oid IN ('eventstore_event'::regclass, 'eventstore_command'::regclass, 'eventstore_claim'::regclass)
ORDER BY relname
