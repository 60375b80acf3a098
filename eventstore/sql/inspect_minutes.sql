-- How many facts between two positions were recorded in each minute.
SELECT date_trunc('minute', recorded_at), count(*)
FROM eventstore_event
WHERE position >= %s::bigint AND position < %s::bigint
GROUP BY 1
