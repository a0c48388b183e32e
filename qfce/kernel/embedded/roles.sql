-- The three database roles of the platform, and what one database grants them.
--
-- Run it as a superuser, connected to the database that it prepares; running it again
-- changes nothing. The embedded server runs it at every start, the compose file when the
-- volume is new, and an operator once on a server of their own. Passwords are no part of
-- it: a role without one can't sign in until somebody sets it, with
--     ALTER ROLE qfce_owner PASSWORD '…';  ALTER ROLE qfce_app PASSWORD '…';

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'qfce_definer') THEN
        -- Owns the functions that may read across tenants; nobody signs in as it.
        CREATE ROLE qfce_definer NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'qfce_owner') THEN
        -- Migrates. Forced row security would hide every row from a data migration.
        CREATE ROLE qfce_owner LOGIN NOSUPERUSER BYPASSRLS CREATEDB;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'qfce_app') THEN
        -- Web and workers. Owns nothing, so that policies bind it everywhere.
        CREATE ROLE qfce_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB;
    END IF;
END
$$;

-- Handing a function to qfce_definer takes SET; inheriting would blur who did what.
GRANT qfce_definer TO qfce_owner WITH ADMIN TRUE, SET TRUE, INHERIT FALSE;

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO qfce_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    -- Imports and publications go through temporary tables.
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO qfce_app', current_database());
END
$$;

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

GRANT CREATE ON SCHEMA public TO qfce_owner;
-- The owner of a function needs CREATE on the schema it lives in.
GRANT USAGE, CREATE ON SCHEMA public TO qfce_definer;
GRANT USAGE ON SCHEMA public TO qfce_app;

-- A migration takes back what an append-only table or a partition must not allow.
ALTER DEFAULT PRIVILEGES FOR ROLE qfce_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO qfce_app;
ALTER DEFAULT PRIVILEGES FOR ROLE qfce_owner IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO qfce_app;
