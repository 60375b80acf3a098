-- When the command of a fact was recorded; that of the next one there is.
SELECT command.recorded_at
FROM eventstore_event AS event
JOIN eventstore_command AS command ON command.id = event.command_id
WHERE event.position >= %s::bigint
ORDER BY event.position
LIMIT 1
