package dbusers

// template is the statement, with what differs between @. It has no comments of its own, so that it stays whole when somebody joins its lines:
//
//   - The search path is the catalog alone: an Owner could have put functions of the same name into schema public.
//   - One run at a time, by an advisory lock: users are made in parallel, and two sessions that change one role or one table's privileges at
//     the same time end with "tuple concurrently updated". No lock is waited for longer than 20 s: the Data API ends a call after 45 s
//     (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html).
//   - Since PostgreSQL 16 who creates a role has its ADMIN option but neither INHERIT nor SET
//     (https://www.postgresql.org/docs/16/role-attributes.html#ROLE-CREATION), so the master user grants itself the owners' group, of which it
//     needs the privileges to change that group's default privileges, and the options are said outright. Before 16 there is no syntax for them.
//   - Whatever the user owns is handed to the owners' group, for which the master user must have the user's privileges
//     (https://www.postgresql.org/docs/16/sql-reassign-owned.html). It is a member of the user for those statements alone, in the same
//     transaction: by a membership that stays, also an indirect one, the master user would be a member of rds_iam and locked out
//     (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html).
//   - Tables that are there already are granted once: when the groups come into the database, and when a table comes to the owners' group.
//     What a migration revokes later from a group stays revoked. That it is the first time is seen from the groups' default privileges.
//   - PUBLIC may connect and make temporary tables in a new database, and before PostgreSQL 15 create in schema public
//     (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Access.html). A REVOKE by somebody
//     who may not do it is a warning, no error, so at the end it is looked at what came of it.
const template = `DO $aplomb$
DECLARE
  the_user text DEFAULT @user@;
  the_rights text DEFAULT @rights@;
  the_database text DEFAULT @database@;
  by_token boolean DEFAULT @token@;
  all_groups text[] DEFAULT ARRAY['aplomb_owner', 'aplomb_writer', 'aplomb_reader'];
  the_group text;
  each_group text;
  options text DEFAULT '';
  user_id oid;
  owners oid[];
  joined boolean DEFAULT false;
  first_time boolean;
  item record;
BEGIN
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog', true);
  PERFORM set_config('lock_timeout', '20s', true);
  PERFORM set_config('client_min_messages', 'warning', true);
  the_group = CASE the_rights WHEN 'owner' THEN 'aplomb_owner' WHEN 'read-write' THEN 'aplomb_writer' WHEN 'read' THEN 'aplomb_reader' END;
  IF the_group IS NULL THEN
    RAISE EXCEPTION 'rights % are none of read, read-write, owner', quote_literal(the_rights);
  END IF;
  IF the_database <> current_database() THEN
    RAISE EXCEPTION 'connected to database %, not to %', quote_ident(current_database()), quote_ident(the_database);
  END IF;
  IF the_user IN (current_user, session_user, 'postgres', 'public', 'none', '') OR the_user LIKE 'rds%' OR the_user LIKE 'pg|_%' ESCAPE '|'
    OR (the_user LIKE 'aplomb|_%' ESCAPE '|' AND the_user <> 'aplomb_verify') THEN
    RAISE EXCEPTION 'user % is reserved', quote_ident(the_user);
  END IF;
  PERFORM pg_advisory_xact_lock(4706928137);
  IF CAST(current_setting('server_version_num') AS integer) >= 160000 THEN
    options = ' WITH INHERIT TRUE, SET TRUE';
  END IF;

  FOREACH each_group IN ARRAY all_groups LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = each_group) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', each_group);
    END IF;
  END LOOP;
  IF NOT pg_has_role(current_user, 'aplomb_owner', 'USAGE') THEN
    EXECUTE format('GRANT aplomb_owner TO %I', current_user) || options;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = the_user) THEN
    EXECUTE format('CREATE ROLE %I LOGIN', the_user);
  END IF;
  SELECT * INTO item FROM pg_roles WHERE rolname = the_user;
  IF item.rolsuper OR item.rolreplication OR item.rolbypassrls THEN
    RAISE EXCEPTION 'user % is there and has SUPERUSER, REPLICATION or BYPASSRLS, which no user of Aplomb has', quote_ident(the_user);
  END IF;
  IF item.rolcreaterole OR item.rolcreatedb OR NOT item.rolcanlogin OR NOT item.rolinherit THEN
    EXECUTE format('ALTER ROLE %I LOGIN INHERIT NOCREATEROLE NOCREATEDB', the_user);
  END IF;
  user_id = item.oid;

  EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO aplomb_owner, aplomb_writer, aplomb_reader', current_database());
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO aplomb_owner, aplomb_writer', current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO aplomb_owner', current_database());
  IF to_regnamespace('public') IS NOT NULL THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO aplomb_owner, aplomb_writer, aplomb_reader;
    GRANT CREATE ON SCHEMA public TO aplomb_owner;
  END IF;

  first_time = NOT EXISTS (SELECT FROM pg_default_acl
    WHERE defaclrole = to_regrole('aplomb_owner') AND defaclnamespace = 0 AND defaclobjtype = 'r');
  owners = ARRAY[user_id];
  IF first_time THEN
    ALTER DEFAULT PRIVILEGES FOR ROLE aplomb_owner GRANT SELECT ON TABLES TO aplomb_reader;
    ALTER DEFAULT PRIVILEGES FOR ROLE aplomb_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO aplomb_writer;
    ALTER DEFAULT PRIVILEGES FOR ROLE aplomb_owner GRANT SELECT ON SEQUENCES TO aplomb_reader;
    ALTER DEFAULT PRIVILEGES FOR ROLE aplomb_owner GRANT SELECT, USAGE ON SEQUENCES TO aplomb_writer;
    ALTER DEFAULT PRIVILEGES FOR ROLE aplomb_owner GRANT USAGE ON SCHEMAS TO aplomb_writer, aplomb_reader;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO aplomb_reader;
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO aplomb_writer;
    ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO aplomb_owner;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO aplomb_reader;
    ALTER DEFAULT PRIVILEGES GRANT SELECT, USAGE ON SEQUENCES TO aplomb_writer;
    ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO aplomb_owner;
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO aplomb_writer, aplomb_reader;
    ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO aplomb_owner;
    owners = ARRAY[user_id, CAST(to_regrole('aplomb_owner') AS oid), CAST(to_regrole(quote_ident(current_user)) AS oid)];
  END IF;

  IF EXISTS (SELECT FROM pg_shdepend WHERE refclassid = CAST('pg_authid' AS regclass) AND refobjid = user_id AND deptype = 'o'
    AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) THEN
    IF NOT pg_has_role(current_user, user_id, 'USAGE') THEN
      EXECUTE format('GRANT %I TO %I', the_user, current_user) || options;
      joined = true;
    END IF;
  END IF;
  FOR item IN
    SELECT nspname AS space FROM pg_namespace
    WHERE nspowner = ANY (owners) AND nspname <> 'public' AND nspname NOT LIKE 'pg|_%' ESCAPE '|'
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO aplomb_writer, aplomb_reader', item.space);
    EXECUTE format('GRANT ALL ON SCHEMA %I TO aplomb_owner', item.space);
  END LOOP;
  FOR item IN
    SELECT n.nspname AS space, c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
      CASE c.relkind WHEN 'S' THEN 'SELECT, USAGE' ELSE 'SELECT, INSERT, UPDATE, DELETE' END AS writes
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner = ANY (owners) AND c.relpersistence <> 't'
      AND n.nspname NOT LIKE 'pg|_%' ESCAPE '|' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend AS d
        WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('GRANT SELECT ON %s %I.%I TO aplomb_reader', item.kind, item.space, item.name);
    EXECUTE format('GRANT %s ON %s %I.%I TO aplomb_writer', item.writes, item.kind, item.space, item.name);
    EXECUTE format('GRANT ALL ON %s %I.%I TO aplomb_owner', item.kind, item.space, item.name);
  END LOOP;
  IF joined OR pg_has_role(current_user, user_id, 'USAGE') THEN
    EXECUTE format('REASSIGN OWNED BY %I TO aplomb_owner', the_user);
  END IF;
  IF joined THEN
    EXECUTE format('REVOKE %I FROM %I', the_user, current_user);
  END IF;

  FOREACH each_group IN ARRAY all_groups LOOP
    IF each_group = the_group THEN
      IF NOT pg_has_role(the_user, each_group, 'USAGE') THEN
        EXECUTE format('GRANT %I TO %I', each_group, the_user) || options;
      END IF;
    ELSIF pg_has_role(the_user, each_group, 'MEMBER') THEN
      EXECUTE format('REVOKE %I FROM %I', each_group, the_user);
    END IF;
  END LOOP;
  IF the_group = 'aplomb_owner' THEN
    EXECUTE format('ALTER ROLE %I SET role TO aplomb_owner', the_user);
  ELSE
    EXECUTE format('ALTER ROLE %I RESET role', the_user);
  END IF;
  IF by_token AND NOT pg_has_role(the_user, 'rds_iam', 'MEMBER') THEN
    EXECUTE format('GRANT rds_iam TO %I', the_user);
  ELSIF NOT by_token AND pg_has_role(the_user, 'rds_iam', 'MEMBER') THEN
    EXECUTE format('REVOKE rds_iam FROM %I', the_user);
  END IF;
@settings@
  FOREACH each_group IN ARRAY all_groups LOOP
    IF pg_has_role(the_user, each_group, 'MEMBER') <> (each_group = the_group) THEN
      RAISE EXCEPTION 'user % should be a member of % alone, see to the membership in % that somebody else granted',
        quote_ident(the_user), the_group, each_group;
    END IF;
  END LOOP;
  IF pg_has_role(the_user, 'rds_iam', 'MEMBER') <> by_token THEN
    RAISE EXCEPTION 'user % logs in with IAM tokens or by password, and its membership in rds_iam says otherwise', quote_ident(the_user);
  END IF;
  IF has_database_privilege('public', current_database(), 'CONNECT') THEN
    RAISE EXCEPTION 'everybody may still connect to database %, only its owner can change that', quote_ident(current_database());
  END IF;
  IF to_regnamespace('public') IS NOT NULL AND (has_schema_privilege('public', 'public', 'CREATE')
    OR NOT has_schema_privilege('aplomb_owner', 'public', 'CREATE')) THEN
    RAISE EXCEPTION 'schema public could not be closed for others than owners, only its owner can change that';
  END IF;
END
$aplomb$`

// verifySettings are the user's settings of VerifyUser, in place of @settings@.
const verifySettings = `  EXECUTE format('ALTER ROLE %I SET default_transaction_read_only TO on', the_user);`
