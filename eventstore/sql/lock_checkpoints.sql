-- Checkpoints, locked to the end of the transaction, and the streams that each has parked.
SELECT name, position, status, ARRAY(
    SELECT DISTINCT stream FROM eventstore_parked WHERE projector = name
)
FROM eventstore_checkpoint
WHERE name = ANY(%(names)s::text[])
ORDER BY name
FOR UPDATE OF eventstore_checkpoint
