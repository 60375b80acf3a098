-- Two roles: one owns the tables and migrates, the other serves. The one that serves can add to the log and read
-- it, and nothing else, so that whoever gets hold of it can't switch the triggers off.
--
--     psql -v owner=owner -v app=conduit -v db=conduit -f docs/operate/roles.sql conduit     (as a superuser)
--
-- before the first `migrate`, and again after every later one: what is new is granted then. DATABASE_OWNER_URL is
-- the first role's address, DATABASE_URL the second's.

\set ON_ERROR_STOP on
BEGIN;
GRANT CONNECT, TEMPORARY, CREATE ON DATABASE :"db" TO :"app";
GRANT USAGE ON SCHEMA public TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"app";

SELECT to_regclass('public.eventstore_event') IS NOT NULL AS migrated \gset
\if :migrated
    REVOKE UPDATE, DELETE, TRUNCATE ON eventstore_event, eventstore_command FROM :"app";
\endif
COMMIT;
