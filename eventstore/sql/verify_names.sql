-- Where the names that the log comes to, folded anew, and the names that are held differ: the name, the
-- stream, and what is wrong. Streams that could not be folded (no kind beside them) are left out.
SELECT
    coalesce(claim.kind, named.kind), coalesce(claim.key, named.key), coalesce(claim.stream, named.stream),
    CASE
        WHEN claim.stream IS NULL THEN 'the log gives the stream this name, but the stream does not hold it'
        WHEN EXISTS (SELECT FROM eventstore_event AS event WHERE event.stream = claim.stream)
            THEN 'the stream holds this name, but the log does not give it'
        ELSE 'a stream without any fact holds this name'
    END
FROM eventstore_claim AS claim
FULL JOIN (SELECT * FROM verified_name WHERE kind IS NOT NULL) AS named USING (kind, key, stream)
WHERE (claim.stream IS NULL OR named.stream IS NULL) AND NOT EXISTS (
    SELECT FROM verified_name AS unfolded WHERE unfolded.kind IS NULL AND unfolded.stream = claim.stream
)
ORDER BY 1, 2, 3
