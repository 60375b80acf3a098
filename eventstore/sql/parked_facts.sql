-- What one subscriber has parked of one stream, in order.
SELECT event.position, event.stream, event.version, event.type, event.schema, event.data::text, event.command_id,
    event.recorded_at
FROM eventstore_parked AS parked
JOIN eventstore_event AS event USING (position)
WHERE parked.projector = %(projector)s::text AND parked.stream = %(stream)s::text
ORDER BY position
