-- Sets a fact aside for one projector or policy.
INSERT INTO eventstore_parked (projector, position, stream, error, tries, parked_at)
VALUES (
    %(name)s::text, %(position)s::bigint, %(stream)s::text, %(error)s::text, %(tries)s::int, clock_timestamp()
)
ON CONFLICT (projector, position) DO NOTHING
