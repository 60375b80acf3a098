-- The streams that hold a name of one of these kinds, in their order and that of the keys.
SELECT claim.stream
FROM unnest(%(kinds)s::text[]) WITH ORDINALITY AS wanted (kind, first)
CROSS JOIN unnest(%(keys)s::text[]) WITH ORDINALITY AS named (key, second)
JOIN eventstore_claim AS claim ON claim.kind = wanted.kind AND claim.key = named.key
ORDER BY wanted.first, named.second
