-- Why a role could change what was recorded, or switch off what guards it, by whatever way it came to that right.
WITH asked AS (
    SELECT * FROM pg_roles WHERE rolname = %(role)s
), recorded AS (
    SELECT oid, relname, relowner FROM pg_class
    WHERE oid IN ('eventstore_event'::regclass, 'eventstore_command'::regclass)
)
SELECT 'it is a superuser' FROM asked WHERE rolsuper
UNION ALL
SELECT 'it may make itself a member of other roles (CREATEROLE)' FROM asked WHERE rolcreaterole AND NOT rolsuper
UNION ALL
SELECT 'it may replicate the whole server (REPLICATION)' FROM asked WHERE rolreplication AND NOT rolsuper
UNION ALL
SELECT format('it is, or may become, the owner of %%I', relname)
FROM asked, recorded
WHERE pg_has_role(asked.oid, relowner, 'MEMBER') AND NOT rolsuper
UNION ALL
SELECT format('it is, or may become, the owner of the schema %%I', nspname)
FROM asked, pg_namespace
WHERE nspname = 'public' AND pg_has_role(asked.oid, nspowner, 'MEMBER') AND NOT rolsuper
UNION ALL
SELECT format('it has %%s on %%I', wrong.right, relname)
FROM asked, recorded, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS wrong ("right")
WHERE NOT pg_has_role(asked.oid, relowner, 'MEMBER') AND NOT rolsuper AND (
    has_table_privilege(asked.oid, recorded.oid, wrong.right)
    OR wrong.right IN ('UPDATE', 'REFERENCES') AND has_any_column_privilege(asked.oid, recorded.oid, wrong.right)
)
UNION ALL
SELECT format('it is a member of %%I', rolname)
FROM asked, unnest(ARRAY['pg_execute_server_program', 'pg_write_server_files']) AS powerful (powerful)
WHERE pg_has_role(asked.oid, powerful.powerful::regrole, 'MEMBER') AND NOT rolsuper
