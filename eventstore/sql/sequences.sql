-- The sequences that these tables draw their ids from.
SELECT sequence.relname::text
FROM pg_depend AS draws
JOIN pg_class AS sequence ON sequence.oid = draws.objid AND sequence.relkind = 'S'
JOIN pg_class AS drawn ON drawn.oid = draws.refobjid
WHERE draws.classid = 'pg_class'::regclass
    AND draws.refclassid = 'pg_class'::regclass
    AND drawn.relnamespace = 'public'::regnamespace
    AND drawn.relname = ANY(%s::text[])
ORDER BY 1
