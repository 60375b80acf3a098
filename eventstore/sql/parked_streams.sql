-- The streams that subscribers have parked: the fact that failed first, and how many are parked with it.
SELECT DISTINCT ON (parked.projector, parked.stream)
    parked.projector, parked.stream, parked.position, event.version, event.type,
    count(*) OVER (PARTITION BY parked.projector, parked.stream),
    parked.tries, parked.parked_at, parked.error
FROM eventstore_parked AS parked
JOIN eventstore_event AS event USING (position)
WHERE %(projector)s::text IS NULL OR parked.projector = %(projector)s::text
ORDER BY parked.projector, parked.stream, parked.position
