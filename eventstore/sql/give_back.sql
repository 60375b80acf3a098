-- One less for a key, if its window is still the one in which it was counted.
UPDATE eventstore_spending SET count = greatest(0, count - 1)
WHERE key = %(key)s::bytea AND began = %(began)s::timestamptz
