-- The transaction, other than this one, that has been writing to the log for longest: no reader passes what it
-- may still put there. Prepared ones have no process any more. When another role's began is hidden from a role that
-- may not read it (pg_read_all_stats): then it counts as just begun.
SELECT coalesce(held.pid, 0), coalesce(activity.application_name, 'a prepared transaction'),
    coalesce(
        extract(epoch FROM clock_timestamp() - coalesce(activity.xact_start, prepared.prepared)), 0
    )::float AS seconds
FROM pg_locks AS held
LEFT JOIN pg_stat_activity AS activity USING (pid)
LEFT JOIN pg_prepared_xacts AS prepared ON held.virtualtransaction = '-1/' || prepared.transaction::text
WHERE held.locktype = 'relation'
    AND held.relation = 'eventstore_event'::regclass
    AND held.mode = 'RowExclusiveLock'
    AND held.granted
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND held.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY seconds DESC
LIMIT 1
