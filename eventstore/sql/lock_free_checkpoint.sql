-- A checkpoint, locked to the end of the transaction unless somebody else holds it, and what it has parked.
SELECT name, position, status, ARRAY(
    SELECT DISTINCT stream FROM eventstore_parked WHERE projector = name
)
FROM eventstore_checkpoint
WHERE name = %(name)s
FOR UPDATE OF eventstore_checkpoint SKIP LOCKED
