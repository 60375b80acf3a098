-- Checkpoints, locked to the end of the transaction, and the streams that each has parked. Waits for whoever
-- holds them, for so many milliseconds at most, as does the rest of the transaction for other locks. A holder
-- that does nothing for as long as `idle_ms` is let go of: it was stopped, or cut off. What can be done again
-- need not be on the disk when it is committed.
WITH patience AS MATERIALIZED (
    SELECT
        set_config('lock_timeout', %(patience_ms)s::text, true),
        set_config('idle_in_transaction_session_timeout', %(idle_ms)s::text, true)
        -- part again
        , set_config('synchronous_commit', 'off', true)
        -- end
)
SELECT name, position, status, ARRAY(
    SELECT DISTINCT stream FROM eventstore_parked WHERE projector = name
)
FROM patience, eventstore_checkpoint
WHERE name = ANY(%(names)s::text[])
ORDER BY name
FOR UPDATE OF eventstore_checkpoint
