-- Facts between two positions, the latest of them, the latest first; with DESC turned to ASC, the earliest. They
-- are read in the order of an index, by whatever narrows them most, and never with their data.
-- part lines
SELECT
    fact.position, fact.recorded_at, fact.type, fact.stream, fact.version, asked.actor_id, fact.command_id, asked.name,
    asked.correlation_id
-- end
-- part number
SELECT count(*)
-- end
FROM (
    SELECT fact.position, fact.recorded_at, fact.type, fact.stream, fact.version, fact.command_id
    -- part any_type
    FROM eventstore_event AS fact
    -- end
    -- part each_type
    FROM unnest(%(types)s::text[]) AS wanted (type)
    CROSS JOIN LATERAL (
        -- Compared and ordered as pairs, so that no planner walks along the log to look for a rare type.
        SELECT * FROM eventstore_event AS fact
        WHERE (fact.type, fact.position) > (wanted.type, greatest(%(after)s::bigint, %(newer_than)s::bigint))
            AND (fact.type, fact.position) < (wanted.type, least(%(before)s::bigint, %(older_than)s::bigint))
    -- end
    -- part kind_of_each
            AND starts_with(fact.stream, %(kind)s::text || '-')
    -- end
    -- part each_type
        ORDER BY fact.type DESC, fact.position DESC
        LIMIT %(limit)s::bigint
    ) AS fact
    -- end
    -- part by_command
    JOIN eventstore_command AS command ON command.id = fact.command_id
    -- end
    -- part of_commands
    FROM eventstore_command AS command
    JOIN eventstore_event AS fact
        ON fact.stream = command.stream AND fact.version BETWEEN command.first_version AND command.last_version
    -- end
    WHERE fact.position > %(after)s::bigint AND fact.position < %(before)s::bigint
    -- part cursor
    AND fact.position > %(newer_than)s::bigint AND fact.position < %(older_than)s::bigint
    -- end
    -- part stream
    AND fact.stream = %(stream)s::text
    AND fact.version < coalesce((
        SELECT version FROM eventstore_event WHERE position = %(older_than)s::bigint AND stream = %(stream)s::text
    ), 2147483647)
    AND fact.version > coalesce((
        SELECT version FROM eventstore_event WHERE position = %(newer_than)s::bigint AND stream = %(stream)s::text
    ), 0)
    -- end
    -- part types
    AND fact.type = ANY(%(types)s::text[])
    -- end
    -- part kind
    AND starts_with(fact.stream, %(kind)s::text || '-')
    -- end
    -- part command
    AND command.id = %(command)s::uuid
    -- end
    -- part correlation
    AND command.correlation_id = %(correlation)s::uuid
    -- end
    -- part actor
    AND command.actor_id = %(actor)s::uuid
    -- end
    -- part in_time
    -- A command is recorded within the statement that records its facts, which takes less than a minute.
    AND command.recorded_at <= coalesce((
        SELECT recorded_at FROM eventstore_event WHERE position >= %(before)s::bigint ORDER BY position LIMIT 1
    ) + interval '1 minute', 'infinity')
    AND command.recorded_at >= coalesce((
        SELECT recorded_at FROM eventstore_event WHERE position > %(after)s::bigint ORDER BY position LIMIT 1
    ) - interval '1 minute', '-infinity')
    AND command.recorded_at <= %(until)s::timestamptz AND command.recorded_at >= %(since)s::timestamptz
    AND (command.recorded_at, fact.position) < (%(until)s::timestamptz, %(older_than)s::bigint)
    AND (command.recorded_at, fact.position) > (%(since)s::timestamptz, %(newer_than)s::bigint)
    ORDER BY command.recorded_at DESC, fact.position DESC
    -- end
    -- part in_stream
    ORDER BY fact.version DESC
    -- end
    -- part in_log
    ORDER BY fact.position DESC
    -- end
    LIMIT %(limit)s::bigint
) AS fact
-- part lines
LEFT JOIN eventstore_command AS asked ON asked.id = fact.command_id
ORDER BY
    -- end
    -- part told_in_time
    asked.recorded_at DESC,
    -- end
    -- part lines
    fact.position DESC
-- end
