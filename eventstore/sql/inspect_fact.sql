-- One fact with its data, and the positions before and after it in its stream.
SELECT
    fact.position, fact.recorded_at, fact.type, fact.stream, fact.version, command.actor_id, fact.command_id,
    command.name, command.correlation_id, fact.schema, fact.data::text,
    (SELECT position FROM eventstore_event WHERE stream = fact.stream AND version = fact.version - 1),
    (SELECT position FROM eventstore_event WHERE stream = fact.stream AND version = fact.version + 1)
FROM eventstore_event AS fact
LEFT JOIN eventstore_command AS command ON command.id = fact.command_id
WHERE fact.position = %s::bigint
