-- A command that left no fact: nothing happened, or it was refused.
INSERT INTO eventstore_command (
    id, name, stream, first_version, last_version, actor_id, correlation_id, caused_by,
    outcome, reason, payload, digest, address, duration_us, retries, recorded_at
)
VALUES (
    %(id)s::uuid, %(name)s::text, %(stream)s::text, NULL, NULL, %(actor_id)s::uuid,
    %(correlation_id)s::uuid, %(caused_by)s::bigint,
    %(outcome)s, %(reason)s, %(payload)s::jsonb, %(digest)s::bytea, %(address)s,
    %(duration_us)s::int, %(retries)s::smallint, clock_timestamp()
)
ON CONFLICT (id) DO NOTHING
RETURNING id
