-- The facts of a command, and those of the commands that policies sent because of them, and so on.
WITH RECURSIVE consequence AS (
    SELECT event.position, event.stream, event.type, command.correlation_id
    FROM eventstore_command AS command
    JOIN eventstore_event AS event
        ON event.stream = command.stream AND event.version BETWEEN command.first_version AND command.last_version
    WHERE command.id = %s
    UNION ALL
    SELECT event.position, event.stream, event.type, reaction.correlation_id
    FROM consequence
    JOIN eventstore_command AS reaction
        ON reaction.correlation_id = consequence.correlation_id AND reaction.caused_by = consequence.position
    JOIN eventstore_event AS event
        ON event.stream = reaction.stream AND event.version BETWEEN reaction.first_version AND reaction.last_version
)
SELECT position, stream, type FROM consequence
