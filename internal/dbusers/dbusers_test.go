// Layer: rules (pure).
package dbusers_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheNamesOfUsersThatAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"":                      "must be 1 to 63",
		"Orders":                "must be 1 to 63",
		"1orders":               "must be 1 to 63",
		"_orders":               "must be 1 to 63",
		"or-ders":               "must be 1 to 63",
		"orders\n":              "must be 1 to 63",
		"or'ders":               "must be 1 to 63",
		"örders":                "must be 1 to 63",
		"{{ User }}":            "must be 1 to 63",
		strings.Repeat("a", 64): "must be 1 to 63",
		dbusers.MasterUser:      "no user's name begins with aplomb_",
		dbusers.VerifyUser:      "no user's name begins with aplomb_",
		dbusers.OwnerGroup:      "no user's name begins with aplomb_",
		"pg_read_all_data":      "no user's name begins with pg_",
		"rdsadmin":              "no user's name begins with rds",
		"rds_iam":               "no user's name begins with rds",
		"postgres":              "a meaning of its own",
		"public":                "a meaning of its own",
		"none":                  "a meaning of its own",
		"current_user":          "a meaning of its own",
		"session_user":          "a meaning of its own",
		"current_role":          "a meaning of its own",
		"user":                  "a meaning of its own",
	} {
		require.Contains(t, dbusers.UserProblem(name), want, "%q", name)
	}
	for _, name := range []string{"a", "orders", "orders_2", "aplomb", "pgbouncer", "rd", "users", "public_api", strings.Repeat("a", 63)} {
		require.Empty(t, dbusers.UserProblem(name), "%q", name)
	}
}

func TestEachRightsHasAGroupOfItsOwn(t *testing.T) {
	require.Equal(t, []dbusers.Rights{"read", "read-write", "owner"}, dbusers.AllRights())
	var groups []string
	for _, rights := range dbusers.AllRights() {
		groups = append(groups, rights.Group())
	}
	require.Equal(t, []string{"aplomb_reader", "aplomb_writer", "aplomb_owner"}, groups)
	require.Empty(t, dbusers.Rights("admin").Group())
}

func statements() map[string]string {
	return map[string]string{
		"make":     dbusers.MakeUser("{{ User }}", "{{ Rights }}", "{{ Database }}"),
		"password": dbusers.MakePasswordUser("{{ User }}", "{{ Rights }}", "{{ Database }}"),
		"verify":   dbusers.MakeVerifyUser("{{ Database }}"),
		"check":    dbusers.DefaultCheck,
	}
}

func TestNoStatementHoldsWhatTheDataAPIOrSystemsManagerWouldReadAsTheirs(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\{ (User|Rights|Database) \}\}`)
	for name, text := range statements() {
		bare := placeholder.ReplaceAllString(text, "")
		for _, each := range []string{":", "?", "{", "}", `\`, "--", "/*", "@", "#", "\t"} {
			require.NotContains(t, bare, each, name)
		}
		require.Regexp(t, `^[\x20-\x7e\n]+$`, text, name)
	}
}

func TestEachStatementIsOneDollarQuotedBlock(t *testing.T) {
	for name, text := range statements() {
		if name == "check" {
			require.NotContains(t, text, ";")
			continue
		}
		require.True(t, strings.HasPrefix(text, "DO $aplomb$\nDECLARE\n"), name)
		require.True(t, strings.HasSuffix(text, "END\n$aplomb$"), name)
		require.Equal(t, 4, strings.Count(text, "$"), "%s: two tags, and no other dollar", name)
	}
}

func TestEachArgumentStandsInTheStatementOnceAsALiteralAtItsTop(t *testing.T) {
	text := dbusers.MakeUser("{{ User }}", "{{ Rights }}", "{{ Database }}")
	top, rest, found := strings.Cut(text, "BEGIN\n")
	require.True(t, found)
	for _, want := range []string{"the_user text DEFAULT '{{ User }}';", "the_rights text DEFAULT '{{ Rights }}';", "the_database text DEFAULT '{{ Database }}';"} {
		require.Equal(t, 1, strings.Count(top, want), want)
	}
	require.NotContains(t, rest, "{{")
}

func TestAnArgumentStaysWithinItsQuotesWhateverItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		user := rapid.String().Draw(t, "user")
		text := dbusers.MakeUser(user, "read", "orders")
		before, after, _ := strings.Cut(dbusers.MakeUser("", "read", "orders"), "DEFAULT ''")
		require.True(t, strings.HasPrefix(text, before+"DEFAULT '") && strings.HasSuffix(text, "'"+after))
		literal := strings.TrimSuffix(strings.TrimPrefix(text, before+"DEFAULT '"), "'"+after)
		require.Equal(t, user, strings.ReplaceAll(literal, "''", "'"))
		require.NotContains(t, strings.ReplaceAll(literal, "''", ""), "'")
	})
}

func TestOnlyAUserWithAPasswordIsNoMemberOfRDSIAM(t *testing.T) {
	require.Contains(t, dbusers.MakeUser("a", "read", "b"), "by_token boolean DEFAULT true;")
	require.Contains(t, dbusers.MakePasswordUser("a", "read", "b"), "by_token boolean DEFAULT false;")
	require.Contains(t, dbusers.MakeVerifyUser("b"), "by_token boolean DEFAULT true;")
	require.Contains(t, dbusers.MakeVerifyUser("b"), "SET default_transaction_read_only TO on")
	require.NotContains(t, dbusers.MakeUser("a", "read", "b"), "default_transaction_read_only")
}
