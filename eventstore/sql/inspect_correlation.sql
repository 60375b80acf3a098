-- The attempts of one correlation, the first one first.
SELECT
    id, recorded_at, name, outcome, reason, stream, first_version, last_version, actor_id, address, correlation_id,
    caused_by, duration_us, retries
FROM eventstore_command
WHERE correlation_id = %(correlation)s::uuid
-- part because_of
AND caused_by = %(position)s::bigint
-- end
ORDER BY recorded_at, id
LIMIT %(limit)s::bigint
