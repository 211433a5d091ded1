// Layer: sandbox. The part of Pulumi's Go language host that the tests of main.go need; every installation of Pulumi has the
// real one, which no Go module does.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// runMain in the environment makes the test binary the Pulumi program.
const runMain = "APLOMB_TEST_RUN_MAIN"

// TestMain is main, in a process that a language host started.
func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// languageHost runs the program in a process of its own, which it tells what to do as Pulumi's does: in its environment.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	mu sync.Mutex
	// env is the environment of the engine, which the program inherits.
	env     []string
	engine  string
	printed bytes.Buffer
}

// startLanguageHost serves a language host until the test ends and returns it and its port.
func startLanguageHost(t *testing.T) (host *languageHost, port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	host = &languageHost{}
	server := grpc.NewServer()
	pulumirpc.RegisterLanguageRuntimeServer(server, host)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})
	return host, listener.Addr().(*net.TCPAddr).Port
}

func (h *languageHost) setEnv(env []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.env = env
}

// output is what the program printed so far. In an installation a person would see it.
func (h *languageHost) output() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.printed.String()
}

func (h *languageHost) Handshake(_ context.Context, request *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.engine = request.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "3.258.0"}, nil
}

func (h *languageHost) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run runs the program once. A program that told the engine its error itself ends with a code of its own.
func (h *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	h.mu.Lock()
	environment, err := programEnvironment(request, h.engine)
	environment = append(slices.Clone(h.env), environment...)
	h.mu.Unlock()
	if err != nil {
		return nil, err
	}
	program := exec.CommandContext(ctx, os.Args[0])
	program.Dir, program.Env = request.GetPwd(), environment
	printed, err := program.CombinedOutput()
	h.mu.Lock()
	h.printed.Write(printed)
	h.mu.Unlock()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program: %v: %s", err, printed)}, nil
	}
}

// programEnvironment is how a program learns what to do.
func programEnvironment(request *pulumirpc.RunRequest, engine string) ([]string, error) {
	config, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	var environment []string
	for name, value := range map[string]string{
		pulumi.EnvOrganization: request.GetOrganization(), pulumi.EnvProject: request.GetProject(), pulumi.EnvStack: request.GetStack(),
		pulumi.EnvPulumiRootDirectory: request.GetInfo().GetRootDirectory(),
		pulumi.EnvConfig:              string(config), pulumi.EnvConfigSecretKeys: string(secretKeys),
		pulumi.EnvDryRun: strconv.FormatBool(request.GetDryRun()), pulumi.EnvParallel: strconv.Itoa(int(request.GetParallel())),
		pulumi.EnvMonitor: request.GetMonitorAddress(), pulumi.EnvEngine: engine, runMain: "1",
	} {
		environment = append(environment, name+"="+value)
	}
	return environment, nil
}
