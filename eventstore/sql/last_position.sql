-- The last position that this statement's snapshot sees; 0 in an empty log.
SELECT coalesce(max(position), 0) FROM eventstore_event
