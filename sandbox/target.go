// Package sandbox is an AWS that needs no account: it serves the `aws` and `awsx` Pulumi providers to the real Pulumi
// engine and keeps its cloud in one file. Previews, updates, replacements, refresh, drift and destroy are the engine's own
// work. It refuses what AWS would refuse, with AWS's error codes, and it refuses what it does not know. It is no AWS
// emulator: there is no AWS API and nothing runs.
package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"github.com/aplomb-iac/aplomb/sandbox/awsx"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/sandbox/provider"
)

// passphrase protects the secrets in a sandbox's state. It is no secret: neither are the values in a sandbox.
const passphrase = "sandbox"

// Target is one sandbox: a directory with the cloud file, the stacks' state and the engine's own files.
type Target struct {
	directory string
	faults    *fault.Plan
	engine    engine
}

// New is the sandbox in a directory, which is made when the sandbox is attached. A relative directory is relative to the
// working directory of this moment.
func New(directory string, options ...Option) *Target {
	if absolute, err := filepath.Abs(directory); err == nil {
		directory = absolute
	}
	made := &Target{directory: directory}
	for _, option := range options {
		option(made)
	}
	return made
}

// Name is the word for this target in a stack's record and in messages.
func (t *Target) Name() string { return "sandbox" }

// Directory is where everything of the sandbox is.
func (t *Target) Directory() string { return t.directory }

// CloudPath is the cloud file.
func (t *Target) CloudPath() string { return cloud.PathIn(t.directory) }

// Cloud opens the cloud file, to look at what exists and to edit it behind the engine's back. It works whether or not the
// sandbox is attached, and sees what other processes do.
func (t *Target) Cloud() (*cloud.Cloud, error) { return cloud.Open(t.CloudPath()) }

// BackendURL is where the stacks' state is.
func (t *Target) BackendURL() string { return "file://" + filepath.ToSlash(t.state()) + backendOptions }

// Placeholder is a value for a secret configuration key that nobody set: 32 hexadecimal characters, the same on every
// machine. A sandbox needs no real secret; there is one for every key, so ok is always true.
func (t *Target) Placeholder(secretKey string) (value string, ok bool) {
	sum := sha256.Sum256([]byte("aplomb sandbox placeholder\x00" + secretKey))
	return hex.EncodeToString(sum[:16]), true
}

// Attach starts the providers in this process and returns the environment in which the engine finds them, and no AWS
// credentials. detach stops them; it is safe to call when operations are still running, which then fail. Attach does
// nothing that outlives detach, except the directory.
func (t *Target) Attach(context.Context) (env map[string]string, detach func() error, err error) {
	for _, directory := range []string{t.state(), t.home()} {
		if err := os.MkdirAll(directory, 0o700); err != nil {
			return nil, nil, fmt.Errorf("sandbox in %s: %w", t.directory, err)
		}
	}
	if err := t.mendBackend(); err != nil {
		return nil, nil, err
	}
	opened, err := t.Cloud()
	if err != nil {
		return nil, nil, err
	}
	components := awsx.NewServer()
	servers := []*served{}
	stop := func() error {
		failures := []error{}
		for _, server := range servers {
			failures = append(failures, server.stop())
		}
		return errors.Join(append(failures, components.Close())...)
	}
	plugins := []string{}
	for _, one := range []struct {
		name    string
		server  pulumirpc.ResourceProviderServer
		options []grpc.ServerOption
	}{{"aws", provider.New(opened, provider.WithFaults(t.faults, t.killEngine)), provider.Options()}, {"awsx", components, nil}} {
		server, err := serve(one.server, one.options)
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("sandbox: serving the %s provider: %w", one.name, err), stop())
		}
		servers = append(servers, server)
		plugins = append(plugins, fmt.Sprintf("%s:%d", one.name, server.port))
	}
	return t.environment(plugins), stop, nil
}

func (t *Target) state() string { return filepath.Join(t.directory, "state") }
func (t *Target) home() string  { return filepath.Join(t.directory, "home") }

// environment is what the engine needs to find these providers, and nothing else.
func (t *Target) environment(plugins []string) map[string]string {
	return map[string]string{
		"PULUMI_BACKEND_URL":                          t.BackendURL(),
		"PULUMI_HOME":                                 t.home(),
		"PULUMI_CONFIG_PASSPHRASE":                    passphrase,
		"PULUMI_CONFIG_PASSPHRASE_FILE":               "",
		"PULUMI_DEBUG_PROVIDERS":                      strings.Join(plugins, ","),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		// The engine writes a log of every call; it keeps 500 MB of them unless it is told otherwise.
		"PULUMI_LOG_ROTATION_MAX_TOTAL_MB":       "8",
		"PULUMI_ACCESS_TOKEN":                    "",
		"AWS_ACCESS_KEY_ID":                      "",
		"AWS_SECRET_ACCESS_KEY":                  "",
		"AWS_SESSION_TOKEN":                      "",
		"AWS_PROFILE":                            "",
		"AWS_EC2_METADATA_DISABLED":              "true",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI":     "",
		"AWS_WEB_IDENTITY_TOKEN_FILE":            "",
	}
}

// served is one provider that listens.
type served struct {
	server *grpc.Server
	port   int
	done   chan error
}

func serve(implementation pulumirpc.ResourceProviderServer, options []grpc.ServerOption) (*served, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &served{server: grpc.NewServer(options...), port: listener.Addr().(*net.TCPAddr).Port, done: make(chan error, 1)}
	pulumirpc.RegisterResourceProviderServer(s.server, implementation)
	go func() { s.done <- s.server.Serve(listener) }()
	return s, nil
}

func (s *served) stop() error {
	s.server.Stop()
	if err := <-s.done; !errors.Is(err, grpc.ErrServerStopped) { // which Serve says when it had not begun yet
		return err
	}
	return nil
}
