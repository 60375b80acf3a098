-- Counts one more for a key, in all processes together, and answers how often it was counted in its window.
-- The time is looked at when the row is locked, so nobody begins a window twice. One that began in the future was
-- begun before the clock was put back: it is over. Tries beyond the limit count as one: they were never made, and when
-- those that were are given back, nobody is kept out by the others.
INSERT INTO eventstore_spending AS known (key, began, ends, count)
VALUES (%(key)s::bytea, clock_timestamp(), clock_timestamp() + make_interval(secs => %(seconds)s::int), 1)
ON CONFLICT (key) DO UPDATE SET (began, ends, count) = (
    SELECT
        CASE WHEN over THEN now ELSE known.began END,
        CASE WHEN over THEN now + make_interval(secs => %(seconds)s::int) ELSE known.ends END,
        CASE WHEN over THEN 1 ELSE least(known.count, %(most)s::int) + 1 END
    FROM (SELECT clock_timestamp() AS now) AS clock
    CROSS JOIN LATERAL (SELECT now >= known.ends OR known.began > now + interval '1 second' AS over) AS judged
)
RETURNING count, began, ceil(extract(epoch FROM ends - clock_timestamp()))::int
