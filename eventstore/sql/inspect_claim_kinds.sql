-- The kinds of name that are held, by one look into the index for each.
WITH RECURSIVE known AS (
    (SELECT kind FROM eventstore_claim ORDER BY kind LIMIT 1)
    UNION ALL
    SELECT (SELECT kind FROM eventstore_claim WHERE kind > known.kind ORDER BY kind LIMIT 1)
    FROM known
    WHERE known.kind IS NOT NULL
)
SELECT kind FROM known WHERE kind IS NOT NULL
