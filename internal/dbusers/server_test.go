// Layer: host (a real PostgreSQL server). What users can do whom the statements made, and what they cannot.
package dbusers_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/pgtest"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const denied = "42501"

// world is a database in which the statements have been run.
type world struct {
	t        *testing.T
	server   *pgtest.Server
	database string
	master   *pgx.Conn
}

func newWorld(t *testing.T) world {
	t.Helper()
	server := pgtest.Start(t)
	database := server.Database(t)
	return world{t, server, database, server.MasterConnection(t, database)}
}

// user makes one with the rights, and returns its name.
func (w world) user(rights dbusers.Rights) string {
	w.t.Helper()
	name := w.server.User(w.t, "app")
	w.change(name, rights)
	return name
}

func (w world) change(user string, rights dbusers.Rights) {
	w.t.Helper()
	run(w.t, w.master, dbusers.MakeUser(user, string(rights), w.database))
}

func (w world) as(user string) *pgx.Conn { return w.server.As(w.t, w.database, user) }

func run(t *testing.T, connection *pgx.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		require.NoError(t, try(t, connection, statement), "%.200s", statement)
	}
}

func try(t *testing.T, connection *pgx.Conn, statement string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := connection.Exec(ctx, statement)
	return err
}

func value[T any](t *testing.T, connection *pgx.Conn, query string) T {
	t.Helper()
	var result T
	require.NoError(t, connection.QueryRow(t.Context(), query).Scan(&result), query)
	return result
}

// requireDenied holds that the statement fails for want of a privilege, not for another reason.
func requireDenied(t *testing.T, connection *pgx.Conn, statement string) {
	t.Helper()
	var refused *pgconn.PgError
	require.ErrorAs(t, try(t, connection, statement), &refused, statement)
	require.Equal(t, denied, refused.Code, "%s: %v", statement, refused)
}

func TestEachRightsAllowsWhatItSaysAndNothingElse(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.user(dbusers.Owner))
	run(t, owner,
		"CREATE TABLE tickets (id bigserial PRIMARY KEY, title text NOT NULL DEFAULT '')", "INSERT INTO tickets DEFAULT VALUES",
		"CREATE SCHEMA billing", "CREATE TABLE billing.invoices (id bigint GENERATED ALWAYS AS IDENTITY, cents bigint)",
		"CREATE VIEW open_tickets AS SELECT * FROM tickets", "CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM tickets",
		"CREATE SEQUENCE numbers", "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
	people := map[dbusers.Rights]*pgx.Conn{
		dbusers.Read: w.as(w.user(dbusers.Read)), dbusers.ReadWrite: w.as(w.user(dbusers.ReadWrite)), dbusers.Owner: w.as(w.user(dbusers.Owner)),
	}
	all, writers, owners := dbusers.AllRights(), []dbusers.Rights{dbusers.ReadWrite, dbusers.Owner}, []dbusers.Rights{dbusers.Owner}
	for _, each := range []struct {
		statement string
		allowed   []dbusers.Rights
	}{
		{"SELECT * FROM tickets", all},
		{"SELECT * FROM billing.invoices", all},
		{"SELECT * FROM open_tickets", all},
		{"SELECT * FROM counted", all},
		{"SELECT last_value FROM numbers", all},
		{"SELECT one()", all},
		{"INSERT INTO tickets (title) VALUES ('x')", writers},
		{"UPDATE tickets SET title = 'y'", writers},
		{"INSERT INTO billing.invoices (cents) VALUES (1)", writers},
		{"SELECT nextval('numbers')", writers},
		{"INSERT INTO open_tickets (title) VALUES ('z')", writers},
		{"DELETE FROM tickets", writers},
		{"CREATE TEMPORARY TABLE mine (id int)", writers},
		{"SELECT setval('numbers', 7)", owners},
		{"TRUNCATE tickets", owners},
		{"ALTER TABLE tickets ADD COLUMN IF NOT EXISTS note text", owners},
		{"CREATE INDEX ON tickets (title)", owners},
		{"REFRESH MATERIALIZED VIEW counted", owners},
		{"CREATE TABLE IF NOT EXISTS public.more (id int)", owners},
		{"CREATE TABLE IF NOT EXISTS billing.more (id int)", owners},
		{"CREATE SCHEMA IF NOT EXISTS another", owners},
		{"CREATE FUNCTION public.two() RETURNS int LANGUAGE sql AS 'SELECT 2'", owners},
		{"DROP FUNCTION one()", owners},
		{"COMMENT ON TABLE tickets IS 'x'", owners},
		{"DROP VIEW open_tickets", owners},
		{"CREATE ROLE somebody", nil},
		{"CREATE DATABASE elsewhere", nil},
		{"GRANT aplomb_owner TO aplomb_reader", nil},
		{"SET ROLE aplomb_admin", nil},
		{"SET SESSION AUTHORIZATION aplomb_admin", nil},
		{"ALTER SCHEMA public OWNER TO aplomb_owner", nil},
		{"ALTER ROLE aplomb_admin PASSWORD 'x'", nil},
		{"SELECT rolpassword FROM pg_authid", nil},
		{"COPY tickets TO PROGRAM 'true'", nil},
		{"SELECT pg_read_file('/etc/passwd')", nil},
	} {
		for _, rights := range dbusers.AllRights() {
			if contains(each.allowed, rights) {
				require.NoError(t, try(t, people[rights], each.statement), "%s: %s", rights, each.statement)
			} else {
				requireDenied(t, people[rights], each.statement)
			}
		}
	}
}

func contains(list []dbusers.Rights, rights dbusers.Rights) bool {
	for _, each := range list {
		if each == rights {
			return true
		}
	}
	return false
}

func TestWhatTheMasterUserMadeIsSharedToo(t *testing.T) {
	w := newWorld(t)
	run(t, w.master, "CREATE TABLE before (id bigserial)", "CREATE SCHEMA old", "CREATE TABLE old.before (id int)")
	writer, reader, owner := w.as(w.user(dbusers.ReadWrite)), w.as(w.user(dbusers.Read)), w.as(w.user(dbusers.Owner))
	run(t, w.master, "CREATE TABLE later (id bigserial)", "CREATE SCHEMA fresh", "CREATE TABLE fresh.later (id int)")
	for _, table := range []string{"before", "old.before", "later", "fresh.later"} {
		run(t, writer, "INSERT INTO "+table+" VALUES (1)", "UPDATE "+table+" SET id = 2")
		run(t, reader, "SELECT * FROM "+table)
		requireDenied(t, reader, "DELETE FROM "+table)
		run(t, owner, "TRUNCATE "+table)
		requireDenied(t, owner, "DROP TABLE "+table)
	}
	run(t, writer, "INSERT INTO before DEFAULT VALUES")
	run(t, owner, "CREATE TABLE old.more (id int)")
}

func TestOwnersShareWhatTheyMake(t *testing.T) {
	w := newWorld(t)
	first, second := w.as(w.user(dbusers.Owner)), w.as(w.user(dbusers.Owner))
	require.Equal(t, dbusers.OwnerGroup, value[string](t, first, "SELECT current_user"))
	run(t, first, "CREATE TABLE made (id int)")
	run(t, second, "ALTER TABLE made ADD COLUMN more int", "DROP TABLE made")
}

// picture is what the statement could have changed, as text.
const picture = `SELECT jsonb_build_object(
  'roles', (SELECT jsonb_agg(to_jsonb(r) - 'rolpassword' ORDER BY rolname) FROM pg_roles r),
  'members', (SELECT jsonb_agg(to_jsonb(m) ORDER BY roleid, member, grantor) FROM pg_auth_members m),
  'defaults', (SELECT jsonb_agg(d ORDER BY oid) FROM pg_default_acl d),
  'settings', (SELECT jsonb_agg(s ORDER BY setrole) FROM pg_db_role_setting s),
  'database', (SELECT jsonb_agg(datacl::text) FROM pg_database WHERE datname = current_database()),
  'schemas', (SELECT jsonb_agg(jsonb_build_array(nspname, nspowner, nspacl::text) ORDER BY nspname) FROM pg_namespace),
  'tables', (SELECT jsonb_agg(jsonb_build_array(relname, relowner, relacl::text) ORDER BY oid) FROM pg_class))::text`

func TestRunningItAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	var statements []string
	for _, rights := range dbusers.AllRights() {
		statements = append(statements, dbusers.MakeUser(w.user(rights), string(rights), w.database))
	}
	statements = append(statements, dbusers.MakeVerifyUser(w.database), dbusers.MakePasswordUser(w.server.User(t, "app"), "read", w.database))
	run(t, w.master, statements...)
	before := value[string](t, w.master, picture)
	run(t, w.master, statements...)
	require.Equal(t, before, value[string](t, w.master, picture))
}

func TestRightsChangeInEveryDirection(t *testing.T) {
	w := newWorld(t)
	builder := w.as(w.user(dbusers.Owner))
	run(t, builder, "CREATE TABLE tickets (id int)")
	for _, from := range dbusers.AllRights() {
		for _, to := range dbusers.AllRights() {
			user := w.user(from)
			w.change(user, to)
			for _, group := range dbusers.AllRights() {
				require.Equal(t, group == to, value[bool](t, w.master, fmt.Sprintf("SELECT pg_has_role('%s', '%s', 'MEMBER')", user, group.Group())), "%s to %s", from, to)
			}
			connection := w.as(user)
			run(t, connection, "SELECT * FROM tickets")
			if to == dbusers.Read {
				requireDenied(t, connection, "INSERT INTO tickets VALUES (1)")
			} else {
				run(t, connection, "INSERT INTO tickets VALUES (1)")
			}
			if to == dbusers.Owner {
				run(t, connection, "CREATE TABLE passing (id int)", "DROP TABLE passing")
			} else {
				require.Equal(t, user, value[string](t, connection, "SELECT current_user"))
				requireDenied(t, connection, "CREATE TABLE passing (id int)")
				requireDenied(t, connection, "SET ROLE aplomb_owner")
			}
		}
	}
}

func TestAFormerOwnerKeepsNothingThatItMadeInItsOwnName(t *testing.T) {
	w := newWorld(t)
	user := w.user(dbusers.Owner)
	run(t, w.as(user), "SET ROLE NONE", "CREATE TABLE own (id int)", "CREATE SCHEMA hidden", "CREATE TABLE hidden.own (id int)")
	w.change(user, dbusers.Read)
	connection, writer := w.as(user), w.as(w.user(dbusers.ReadWrite))
	for _, table := range []string{"own", "hidden.own"} {
		run(t, connection, "SELECT * FROM "+table)
		requireDenied(t, connection, "INSERT INTO "+table+" VALUES (1)")
		requireDenied(t, connection, "DROP TABLE "+table)
		run(t, writer, "INSERT INTO "+table+" VALUES (1)")
	}
	run(t, w.as(w.user(dbusers.Owner)), "DROP TABLE own", "DROP SCHEMA hidden CASCADE")
	require.Zero(t, value[int](t, w.master, "SELECT count(*) FROM pg_auth_members m WHERE m.roleid = '"+user+"'::regrole AND m.member = 'aplomb_admin'::regrole AND NOT m.admin_option"),
		"a membership that stays would make the master user one of rds_iam")
}

func TestAUserThatWasThereBeforeIsTakenOver(t *testing.T) {
	w := newWorld(t)
	user := w.server.User(t, "app")
	w.server.Superuser(t, w.database, "CREATE ROLE "+user+" NOLOGIN NOINHERIT CREATEDB CREATEROLE")
	if w.server.Major() >= 16 {
		w.server.Superuser(t, w.database, "GRANT "+user+" TO aplomb_admin WITH ADMIN OPTION, INHERIT FALSE, SET FALSE")
	}
	w.server.Superuser(t, w.database, "GRANT CREATE, USAGE ON SCHEMA public TO "+user+"; SET ROLE "+user+"; CREATE TABLE kept (id int)")
	w.change(user, dbusers.ReadWrite)
	connection := w.as(user)
	run(t, connection, "INSERT INTO kept VALUES (1)")
	requireDenied(t, connection, "DROP TABLE kept")
	requireDenied(t, connection, "CREATE ROLE somebody")
	requireDenied(t, connection, "CREATE DATABASE elsewhere")
	run(t, w.as(w.user(dbusers.Owner)), "ALTER TABLE kept ADD COLUMN more int")
}

func TestWhatAMigrationRevokesStaysRevoked(t *testing.T) {
	w := newWorld(t)
	reader := w.user(dbusers.Read)
	run(t, w.as(w.user(dbusers.Owner)), "CREATE TABLE salaries (id int)", "REVOKE SELECT ON salaries FROM aplomb_reader")
	w.change(reader, dbusers.Read)
	w.user(dbusers.Owner)
	requireDenied(t, w.as(reader), "SELECT * FROM salaries")
}

func TestOnlyUsersOfTheDatabaseConnect(t *testing.T) {
	w := newWorld(t)
	outsider := w.server.User(t, "app")
	w.server.Superuser(t, w.database, "CREATE ROLE "+outsider+" LOGIN")
	w.server.SetPassword(t, outsider, "in")
	_, err := w.server.Connect(t, w.database, outsider, "in")
	require.NoError(t, err, "PostgreSQL lets everybody in at first")
	w.user(dbusers.Read)
	_, err = w.server.Connect(t, w.database, outsider, "in")
	require.ErrorContains(t, err, "permission denied for database")
}

func TestUsersLogInWithATokenOrByPasswordAndChangeOver(t *testing.T) {
	w := newWorld(t)
	user := w.user(dbusers.ReadWrite)
	member := fmt.Sprintf("SELECT pg_has_role('%s', 'rds_iam', 'MEMBER')", user)
	require.True(t, value[bool](t, w.master, member))
	run(t, w.master, dbusers.MakePasswordUser(user, "read-write", w.database))
	require.False(t, value[bool](t, w.master, member))
	w.change(user, dbusers.ReadWrite)
	require.True(t, value[bool](t, w.master, member))
	for _, group := range dbusers.AllRights() {
		require.False(t, value[bool](t, w.master, fmt.Sprintf("SELECT pg_has_role('%s', 'rds_iam', 'MEMBER')", group.Group())),
			"the master user is a member of a group, and would be locked out")
	}
}

func TestUsersThatAreMadeAtTheSameTimeDoNotDisturbEachOther(t *testing.T) {
	w := newWorld(t)
	const many = 8
	var together sync.WaitGroup
	results := make([]error, many)
	for at := range many {
		connection, name := w.server.MasterConnection(t, w.database), w.server.User(t, "app")
		together.Go(func() {
			for range 3 {
				results[at] = errors.Join(results[at], try(t, connection, dbusers.MakeUser(name, string(dbusers.AllRights()[at%3]), w.database)))
			}
		})
	}
	together.Wait()
	require.NoError(t, errors.Join(results...))
}

func TestTheStatementRefusesWhatItCannotBringAboutAndDoesNothing(t *testing.T) {
	w := newWorld(t)
	user := w.server.User(t, "app")
	for statement, want := range map[string]string{
		dbusers.MakeUser(user, "admin", w.database):                "rights 'admin' are none of",
		dbusers.MakeUser(user, "read", "elsewhere"):                "connected to database " + w.database + ", not to elsewhere",
		dbusers.MakeUser("aplomb_admin", "owner", w.database):      "user aplomb_admin is reserved",
		dbusers.MakeUser("rdsadmin", "owner", w.database):          "user rdsadmin is reserved",
		dbusers.MakeUser("pg_monitor", "read", w.database):         "user pg_monitor is reserved",
		dbusers.MakeUser("aplomb_reader", "owner", w.database):     "user aplomb_reader is reserved",
		dbusers.MakeUser("", "owner", w.database):                  "is reserved",
		dbusers.MakeUser("{{ User }}", "{{ Rights }}", w.database): "rights '{{ Rights }}' are none of",
	} {
		require.ErrorContains(t, try(t, w.master, statement), want)
	}
	require.Zero(t, value[int](t, w.master, "SELECT count(*) FROM pg_roles WHERE rolname = '"+user+"'"))
	w.server.Superuser(t, w.database, "CREATE ROLE "+user+" BYPASSRLS")
	require.ErrorContains(t, try(t, w.master, dbusers.MakeUser(user, "read", w.database)), "SUPERUSER, REPLICATION or BYPASSRLS")
}

func TestAMembershipThroughAnotherRoleIsNotOverlooked(t *testing.T) {
	w := newWorld(t)
	user, between := w.user(dbusers.Read), w.server.User(t, "team")
	w.server.Superuser(t, w.database, fmt.Sprintf("CREATE ROLE %s; GRANT aplomb_writer TO %s; GRANT %s TO %s", between, between, between, user))
	require.ErrorContains(t, try(t, w.master, dbusers.MakeUser(user, "read", w.database)), "should be a member of aplomb_reader alone")
}

func TestASchemaThatCannotBeClosedIsAnError(t *testing.T) {
	w := newWorld(t)
	w.server.Superuser(t, w.database, "ALTER SCHEMA public OWNER TO rdsadmin; GRANT CREATE ON SCHEMA public TO PUBLIC")
	require.ErrorContains(t, try(t, w.master, dbusers.MakeUser("somebody", "read", w.database)), "could not be closed")
}

func TestAnOwnersFunctionsAndOperatorsDoNotComeIntoTheStatement(t *testing.T) {
	w := newWorld(t)
	run(t, w.as(w.user(dbusers.Owner)),
		"CREATE FUNCTION public.format(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'ALTER ROLE aplomb_owner SUPERUSER' $$",
		"CREATE FUNCTION public.pg_has_role(text, text, text) RETURNS bool LANGUAGE sql AS $$ SELECT true $$",
		"CREATE FUNCTION public.current_database() RETURNS text LANGUAGE sql AS $$ SELECT 'elsewhere' $$")
	user := w.server.User(t, "app")
	run(t, w.master, "SET search_path TO public, pg_catalog", dbusers.MakeUser(user, "read", w.database))
	require.True(t, value[bool](t, w.master, "SELECT pg_catalog.pg_has_role('"+user+"', 'aplomb_reader', 'MEMBER')"))
}

func TestTheCheckHoldsOnlyForADatabaseWithATableOfAUser(t *testing.T) {
	w := newWorld(t)
	run(t, w.master, dbusers.MakeVerifyUser(w.database))
	verifier := w.as(dbusers.VerifyUser)
	holds := func() bool { return value[bool](t, verifier, dbusers.DefaultCheck) }
	require.False(t, holds(), "nothing is there")
	w.server.Superuser(t, w.database, "CREATE TABLE heartbeat (id int)")
	run(t, w.master, "CREATE TEMPORARY TABLE passing (id int)", "CREATE SCHEMA empty", "CREATE VIEW nothing AS SELECT 1", "CREATE SEQUENCE numbers")
	require.False(t, holds(), "a table of Amazon's, a temporary one, a view")
	owner := w.as(w.user(dbusers.Owner))
	run(t, owner, "CREATE TABLE orders (id int) PARTITION BY RANGE (id)")
	require.True(t, holds())
	run(t, owner, "DROP TABLE orders")
	require.False(t, holds())
}

func TestTheVerifierReadsAndWritesNothing(t *testing.T) {
	w := newWorld(t)
	run(t, w.as(w.user(dbusers.Owner)), "CREATE TABLE tickets (id int)")
	run(t, w.master, dbusers.MakeVerifyUser(w.database))
	verifier := w.as(dbusers.VerifyUser)
	require.Equal(t, "on", value[string](t, verifier, "SHOW transaction_read_only"))
	run(t, verifier, "SELECT * FROM tickets", "SET default_transaction_read_only TO off")
	requireDenied(t, verifier, "INSERT INTO tickets VALUES (1)")
	requireDenied(t, verifier, "CREATE TABLE more (id int)")
}
