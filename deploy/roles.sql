-- Makes the two roles of the registry on PostgreSQL 13 to 17, and gives it the database: the owner,
-- which migrates, and the application, which cannot change the record or take guards away
-- (docs/operations.md, "Roles of the database"). Run it as a superuser in the registry's database, or
-- as the role that owns it and the tables and has CREATEROLE and CREATEDB (PostgreSQL 15 or later):
--
--   OWNER_PASSWORD=… APPLICATION_PASSWORD=… psql --dbname=registry --file=deploy/roles.sql
--
-- Then run migrate as the owner. It may be run again, and in a database that has tables already:
-- the owner gets them. Without a password the roles cannot sign in by password. Other names:
-- --set=owner=… --set=application=…. psql of version 15 or later reads the passwords from the
-- environment; give them to an older one by --set=owner_password=… --set=application_password=….
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv application_password APPLICATION_PASSWORD
\if :{?owner}
\else
    \set owner registry_owner
\endif
\if :{?application}
\else
    \set application registry
\endif
SELECT current_database() AS database, :'owner' = :'application' AS is_one_role,
    (SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_ordinary
\gset
\if :is_one_role
    DO $$ BEGIN
        RAISE 'Owner and application are the same role. Give two names: --set=owner=… --set=application=….';
    END $$;
\endif

BEGIN;
SELECT format('CREATE ROLE %I', name)
FROM (VALUES (:'owner'), (:'application')) roles (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE :"owner" LOGIN NOCREATEDB NOCREATEROLE;
ALTER ROLE :"application" LOGIN NOCREATEDB NOCREATEROLE;
-- New roles have none of these, and only a superuser may take them from older ones.
SELECT format('ALTER ROLE %I NOSUPERUSER NOREPLICATION NOBYPASSRLS', rolname)
FROM pg_roles
WHERE rolname IN (:'owner', :'application') AND (rolsuper OR rolreplication OR rolbypassrls)
\gexec
\if :{?owner_password}
    ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\if :{?application_password}
    ALTER ROLE :"application" PASSWORD :'application_password';
\endif

-- Whoever is no superuser gives only to roles of which they are a member.
\if :is_ordinary
    GRANT :"owner" TO CURRENT_USER;
\endif
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC, :"application";
GRANT CONNECT ON DATABASE :"database" TO :"application";
-- An owner may have lost its own rights, for example where the roles were named the other way round.
GRANT ALL ON DATABASE :"database" TO :"owner";
ALTER SCHEMA public OWNER TO :"owner";
GRANT ALL ON SCHEMA public TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"application";
GRANT USAGE ON SCHEMA public TO :"application";

-- Sequences of the tables change their owner with them. What belongs to an extension stays.
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, :'owner')
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
\gexec
SELECT format('ALTER FUNCTION %s OWNER TO %I', p.oid::regprocedure, :'owner')
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
\gexec
\if :is_ordinary
    REVOKE :"owner" FROM CURRENT_USER;
\endif
COMMIT;
