// Layer: rules (pure). What the function can be sent.
package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/stretchr/testify/require"
)

const (
	masterARN = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:rds!cluster-5f3c-Ab12Cd"
	userARN   = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:aplomb/orders/web-Ab12Cd"
	hostName  = "orders.cluster-c0ffee.eu-central-1.rds.amazonaws.com"
)

// sample is an event of each verb with everything that it may have.
func sample(verb string) map[string]any {
	given := map[string]any{"verb": verb, "host": hostName, "port": 5432, "database": "orders"}
	for name, value := range map[string]map[string]any{
		makeUser:     {"secretARN": masterARN, "user": "web", "rights": "read-write", "login": "password"},
		makePassword: {"secretARN": masterARN, "user": "web", "userSecretARN": userARN},
		verify:       {"resourceID": "cluster-ABCDEFGHIJ", "check": "SELECT true"},
	}[verb] {
		given[name] = value
	}
	return given
}

func encoded(t testing.TB, given map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(given)
	require.NoError(t, err)
	return text
}

func TestEachVerbReadsItsFields(t *testing.T) {
	for verb, want := range map[string]event{
		makeUser:     {secretARN: masterARN, user: "web", rights: "read-write", login: "password", check: dbusers.DefaultCheck},
		makePassword: {secretARN: masterARN, user: "web", userSecretARN: userARN, login: "token", check: dbusers.DefaultCheck},
		verify:       {resourceID: "cluster-ABCDEFGHIJ", check: "SELECT true", login: "token"},
	} {
		want.verb, want.host, want.port, want.database = verb, hostName, 5432, "orders"
		read, err := decode(encoded(t, sample(verb)))
		require.NoError(t, err)
		require.Equal(t, want, read)
	}
}

func TestEachFieldThatIsNotOptionalIsMissed(t *testing.T) {
	for _, verb := range verbNames() {
		for name := range sample(verb) {
			given := sample(verb)
			delete(given, name)
			_, err := decode(encoded(t, given))
			switch name {
			case "login", "check", "resourceID":
				require.NoError(t, err, name)
			case "verb":
				require.EqualError(t, err, "the event: verb: nothing is none of make-user, make-password, verify; use one of them")
			default:
				require.ErrorContains(t, err, "the event: "+name+": missing, every ")
			}
		}
	}
}

func TestAFieldOfAnotherVerbIsRefused(t *testing.T) {
	for _, verb := range verbNames() {
		for _, other := range verbNames() {
			for name, value := range sample(other) {
				given := sample(verb)
				if _, has := given[name]; has {
					continue
				}
				given[name] = value
				_, err := decode(encoded(t, given))
				require.ErrorContains(t, err, "the event: "+name+": what was given is for no field of "+verb)
			}
		}
	}
}

func TestWhatIsWrongWithAnEventIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		``:                                       "the event is no JSON object: EOF",
		`null`:                                   "the event is no JSON object",
		`[]`:                                     "the event is no JSON object",
		`"verb"`:                                 "the event is no JSON object",
		`{`:                                      "the event is no JSON object",
		`{} {}`:                                  "something follows it",
		`{}x`:                                    "something follows it",
		`{"verb":"verify","verb":"make-user"}`:   `"verb" comes twice`,
		`{"verb":"drop-user"}`:                   `verb: "drop-user" is none of make-user, make-password, verify`,
		`{"verb":null}`:                          `verb: null is none of`,
		`{"Verb":"verify"}`:                      `verb: nothing is none of`,
		`{"verb":"verify","Host":"h"}`:           `Host: what was given is for no field`,
		`{"verb":"verify","port":"5432"}`:        `port: "5432" is no port; give a number from 1 to 65535`,
		`{"verb":"verify","port":0}`:             `port: 0 is no port`,
		`{"verb":"verify","port":65536}`:         `port: 65536 is no port`,
		`{"verb":"verify","port":54.5}`:          `port: 54.5 is no port`,
		`{"verb":"verify","port":null}`:          `port: null is no port`,
		`{"verb":"verify","host":7}`:             `host: 7 is no string`,
		`{"verb":"verify","host":null}`:          `host: null is no string`,
		`{"verb":"verify","host":"10.0.0.1"}`:    `host: "10.0.0.1" is no host name; give the endpoint of the database`,
		`{"verb":"verify","host":"a b"}`:         `is no host name`,
		`{"verb":"verify","host":"/tmp"}`:        `is no host name`,
		`{"verb":"verify","host":"a,b"}`:         `is no host name`,
		`{"verb":"verify","host":"a sslmode=x"}`: `is no host name`,
		`{"verb":"verify","database":"a b"}`:     `is no name of a database`,
		`{"verb":"verify","check":" "}`:          `check: " " is empty`,
		`{"verb":"verify","check":"` + strings.Repeat("x", maxCheck+1) + `"}`:                      `has 16385 bytes, more than 16384`,
		`{"verb":"verify","resourceID":"*"}`:                                                       `resourceID: "*" is no resource id`,
		`{"verb":"make-user","user":"aplomb_admin"}`:                                               `user: "aplomb_admin" is reserved`,
		`{"verb":"make-user","rights":"admin"}`:                                                    `rights: "admin" is none of read, read-write, owner`,
		`{"verb":"make-user","login":"kerberos"}`:                                                  `login: "kerberos" is none of token, password`,
		`{"verb":"make-user","secretARN":"hunter2"}`:                                               `secretARN: what was given is no ARN of a secret`,
		`{"verb":"make-password","secretARN":"` + userARN + `","userSecretARN":"` + userARN + `"}`: `is the master user's secret, which would be overwritten`,
	} {
		_, err := decode([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestTheVerifierIsMadeAloneOnlyAsItIsMadeWithEveryUser(t *testing.T) {
	given := map[string]any{
		"verb": makeUser, "host": "h", "port": 5432, "database": "d", "secretARN": masterARN, "user": dbusers.VerifyUser, "rights": "read",
	}
	read, err := decode(encoded(t, given))
	require.NoError(t, err)
	require.Equal(t, dbusers.VerifyUser, read.user)
	const reserved = `user: "aplomb_verify" is reserved: it is made by make-user alone, with the rights read and the login token; choose another name`
	for name, value := range map[string]any{"rights": "owner", "login": byPassword} {
		other := maps.Clone(given)
		other[name] = value
		_, err := decode(encoded(t, other))
		require.ErrorContains(t, err, reserved, name)
	}
	_, err = decode(encoded(t, map[string]any{
		"verb": makePassword, "host": "h", "port": 5432, "database": "d", "secretARN": masterARN, "user": dbusers.VerifyUser, "userSecretARN": userARN,
	}))
	require.ErrorContains(t, err, reserved)
}

func TestEverythingThatIsWrongIsSaidAtOnceAndInOneOrder(t *testing.T) {
	for range 20 {
		_, err := decode([]byte(`{"verb":"make-user","host":"h","port":0,"database":"","user":"Web","password":"hunter2"}`))
		require.EqualError(t, err, `the event: 6 problems
  - database: "" is no name of a database; use letters, digits and underscores, 63 at most
  - password: what was given is for no field of make-user; leave it out
  - port: 0 is no port; give a number from 1 to 65535
  - rights: missing, every make-user needs it; add it
  - secretARN: missing, every make-user needs it; add it
  - user: "Web" must be 1 to 63 lower-case letters, digits and underscores, and begin with a letter; choose another name`)
	}
}

func TestEveryFieldHasARuleAndEveryRuleAField(t *testing.T) {
	used := map[string]bool{}
	for _, names := range verbs {
		for _, name := range names {
			require.Contains(t, fields, name)
			used[name] = true
		}
	}
	require.Len(t, used, len(fields))
	require.Len(t, verbs, len(verbNames()))
}

func FuzzAnEventThatIsTakenIsWhole(f *testing.F) {
	for _, verb := range verbNames() {
		f.Add(encoded(f, sample(verb)))
	}
	f.Add([]byte(`{"verb":"verify","host":"h","port":1,"database":"d"}`))
	f.Add([]byte(`{"verb":"verify","host":"h","port":1,"database":"d","database":"e"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		read, err := decode(raw)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "the event"), err)
			return
		}
		require.Contains(t, verbNames(), read.verb)
		require.Regexp(t, hostPattern, read.host)
		require.NotContains(t, read.host+read.database+read.user, " ")
		require.NotContains(t, read.host+read.database+read.user, "'")
		require.True(t, read.port >= 1 && read.port <= 65535)
		require.NotEmpty(t, read.check)
		if read.verb != verify {
			require.True(t, read.user == dbusers.VerifyUser && read.verb == makeUser && read.rights == "read" || dbusers.UserProblem(read.user) == "", read.user)
			require.NotEmpty(t, read.secretARN)
		}
		// What is taken is an object, each of whose members is known.
		var members map[string]any
		require.NoError(t, json.Unmarshal(raw, &members))
		for name := range members {
			require.True(t, name == "verb" || name == "port" || contains(verbs[read.verb], name), name)
		}
	})
}

func contains(names []string, wanted string) bool {
	for _, name := range names {
		if name == wanted {
			return true
		}
	}
	return false
}
