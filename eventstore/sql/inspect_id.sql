-- What an id is of: a command, a correlation, the longest of these streams, an actor.
(SELECT 'command', id::text FROM eventstore_command WHERE id = %(id)s::uuid)
UNION ALL
(SELECT 'correlation', correlation_id::text FROM eventstore_command WHERE correlation_id = %(id)s::uuid LIMIT 1)
UNION ALL
(
    SELECT 'stream', last.stream
    FROM unnest(%(streams)s::text[]) AS wanted (stream)
    CROSS JOIN LATERAL (
        SELECT stream, version FROM eventstore_event
        WHERE stream = wanted.stream
        ORDER BY version DESC
        LIMIT 1
    ) AS last
    ORDER BY last.version DESC
    LIMIT 1
)
UNION ALL
(SELECT 'actor', actor_id::text FROM eventstore_command WHERE actor_id = %(id)s::uuid LIMIT 1)
LIMIT 1
