-- The name of the command that a stream began with.
SELECT command.name
FROM eventstore_event AS event
JOIN eventstore_command AS command ON command.id = event.command_id
WHERE event.stream = %s AND event.version = 1
