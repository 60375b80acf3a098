-- A sign of life; those that have been silent for long are forgotten. Answers whether a replay is asked for.
WITH forgotten AS (
    DELETE FROM eventstore_heartbeat
    WHERE abs(extract(epoch FROM clock_timestamp() - at)) > %(forget_s)s::float AND who <> %(who)s::text
), beat AS (
    INSERT INTO eventstore_heartbeat (who, what, since, at)
    VALUES (%(who)s::text, %(what)s::text, %(since)s::timestamptz, clock_timestamp())
    ON CONFLICT (who) DO UPDATE SET what = excluded.what, since = excluded.since, at = excluded.at
)
SELECT EXISTS (SELECT FROM eventstore_replay WHERE status = 'asked')
