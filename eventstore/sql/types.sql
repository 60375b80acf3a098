-- Every type of fact in the log, by one look into the index for each.
WITH RECURSIVE kind AS (
    (SELECT type FROM eventstore_event ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT type FROM eventstore_event WHERE type > kind.type ORDER BY type LIMIT 1)
    FROM kind
    WHERE kind.type IS NOT NULL
)
SELECT type FROM kind WHERE type IS NOT NULL
