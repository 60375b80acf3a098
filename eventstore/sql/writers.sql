-- The transactions, other than this one, that may have drawn positions and not yet ended: those that hold the
-- lock which INSERT takes on the event table before it draws its first position, and keeps to the end.
SELECT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation'
    AND relation = 'eventstore_event'::regclass
    AND mode = 'RowExclusiveLock'
    AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid IS DISTINCT FROM pg_backend_pid()
