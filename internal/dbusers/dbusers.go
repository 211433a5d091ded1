// Package dbusers is the SQL by which Aplomb makes the users of a PostgreSQL database on RDS or Aurora: one statement a user, which can be run
// again at any time and by as many as like, and then changes what differs and nothing else. Nothing here connects to anything.
//
// The statements are written for whoever sends them:
//
//   - The RDS Data API takes one statement a call, so each is one DO block. A colon before a letter begins a named parameter there
//     (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.calling.html), so there is no colon at all: DEFAULT and CAST stand
//     where one writes := and ::.
//   - AWS Systems Manager replaces {{ Name }} in a document by a parameter as it is, so no other brace occurs, and whoever lets a parameter in
//     states its allowed pattern there.
//   - The master user of RDS is no superuser, but has CREATEROLE and owns the database
//     (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html).
package dbusers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Rights is what a user may do in a database.
type Rights string

const (
	// Read reads every table that an Owner made, or will make.
	Read Rights = "read"
	// ReadWrite also inserts, updates and deletes rows, and draws numbers from sequences. It cannot truncate or change a table.
	ReadWrite Rights = "read-write"
	// Owner also makes, changes and drops tables and schemas. What it makes belongs to the group of all owners.
	Owner Rights = "owner"
)

// AllRights lists every Rights, the least first.
func AllRights() []Rights { return []Rights{Read, ReadWrite, Owner} }

const (
	// MasterUser is the master user of every database that Aplomb makes.
	MasterUser = "aplomb_admin"
	// VerifyUser is who looks into a database that was restored, to see whether it holds anything.
	VerifyUser = "aplomb_verify"
)

// The roles that hold the rights. Nobody logs in as one of them; every user is a member of exactly one.
const (
	OwnerGroup  = "aplomb_owner"
	WriterGroup = "aplomb_writer"
	ReaderGroup = "aplomb_reader"
)

// Group is the role that holds these rights; empty for rights that there are not.
func (r Rights) Group() string {
	return map[Rights]string{Read: ReaderGroup, ReadWrite: WriterGroup, Owner: OwnerGroup}[r]
}

// UserPattern is what the name of a user looks like: an identifier that PostgreSQL takes without quotes and does not cut off
// (https://www.postgresql.org/docs/16/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
const UserPattern = `^[a-z][a-z0-9_]{0,62}$`

var (
	userPattern = regexp.MustCompile(UserPattern)
	// pg_ is PostgreSQL's (https://www.postgresql.org/docs/16/sql-createrole.html), rds is Amazon's, aplomb_ is ours.
	reservedPrefixes = []string{"pg_", "rds", "aplomb_"}
	// public, none and the two that mean whoever is connected are words of GRANT and SET ROLE, not roles; postgres is the cluster's own.
	reservedNames = []string{"postgres", "public", "none", "current_user", "session_user", "current_role", "user"}
)

// UserProblem says what is wrong with the name of a user, such as "is reserved"; it is empty when nothing is.
func UserProblem(name string) string {
	if !userPattern.MatchString(name) {
		return "must be 1 to 63 lower-case letters, digits and underscores, and begin with a letter"
	}
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(name, prefix) {
			return fmt.Sprintf("is reserved: no user's name begins with %s", prefix)
		}
	}
	if slices.Contains(reservedNames, name) {
		return "is reserved: it has a meaning of its own in PostgreSQL"
	}
	return ""
}

// MakeUser is one statement that makes the user, who logs in with IAM tokens, or changes what differs: the three groups with their privileges,
// the user's login, its membership in exactly one group. Whatever the user owned belongs to the owners' group afterwards. It is run by the
// master user, connected to that database, and fails, having done nothing, where it cannot bring about what was asked.
//
// The arguments are put once, as quoted literals, at the top of the statement and are not validated here: each may be a placeholder such as
// "{{ User }}" that is replaced later. Whoever replaces it sees to it that neither a quote nor a dollar comes in (UserPattern, AllRights).
// The statement itself refuses rights that there are not, another database than the one it is connected to, and reserved names.
//
// Not changed: privileges that were granted to the user or revoked from a group by name, and sessions that are open. A session of a former Owner
// keeps the owners' rights until it ends.
func MakeUser(user, rights, database string) string {
	return statement(user, rights, database, true, "")
}

// MakePasswordUser is MakeUser for a user who logs in by password, as RDS Proxy does on behalf of its clients. RDS takes no password from a member
// of rds_iam (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html), so the user is none. The password is set
// elsewhere.
func MakePasswordUser(user, rights, database string) string {
	return statement(user, rights, database, false, "")
}

// MakeVerifyUser is MakeUser for VerifyUser, who can read and whose transactions are read-only unless it says otherwise.
func MakeVerifyUser(database string) string {
	return statement(VerifyUser, string(Read), database, true, verifySettings)
}

// DefaultCheck is a query whose one answer says whether the database holds at least one table of a user: not of the catalog, an extension or AWS.
// A restore that holds nothing has not been verified. It needs no privileges on the tables.
const DefaultCheck = `SELECT EXISTS (
  SELECT FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_roles AS o ON o.oid = c.relowner
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg|_%' ESCAPE '|'
    AND o.rolname NOT LIKE 'rds%'
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AND d.objid = c.oid AND d.deptype = 'e'))`

func statement(user, rights, database string, token bool, settings string) string {
	return strings.NewReplacer(
		"@user@", quoted(user), "@rights@", quoted(rights), "@database@", quoted(database),
		"@token@", fmt.Sprint(token), "@settings@", settings,
	).Replace(template)
}

// quoted is text as a literal of SQL.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
