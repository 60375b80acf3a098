-- Attempts, the latest first; with DESC turned to ASC, the earliest first. They are read in the order of an index: of an
-- actor's, of those in vain, or of each name's.
SELECT
    id, recorded_at, name, outcome, reason, stream, first_version, last_version, actor_id, address, correlation_id,
    caused_by, duration_us, retries
-- part each_name
FROM unnest(%(names)s::text[]) AS wanted (called)
CROSS JOIN LATERAL (
    SELECT * FROM eventstore_command
    WHERE name = wanted.called
-- end
-- part any_name
FROM (
    SELECT * FROM eventstore_command
    WHERE true
-- end
    -- part in_vain
    AND outcome IN ('refused', 'failed')
    -- end
    -- part outcome
    AND outcome = %(outcome)s::text
    -- end
    -- part name
    AND name = %(name)s::text
    -- end
    -- part actor
    AND actor_id = %(actor)s::uuid
    -- end
    -- part address
    AND address = %(address)s::text
    -- end
    -- part stream
    AND id IN (SELECT command_id FROM eventstore_event WHERE stream = %(stream)s::text)
    -- end
    AND recorded_at >= %(since)s::timestamptz AND recorded_at < %(until)s::timestamptz
    -- part before
    AND recorded_at <= %(at)s::timestamptz AND (recorded_at, id) < (%(at)s::timestamptz, %(id)s::uuid)
    -- end
    -- part after
    AND recorded_at >= %(at)s::timestamptz AND (recorded_at, id) > (%(at)s::timestamptz, %(id)s::uuid)
    -- end
    ORDER BY recorded_at DESC, id DESC
    LIMIT %(limit)s::bigint
) AS attempt
ORDER BY recorded_at DESC, id DESC
LIMIT %(limit)s::bigint
