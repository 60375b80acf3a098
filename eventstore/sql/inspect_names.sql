-- Every name of a command in the audit, by one look into the index for each.
WITH RECURSIVE known AS (
    (SELECT name FROM eventstore_command ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT name FROM eventstore_command WHERE name > known.name ORDER BY name LIMIT 1)
    FROM known
    WHERE known.name IS NOT NULL
)
SELECT name FROM known WHERE name IS NOT NULL
