package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// bundleFile is where the image has the certificates of RDS's authorities
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html).
const bundleFile = "/etc/ssl/certs/rds-global-bundle.pem"

// closing is how long a connection gets to say goodbye.
const closing = 2 * time.Second

// readBundle refuses to go on without certificates: a connection whose other end is not known would hand the password to whoever answers.
func readBundle(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("without RDS's certificates no connection is made: %w; build the image with make sql-image RDS_BUNDLE=FILE", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate, and without RDS's no connection is made; build the image with make sql-image RDS_BUNDLE=FILE", file)
	}
	return pool, nil
}

// job is one event under way.
type job struct {
	*runner
	event
	authorities *x509.CertPool
	kept        *confidential
}

// login is who connects, and with what.
type login struct{ user, password string }

// connect logs in over TLS, with the server's certificate verified for the host's name. Nothing of the environment has a say in it.
func (j *job) connect(ctx context.Context, as login) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d dbname=%s user=nobody sslmode=verify-full sslrootcert=%s passfile=/dev/null", j.host, j.port, j.database, j.bundle))
	if err != nil {
		return nil, fmt.Errorf("the connection could not be described: %w", err)
	}
	config.User, config.Password = as.user, as.password
	config.TLSConfig = &tls.Config{RootCAs: j.authorities, ServerName: j.host, MinVersion: tls.VersionTLS12}
	config.Fallbacks = nil
	config.ConnectTimeout = j.limits.connect
	config.RuntimeParams = map[string]string{
		"application_name":  "aplomb-sql",
		"statement_timeout": strconv.FormatInt(j.limits.statement.Milliseconds(), 10),
	}
	// One statement a call, and nothing is prepared.
	config.DefaultQueryExecMode, config.StatementCacheCapacity, config.DescriptionCacheCapacity = pgx.QueryExecModeExec, 0, 0
	within, cancel := context.WithTimeout(ctx, j.limits.connect)
	defer cancel()
	connection, err := pgx.ConnectConfig(within, config)
	if err != nil && within.Err() != nil {
		return nil, fmt.Errorf("the server did not let %s in within %s: %w", as.user, j.limits.connect, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s could not log in: %w", as.user, err)
	}
	return connection, nil
}

// end closes a connection, be the server there or not.
func end(connection *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = connection.Close(ctx)
}

// within is the deadline of one statement, a little later than the server's own, whose error says more.
func (j *job) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, j.limits.statement+2*time.Second)
}

// exec runs one statement without a result.
func (j *job) exec(ctx context.Context, on execer, statement string) error {
	ctx, cancel := j.within(ctx)
	defer cancel()
	_, err := on.Exec(ctx, statement)
	return explained(ctx, err)
}

// execer is a connection or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
}

// explained says of a deadline that it was one.
func explained(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("the server did not answer in time: %w", err)
	}
	return err
}

// serverOf is the version of PostgreSQL, without what a distribution adds.
func serverOf(connection *pgx.Conn) string {
	version, _, _ := strings.Cut(connection.PgConn().ParameterStatus("server_version"), " ")
	return version
}

// refusedLogin tells a wrong credential from a server that was not reached: 28000 and 28P01
// (https://www.postgresql.org/docs/16/errcodes-appendix.html).
func refusedLogin(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "28P01" || refused.Code == "28000")
}
