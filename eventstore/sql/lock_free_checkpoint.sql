-- A checkpoint, locked to the end of the transaction unless somebody else holds it, and what it has parked. A
-- holder that does nothing for as long as `idle_ms` is let go of.
WITH patience AS MATERIALIZED (
    SELECT set_config('idle_in_transaction_session_timeout', %(idle_ms)s::text, true)
)
SELECT name, position, status, ARRAY(
    SELECT DISTINCT stream FROM eventstore_parked WHERE projector = name
)
FROM patience, eventstore_checkpoint
WHERE name = %(name)s
FOR UPDATE OF eventstore_checkpoint SKIP LOCKED
