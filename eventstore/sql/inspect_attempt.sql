-- One attempt, and what the audit has kept of its command.
SELECT
    id, recorded_at, name, outcome, reason, stream, first_version, last_version, actor_id, address, correlation_id,
    caused_by, duration_us, retries, payload::text
FROM eventstore_command
WHERE id = %s
