// Layer: host (a real PostgreSQL server, with TLS). What the function does there, and what of it can be read.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
	"github.com/aplomb-iac/aplomb/internal/pgtest"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// safe is Secrets Manager in memory.
type safe struct {
	mutex  sync.Mutex
	values map[string]string
	writes int
	// fails is what the next writes end with; before runs before each.
	fails  error
	before func()
	reads  map[string][]string
}

func (s *safe) read(_ context.Context, arn string) (string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if queue := s.reads[arn]; len(queue) > 0 {
		s.reads[arn] = queue[1:]
		return queue[0], nil
	}
	return s.values[arn], nil
}

func (s *safe) write(_ context.Context, arn, value string) error {
	if s.before != nil {
		s.before()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.fails != nil {
		return s.fails
	}
	s.writes++
	s.values[arn] = value
	return nil
}

func (s *safe) password(t *testing.T, arn string) string {
	t.Helper()
	var found map[string]string
	require.NoError(t, json.Unmarshal([]byte(s.values[arn]), &found))
	require.Len(t, found, 2, "the proxy takes username and password")
	return found["password"]
}

const theToken = "orders:5432/?Action=connect&DBUser=aplomb_verify&X-Amz-Signature=c0ffee"

// stage is the function before a real database.
type stage struct {
	t        *testing.T
	server   *pgtest.Server
	database string
	safe     *safe
	runner   *runner
	logged   *bytes.Buffer
	// said is everything that the function returned.
	said *strings.Builder
}

func newStage(t *testing.T) stage {
	t.Helper()
	server := pgtest.Start(t)
	kept := &safe{values: map[string]string{masterARN: credentialsOf(pgtest.Master, pgtest.MasterPassword)}}
	logged := &bytes.Buffer{}
	return stage{t: t, server: server, database: server.Database(t), safe: kept, logged: logged, said: &strings.Builder{}, runner: &runner{
		secrets: kept, bundle: server.CAFile, limits: limits{whole: time.Minute, connect: 10 * time.Second, statement: 20 * time.Second},
		token: func(context.Context, string, int, string) (string, error) { return theToken, nil },
		log:   slog.New(slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}}
}

func credentialsOf(user, password string) string {
	text, _ := json.Marshal(credentials{user, password})
	return string(text)
}

// send adds where the database is to what is given.
func (s stage) send(given map[string]any) (*answer, error) {
	s.t.Helper()
	whole := map[string]any{"host": pgtest.Host, "port": s.server.Port, "database": s.database}
	for name, value := range given {
		whole[name] = value
	}
	result, err := s.runner.handle(s.t.Context(), encoded(s.t, whole))
	if err != nil {
		s.said.WriteString(err.Error())
	} else {
		text, fault := json.Marshal(result)
		require.NoError(s.t, fault)
		s.said.Write(text)
	}
	return result, err
}

func (s stage) makeUser(user string, rights dbusers.Rights, login string) {
	s.t.Helper()
	result, err := s.send(map[string]any{"verb": makeUser, "secretARN": masterARN, "user": user, "rights": rights, "login": login})
	require.NoError(s.t, err)
	require.True(s.t, result.OK)
	require.Equal(s.t, s.server.Version, result.Server)
}

func (s stage) makePassword(user string) (*answer, error) {
	s.t.Helper()
	return s.send(map[string]any{"verb": makePassword, "secretARN": masterARN, "user": user, "userSecretARN": userARN})
}

// verify lets the verifier in with the token, as IAM would.
func (s stage) verify(check string) (*answer, error) {
	s.t.Helper()
	s.server.SetPassword(s.t, dbusers.VerifyUser, theToken)
	given := map[string]any{"verb": verify, "resourceID": "cluster-ABCDEFGHIJ"}
	if check != "" {
		given["check"] = check
	}
	return s.send(given)
}

func (s stage) masterRuns(statements ...string) {
	s.t.Helper()
	connection := s.server.MasterConnection(s.t, s.database)
	for _, statement := range statements {
		_, err := connection.Exec(s.t.Context(), statement)
		require.NoError(s.t, err, statement)
	}
}

// requireHushed holds that nothing the function said or logged, and nothing the server logged, holds a credential.
func (s stage) requireHushed(credentials ...string) {
	s.t.Helper()
	require.NotEmpty(s.t, s.logged.String())
	for _, each := range append(credentials, pgtest.MasterPassword, theToken) {
		for where, text := range map[string]string{"logged": s.logged.String(), "said": s.said.String(), "logged by the server": s.server.Log(s.t)} {
			require.False(s.t, strings.Contains(text, each), "%q was %s", each, where)
		}
	}
}

func TestAUserIsMadeWithItsRightsAndTheVerifierWithIt(t *testing.T) {
	s := newStage(t)
	user := s.server.User(t, "web")
	for range 2 {
		s.makeUser(user, dbusers.Read, byToken)
	}
	var groups []string
	rows, err := s.server.MasterConnection(t, s.database).Query(t.Context(),
		"SELECT g FROM unnest(ARRAY['aplomb_reader', 'aplomb_writer', 'aplomb_owner', 'rds_iam']) g WHERE pg_has_role('"+user+"', g, 'MEMBER') ORDER BY g")
	require.NoError(t, err)
	for rows.Next() {
		var group string
		require.NoError(t, rows.Scan(&group))
		groups = append(groups, group)
	}
	require.Equal(t, []string{"aplomb_reader", "rds_iam"}, groups)
	_, err = s.server.As(t, s.database, dbusers.VerifyUser).Exec(t.Context(), "SELECT 1")
	require.NoError(t, err)
	s.requireHushed()
}

func TestTheVerifierIsMadeWithItsSettingsWhereNobodyElseIs(t *testing.T) {
	s := newStage(t)
	s.makeUser(dbusers.VerifyUser, dbusers.Read, byToken)
	var readOnly string
	require.NoError(t, s.server.As(t, s.database, dbusers.VerifyUser).QueryRow(t.Context(), "SHOW default_transaction_read_only").Scan(&readOnly))
	require.Equal(t, "on", readOnly)
	s.requireHushed()
}

func TestAnAnswerIsOfTheFormThatIsDocumented(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	require.Regexp(t, `^\{"ok":true,"server":"[0-9.]+","seconds":[0-9.]+\}$`, s.said.String())
	require.Regexp(t, `"msg":"done","verb":"make-user","host":"localhost","port":[0-9]+,"database":"[a-z_0-9]+","user":"[a-z_0-9]+","seconds":[0-9.]+,"server":"[0-9.]+"`, s.logged.String())
}

func TestAPasswordIsMadeOnceAndWorksAndIsNowhereToBeRead(t *testing.T) {
	s := newStage(t)
	user := s.server.User(t, "web")
	s.makeUser(user, dbusers.ReadWrite, byToken)
	first, err := s.makePassword(user)
	require.NoError(t, err)
	require.True(t, *first.Changed)
	password := s.safe.password(t, userARN)
	require.Regexp(t, `^[A-Z2-7]{52}$`, password)
	connection, err := s.server.Connect(t, s.database, user, password)
	require.NoError(t, err)
	var member bool
	require.NoError(t, connection.QueryRow(t.Context(), "SELECT pg_has_role(current_user, 'rds_iam', 'MEMBER')").Scan(&member))
	require.False(t, member, "RDS takes no password from a member of rds_iam")

	again, err := s.makePassword(user)
	require.NoError(t, err)
	require.False(t, *again.Changed)
	require.Equal(t, 1, s.safe.writes)
	require.Equal(t, password, s.safe.password(t, userARN))

	s.makeUser(user, dbusers.Read, byPassword)
	again, err = s.makePassword(user)
	require.NoError(t, err)
	require.False(t, *again.Changed, "rights change without a new password")
	s.requireHushed(password)
	require.Contains(t, s.server.Log(t), "PASSWORD 'SCRAM-SHA-256$", "the server logs every statement, so that this one was seen")
}

func TestAPasswordThatDoesNotWorkAnyMoreIsReplaced(t *testing.T) {
	s := newStage(t)
	user := s.server.User(t, "web")
	s.makeUser(user, dbusers.ReadWrite, byPassword)
	var passwords []string
	for _, stored := range []string{"", "no JSON", `{"username":"` + user + `"}`, credentialsOf("another", "x"), credentialsOf(user, "not any more")} {
		s.safe.values[userARN] = stored
		result, err := s.makePassword(user)
		require.NoError(t, err, stored)
		require.True(t, *result.Changed, stored)
		passwords = append(passwords, s.safe.password(t, userARN))
		_, err = s.server.Connect(t, s.database, user, passwords[len(passwords)-1])
		require.NoError(t, err)
	}
	_, err := s.server.Connect(t, s.database, user, passwords[0])
	require.ErrorContains(t, err, "password authentication failed", "an older one is worth nothing")
	s.requireHushed(append(passwords, "not any more")...)
}

func TestAUserWhoBecameOneOfTokensAgainGetsAPasswordThatWorks(t *testing.T) {
	s := newStage(t)
	user := s.server.User(t, "web")
	s.makeUser(user, dbusers.ReadWrite, byPassword)
	_, err := s.makePassword(user)
	require.NoError(t, err)
	s.makeUser(user, dbusers.ReadWrite, byToken)
	result, err := s.makePassword(user)
	require.NoError(t, err)
	require.True(t, *result.Changed)
	s.requireHushed(s.safe.password(t, userARN))
}

func TestASecretThatCannotBeWrittenLeavesTheDatabaseAsItWas(t *testing.T) {
	s := newStage(t)
	user := s.server.User(t, "web")
	s.makeUser(user, dbusers.ReadWrite, byPassword)
	_, err := s.makePassword(user)
	require.NoError(t, err)
	before := s.safe.password(t, userARN)
	lost := credentialsOf(user, "lost")
	s.safe.values[userARN] = lost
	s.safe.fails = errors.New("AccessDeniedException: no")
	_, err = s.makePassword(user)
	require.ErrorContains(t, err, "AccessDeniedException")
	require.Equal(t, lost, s.safe.values[userARN])
	_, err = s.server.Connect(t, s.database, user, before)
	require.NoError(t, err, "the password that was")
}

func TestPasswordsThatAreMadeAtTheSameTimeEndWithOneThatWorks(t *testing.T) {
	s := newStage(t)
	user := s.server.User(t, "web")
	s.makeUser(user, dbusers.ReadWrite, byPassword)
	event := encoded(t, map[string]any{"verb": makePassword, "host": pgtest.Host, "port": s.server.Port, "database": s.database,
		"secretARN": masterARN, "user": user, "userSecretARN": userARN})
	s.runner.log = slog.New(slog.DiscardHandler)
	s.safe.before = func() { time.Sleep(50 * time.Millisecond) }
	var together sync.WaitGroup
	for range 4 {
		// One that was overtaken finds its password replaced, and says so.
		together.Go(func() { _, _ = s.runner.handle(t.Context(), event) })
	}
	together.Wait()
	_, err := s.server.Connect(t, s.database, user, s.safe.password(t, userARN))
	require.NoError(t, err)
}

func TestAPasswordForNobodyIsRefused(t *testing.T) {
	s := newStage(t)
	_, err := s.makePassword("nobody_at_all")
	require.ErrorContains(t, err, "there is no user nobody_at_all: make it first, with make-user")
	require.Zero(t, s.safe.writes)
}

func TestTheMasterUsersSecretIsReadAgainAfterARotation(t *testing.T) {
	s := newStage(t)
	stale := credentialsOf(pgtest.Master, "of last week")
	s.safe.reads = map[string][]string{masterARN: {stale}}
	s.makeUser(s.server.User(t, "web"), dbusers.Read, byToken)

	s.safe.values[masterARN] = stale
	_, err := s.send(map[string]any{"verb": makeUser, "secretARN": masterARN, "user": "web", "rights": "read"})
	require.ErrorContains(t, err, "aplomb_admin could not log in")
	s.safe.values[masterARN] = `{"password":"of last week"}`
	_, err = s.send(map[string]any{"verb": makeUser, "secretARN": masterARN, "user": "web", "rights": "read"})
	require.ErrorContains(t, err, "holds no username and password")
	s.requireHushed("of last week")
}

func TestAnEmptyDatabaseIsNotVerified(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	_, err := s.verify("")
	require.ErrorContains(t, err, "the check was not met: it answered false")
	s.masterRuns("CREATE TABLE orders (id int)")
	result, err := s.verify("")
	require.NoError(t, err)
	require.True(t, result.OK)
	require.Equal(t, s.server.Version, result.Server)
	require.Nil(t, result.Changed)
	require.Zero(t, s.safe.writes)
	s.requireHushed()
}

func TestVerifyingReadsNoSecret(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	s.runner.secrets = nil
	_, err := s.verify("SELECT true")
	require.NoError(t, err)
}

func TestACheckThatIsNotOneTrueSaysWhatWasSeen(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	s.masterRuns("CREATE TABLE orders (id int)", "CREATE FUNCTION writes() RETURNS bool LANGUAGE sql AS 'INSERT INTO orders VALUES (1) RETURNING true'")
	for check, want := range map[string]string{
		"SELECT false":                           "it answered false",
		"SELECT count(*) > 0 FROM orders":        "it answered false",
		"SELECT NULL::boolean":                   "it answered null",
		"SELECT true WHERE false":                "it answered with no row where one is due",
		"SELECT true FROM generate_series(1, 3)": "it answered with more than one row",
		"SELECT true, true":                      "it answered with 2 columns where one boolean is due",
		"SELECT count(*) FROM orders":            "its answer is no boolean but of type int8",
		"SELECT 't'":                             "its answer is no boolean but of type text",
		"SELECT FROM orders":                     "it answered with 0 columns",
		"SELECT":                                 "it answered with 0 columns",
		"SELEKT true":                            "syntax error",
		"SELECT true FROM missing":               `relation "missing" does not exist`,
		"SELECT true; SELECT true":               "cannot insert multiple commands",
		"COMMIT":                                 "it answered with 0 columns",
		"DELETE FROM orders":                     "read-only transaction",
		"SELECT writes()":                        "read-only transaction",
		"SELECT 1/0 = 1":                         "division by zero",
		"SELECT set_config('transaction_read_only', 'off', false) IS NULL": "read-write mode",
		"SET TRANSACTION READ WRITE":                                       "it answered with 0 columns",
		"SELECT rolpassword IS NOT NULL FROM pg_authid":                    "permission denied",
	} {
		_, err := s.verify(check)
		require.ErrorContains(t, err, "the check was not met: ", check)
		require.ErrorContains(t, err, want, check)
	}
	result, err := s.verify("SELECT count(*) = 0 FROM orders")
	require.NoError(t, err)
	require.True(t, result.OK)
}

func TestAVerifierThatIsNotLetInIsToldWhatIsMissing(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	s.server.SetPassword(t, dbusers.VerifyUser, "another")
	_, err := s.send(map[string]any{"verb": verify, "resourceID": "cluster-ABCDEFGHIJ"})
	require.ErrorContains(t, err, "needs rds-db:connect on dbuser:cluster-ABCDEFGHIJ/aplomb_verify")
	s.runner.token = func(context.Context, string, int, string) (string, error) { return "", errors.New("no credentials") }
	_, err = s.send(map[string]any{"verb": verify})
	require.ErrorContains(t, err, "no credentials")
	s.requireHushed()
}

func TestWithoutTheRightCertificateNothingIsSent(t *testing.T) {
	s := newStage(t)
	other := filepath.Join(t.TempDir(), "ca.pem")
	for _, each := range []struct {
		name, want string
		prepare    func()
	}{
		{"another authority", "certificate signed by unknown authority", func() {
			require.NoError(t, os.WriteFile(other, anotherAuthority(t), 0o600))
		}},
		{"no certificate", "holds no certificate, and without RDS's no connection is made", func() {
			require.NoError(t, os.WriteFile(other, []byte("nothing"), 0o600))
		}},
		{"no file", "without RDS's certificates no connection is made", func() { require.NoError(t, os.Remove(other)) }},
	} {
		each.prepare()
		s.runner.bundle = other
		before := strings.Count(s.server.Log(t), "connection authorized: user=aplomb_admin")
		_, err := s.send(map[string]any{"verb": makeUser, "secretARN": masterARN, "user": "web", "rights": "read"})
		require.ErrorContains(t, err, each.want, each.name)
		_, err = s.send(map[string]any{"verb": verify})
		require.ErrorContains(t, err, each.want, each.name)
		require.Equal(t, before, strings.Count(s.server.Log(t), "connection authorized: user=aplomb_admin"))
	}
	s.requireHushed()
}

func TestTheCertificateMustBeForTheHost(t *testing.T) {
	s := newStage(t)
	authorities, err := readBundle(s.server.CAFile)
	require.NoError(t, err)
	// The same server by another name, which no event can give: an address.
	work := &job{runner: s.runner, authorities: authorities, kept: &confidential{}, event: event{host: "127.0.0.1", port: s.server.Port, database: s.database}}
	_, err = work.connect(t.Context(), login{pgtest.Master, pgtest.MasterPassword})
	require.ErrorContains(t, err, "cannot validate certificate for 127.0.0.1")
	work.host = pgtest.Host
	connection, err := work.connect(t.Context(), login{pgtest.Master, pgtest.MasterPassword})
	require.NoError(t, err)
	end(connection)
}

func TestAServerWithoutTLSIsRefused(t *testing.T) {
	s := newStage(t)
	port := answering(t, func(connection net.Conn) { _, _ = connection.Write([]byte("N")) })
	_, err := s.send(map[string]any{"verb": makeUser, "secretARN": masterARN, "user": "web", "rights": "read", "port": port})
	require.ErrorContains(t, err, "server refused TLS connection")
}

func TestAServerThatAcceptsAndNeverAnswersIsGivenUp(t *testing.T) {
	s := newStage(t)
	s.runner.limits.connect = 300 * time.Millisecond
	port := answering(t, func(net.Conn) { time.Sleep(time.Minute) })
	for _, given := range []map[string]any{
		{"verb": makeUser, "secretARN": masterARN, "user": "web", "rights": "read", "port": port},
		{"verb": makePassword, "secretARN": masterARN, "user": "web", "userSecretARN": userARN, "port": port},
		{"verb": verify, "port": port},
	} {
		began := time.Now()
		_, err := s.send(given)
		require.ErrorContains(t, err, "did not let")
		require.ErrorContains(t, err, "in within 300ms")
		require.Less(t, time.Since(began), 5*time.Second)
	}
}

func TestAStatementThatTakesTooLongIsEnded(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	s.runner.limits.statement = 200 * time.Millisecond
	began := time.Now()
	_, err := s.verify("SELECT pg_sleep(60) IS NOT NULL")
	require.ErrorContains(t, err, "canceling statement due to statement timeout")
	require.Less(t, time.Since(began), 5*time.Second)
}

func TestLambdasOwnDeadlineCountsWhenItIsEarlier(t *testing.T) {
	s := newStage(t)
	s.makeUser(s.server.User(t, "web"), dbusers.Owner, byToken)
	s.server.SetPassword(t, dbusers.VerifyUser, theToken)
	ctx, cancel := context.WithTimeout(t.Context(), beforeLambda+time.Second)
	defer cancel()
	_, err := s.runner.handle(ctx, encoded(t, map[string]any{"verb": verify, "host": pgtest.Host, "port": s.server.Port, "database": s.database,
		"check": "SELECT pg_sleep(60) IS NOT NULL"}))
	require.ErrorContains(t, err, "the server did not answer in time")
	require.NoError(t, ctx.Err(), "there is time left to say so")
}

// answering is the port of a server that does with each connection what it is told.
func answering(t *testing.T, each func(net.Conn)) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close() //nolint:errcheck // nothing was written that could be lost
				_, _ = connection.Read(make([]byte, 8))
				each(connection)
			}()
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	return number
}
