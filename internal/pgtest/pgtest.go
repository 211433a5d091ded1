// Package pgtest runs a PostgreSQL server of its own for a test, set up as RDS sets one up as far as a test can: TLS with its own certificate
// authority, a master user who is no superuser, and the role rds_iam, whose members send what they log in with in clear. It is for tests only.
//
// It is not RDS: its rds_iam takes a password of the test's choice where RDS verifies an IAM token, and the master user has none of the
// rights that Amazon's build adds to rds_superuser.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Who there is in every server.
const (
	Superuser      = "rdsadmin"
	Master         = "aplomb_admin"
	MasterPassword = "master's \\ own % password"
	// Host is the name that the server's certificate is for.
	Host = "localhost"
)

// binariesVariable names the folder of another server's binaries, such as /usr/lib/postgresql/16/bin.
const binariesVariable = "APLOMB_POSTGRES"

// Server is a running PostgreSQL.
type Server struct {
	// Port is where it listens, on the loopback address with TLS alone, and on a socket in Folder for Superuser.
	Port int
	// Folder is everything that the server has on disk; CAFile the certificate of its authority in it.
	Folder, CAFile string
	// Version is what SHOW server_version says, up to the first space.
	Version string

	process *exec.Cmd
	serial  int
	mutex   sync.Mutex
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// errNone means that this machine has no server to start.
var errNone = errors.New("there is no PostgreSQL server on this machine: install Debian's postgresql, or name the folder of its binaries in " + binariesVariable)

// Main runs the tests of a package and stops the server that they shared, if there was one. It returns what to exit with.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "error: the server of the tests did not stop:", err)
			return 1
		}
	}
	return code
}

// Start is the server that all tests of the package share. Without one on this machine the test is skipped, and says so.
func Start(t testing.TB) *Server {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = start() })
	if errors.Is(shared.err, errNone) {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

func start() (*Server, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	server := &Server{Folder: folder, CAFile: filepath.Join(folder, "ca.pem")}
	if err = server.prepare(binaries); err == nil {
		err = server.run(binaries)
	}
	if err == nil {
		err = server.initialize()
	}
	if err != nil {
		return nil, errors.Join(err, server.stop())
	}
	return server, nil
}

// findBinaries is the newest server that Debian installed, or what the environment names.
func findBinaries() (string, error) {
	if named := os.Getenv(binariesVariable); named != "" {
		return named, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.SortFunc(found, func(a, b string) int { return major(b) - major(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	if onPath, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(onPath), nil
	}
	return "", errNone
}

func major(binary string) int {
	number, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(binary))))
	return number
}

func (s *Server) data() string { return filepath.Join(s.Folder, "data") }

// prepare makes the cluster's files, which belong to the account that the server runs as.
func (s *Server) prepare(binaries string) error {
	if err := certify(s.Folder); err != nil {
		return err
	}
	if err := handOver(s.Folder); err != nil {
		return err
	}
	initdb := asServer(exec.Command(filepath.Join(binaries, "initdb"),
		"--pgdata="+s.data(), "--username="+Superuser, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"))
	initdb.Dir = s.Folder
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	// RDS asks members of rds_iam for their token in clear, inside TLS, and everybody else for a password by SCRAM.
	const everywhere = "all"
	rules := "local all " + Superuser + " trust\n" +
		"hostssl all +rds_iam " + everywhere + " password\n" +
		"hostssl all all " + everywhere + " scram-sha-256\n"
	return os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(rules), 0o600)
}

func (s *Server) run(binaries string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.Folder, "server.log"))
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the server has its own handle
	command := []string{"-D", s.data(), "-p", strconv.Itoa(s.Port), "-k", s.Folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
		"-c", "ssl=on", "-c", "ssl_cert_file=" + filepath.Join(s.Folder, "server.pem"), "-c", "ssl_key_file=" + filepath.Join(s.Folder, "server.key"),
		"-c", "password_encryption=scram-sha-256", "-c", "log_statement=all", "-c", "log_connections=on", "-c", "max_connections=40"}
	s.process = asServer(exec.Command(filepath.Join(binaries, "postgres"), command...))
	s.process.Dir, s.process.Stdout, s.process.Stderr = s.Folder, log, log
	return s.process.Start()
}

// initialize waits for the server and makes what RDS makes before anybody else comes.
func (s *Server) initialize() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var admin *pgx.Conn
	for admin == nil {
		var err error
		if admin, err = s.dial(ctx, "postgres"); err != nil {
			if ctx.Err() != nil {
				text, _ := os.ReadFile(filepath.Join(s.Folder, "server.log"))
				return fmt.Errorf("the server did not come up: %w\n%s", err, text)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	defer admin.Close(ctx) //nolint:errcheck // what it was for has been done
	var version string
	if err := admin.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return err
	}
	s.Version, _, _ = strings.Cut(version, " ")
	setup := "CREATE ROLE rds_iam NOLOGIN; CREATE ROLE " + Master + " LOGIN CREATEROLE CREATEDB PASSWORD " + literal(MasterPassword) + ";"
	if s.Major() >= 16 {
		// On RDS rds_superuser may grant rds_iam.
		setup += "GRANT rds_iam TO " + Master + " WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;"
	}
	_, err := admin.Exec(ctx, setup)
	return err
}

// Major is the major version of the server, such as 16.
func (s *Server) Major() int {
	number, _, _ := strings.Cut(s.Version, ".")
	value, _ := strconv.Atoi(number)
	return value
}

func (s *Server) dial(ctx context.Context, database string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable connect_timeout=5 default_query_exec_mode=simple_protocol",
		s.Folder, s.Port, Superuser, database))
}

func (s *Server) stop() error {
	var failed error
	if s.process != nil && s.process.Process != nil {
		failed = s.process.Process.Signal(os.Interrupt)
		timer := time.AfterFunc(20*time.Second, func() { _ = s.process.Process.Kill() })
		_ = s.process.Wait()
		timer.Stop()
	}
	return errors.Join(failed, os.RemoveAll(s.Folder))
}

// literal is text as a literal of SQL, whatever it holds.
func literal(text string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
