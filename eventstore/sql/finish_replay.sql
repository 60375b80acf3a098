-- How a replay ended; what is not known of that stays as it was told last.
UPDATE eventstore_replay
SET status = %(status)s::text, ended_at = clock_timestamp(), phase = '', error = %(error)s::text,
    position = coalesce(%(position)s::bigint, position),
    events = coalesce(%(events)s::bigint, events),
    seconds = coalesce(%(seconds)s::float, seconds),
    head = greatest(head, %(position)s::bigint),
    rows = %(rows)s::bigint,
    differences = %(differences)s::jsonb
WHERE id = %(id)s::uuid AND ended_at IS NULL
