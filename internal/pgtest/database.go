package pgtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Database makes a database that the master user owns, as RDS does, and drops it when the test ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.mutex.Lock()
	s.serial++
	name := fmt.Sprintf("orders_%d", s.serial)
	s.mutex.Unlock()
	s.Superuser(t, "postgres", "CREATE DATABASE "+name+" OWNER "+Master)
	if s.Major() < 15 {
		// From 15 on the owner of the database owns the schema without more.
		s.Superuser(t, name, "ALTER SCHEMA public OWNER TO "+Master)
	}
	t.Cleanup(func() { s.Superuser(t, "postgres", "DROP DATABASE "+name+" WITH (FORCE)") })
	return name
}

// User is a name for a user of the test alone: roles belong to the whole server.
func (s *Server) User(t testing.TB, prefix string) string {
	t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.serial++
	return fmt.Sprintf("%s_%d", prefix, s.serial)
}

// Superuser runs a script as the superuser that nobody has on RDS.
func (s *Server) Superuser(t testing.TB, database, script string) {
	t.Helper()
	ctx := deadline(t)
	admin, err := s.dial(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx) //nolint:errcheck // what it was for has been done
	if _, err := admin.Exec(ctx, script); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// Connect logs in over TLS, and closes when the test ends.
func (s *Server) Connect(t testing.TB, database, user, password string) (*pgx.Conn, error) {
	t.Helper()
	config, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=%s connect_timeout=10 default_query_exec_mode=simple_protocol",
		Host, s.Port, user, database))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	config.Password, config.TLSConfig, config.Fallbacks = password, &tls.Config{RootCAs: pool, ServerName: Host, MinVersion: tls.VersionTLS12}, nil
	connection, err := pgx.ConnectConfig(deadline(t), config)
	if err == nil {
		t.Cleanup(func() { _ = connection.Close(context.Background()) })
	}
	return connection, err
}

// MasterConnection is the master user's.
func (s *Server) MasterConnection(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	connection, err := s.Connect(t, database, Master, MasterPassword)
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

// As is a connection of a user, whatever it logs in with: it is given a password for the occasion.
func (s *Server) As(t testing.TB, database, user string) *pgx.Conn {
	t.Helper()
	s.SetPassword(t, user, "for the occasion")
	connection, err := s.Connect(t, database, user, "for the occasion")
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

// SetPassword sets what the user logs in with, be it a member of rds_iam or not.
func (s *Server) SetPassword(t testing.TB, user, password string) {
	t.Helper()
	ctx := deadline(t)
	admin, err := s.dial(ctx, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx) //nolint:errcheck // what it was for has been done
	// The server logs statements, so that tests see what it is told; this is none of theirs.
	for _, statement := range []string{"SET log_statement TO 'none'", "ALTER ROLE " + pgx.Identifier{user}.Sanitize() + " PASSWORD " + literal(password)} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
}

// Log is what the server logged so far; it logs every statement.
func (s *Server) Log(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Folder, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
