-- Every fact with the row of its command, stream by stream, as this transaction's snapshot sees them.
SELECT
    event.position, event.stream, event.version, event.type, event.schema, event.data::text,
    event.command_id, command.name, command.outcome, command.stream,
    coalesce(event.version BETWEEN command.first_version AND command.last_version, false)
FROM eventstore_event AS event
LEFT JOIN eventstore_command AS command ON command.id = event.command_id
ORDER BY event.stream, event.version, event.position
