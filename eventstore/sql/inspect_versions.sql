-- The last version of a stream.
SELECT version FROM eventstore_event WHERE stream = %s ORDER BY version DESC LIMIT 1
