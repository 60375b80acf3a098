-- The command, the names that it claims and gives back, and its facts: all of them stand, or none.
-- In this order: a command that was known, or a name that is taken, is found out before a position is drawn.
-- Positions are drawn inside this INSERT, under the ROW EXCLUSIVE lock that readers of the log look for.
-- What an append has no need of is left out: parts of the statement, by their names.
WITH
-- part required
required AS MATERIALIZED (
    -- Locked as a foreign key locks: nobody gives the name back before this append has ended.
    SELECT FROM eventstore_claim
    WHERE (kind, key) IN (SELECT * FROM unnest(%(required_kinds)b::text[], %(required_keys)b::text[]))
    ORDER BY kind, key
    FOR KEY SHARE
),
-- end
fit AS MATERIALIZED (
    SELECT
    WHERE (%(after)s::int = 0 OR EXISTS (
        SELECT FROM eventstore_event WHERE stream = %(stream)s::text AND version = %(after)s::int
    ))
    -- part required
    AND (SELECT count(*) FROM required) = cardinality(%(required_kinds)b::text[])
    -- end
), command AS (
    INSERT INTO eventstore_command (
        id, name, stream, first_version, last_version, actor_id, correlation_id, caused_by,
        outcome, reason, payload, digest, address, duration_us, retries, recorded_at
    )
    SELECT
        %(id)s::uuid, %(name)s::text, %(stream)s::text, %(after)s::int + 1, %(after)s::int + %(count)s::int,
        %(actor_id)s::uuid, %(correlation_id)s::uuid, %(caused_by)s::bigint, 'accepted', '', %(payload)s::jsonb,
        %(digest)s::bytea, %(address)s::text, %(duration_us)s::int, %(retries)s::smallint, clock_timestamp()
    FROM fit
    RETURNING id
),
-- part named
released AS (
    DELETE FROM eventstore_claim AS held
    USING unnest(%(released_kinds)b::text[], %(released_keys)b::text[]) AS released (kind, key), command
    WHERE held.kind = released.kind AND held.key = released.key AND held.stream = %(stream)s::text
    RETURNING held.kind
), claimed AS (
    INSERT INTO eventstore_claim (kind, key, stream)
    SELECT kind, key, %(stream)s::text
    FROM unnest(%(claimed_kinds)b::text[], %(claimed_keys)b::text[]) AS claimed (kind, key), command
    WHERE NOT EXISTS (
        SELECT FROM eventstore_claim AS held
        WHERE held.kind = claimed.kind AND held.key = claimed.key AND held.stream = %(stream)s::text
    )
    RETURNING kind
), named AS MATERIALIZED (
    SELECT (SELECT count(*) FROM released), (SELECT count(*) FROM claimed)
),
-- end
fact AS (
    -- part one
    SELECT 1 AS nth, %(type)s::text AS type, %(schema)s::smallint AS schema, %(text)s::text AS data
    -- end
    -- part several
    SELECT *
    FROM unnest(%(types)b::text[], %(schemas)b::smallint[], %(texts)b::text[])
        WITH ORDINALITY AS fact (type, schema, data, nth)
    -- end
)
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT
    %(stream)s::text, %(after)s::int + fact.nth, fact.type, fact.schema, fact.data::jsonb, command.id,
    clock_timestamp()
FROM command,
    -- part named
    named,
    -- end
    fact
ORDER BY fact.nth
RETURNING position, version
