-- How many facts there are of each type, counted one by one.
SELECT type, count(*) FROM eventstore_event GROUP BY type
