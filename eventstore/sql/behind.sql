-- Whether there is a fact that a subscriber, of those that run or are new, has not passed.
SELECT (SELECT coalesce(max(position), 0) FROM eventstore_event) > coalesce((
    SELECT min(coalesce(checkpoint.position, 0))
    FROM unnest(%(names)s::text[]) AS subscriber (name)
    LEFT JOIN eventstore_checkpoint AS checkpoint USING (name)
    WHERE coalesce(checkpoint.status, 'running') = 'running'
), 9223372036854775807)
