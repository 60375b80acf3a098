-- Whoever has kept a transaction open for more than two seconds that projectors (locks on the checkpoints) or readers of
-- the log (an append that has not ended) must wait for: psql -f docs/operate/blockers.sql
SELECT
    lock.pid,
    lock.relation::regclass AS holds,
    now() - session.xact_start AS open_for,
    session.state,
    session.usename AS role,
    session.application_name AS application,
    session.client_addr AS address,
    left(session.query, 80) AS last_statement
FROM pg_locks AS lock
JOIN pg_stat_activity AS session USING (pid)
WHERE lock.granted
    AND session.xact_start < now() - interval '2 seconds'
    AND (
        (lock.relation = 'eventstore_checkpoint'::regclass AND lock.mode <> 'AccessShareLock')
        OR (lock.relation = 'eventstore_event'::regclass AND lock.mode = 'RowExclusiveLock')
    )
UNION ALL
SELECT NULL, 'eventstore_event', now() - prepared, 'prepared: ' || gid, owner, NULL, NULL, NULL
FROM pg_prepared_xacts
WHERE database = current_database()
ORDER BY open_for DESC
