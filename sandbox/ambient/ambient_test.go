// Package ambient tests what a plugin does on its own, with engines that are not there or go away. What the real engine makes of
// the plugins is tested beside main.go. It belongs to the layer rules.
package ambient

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// provider knows the folder that it was opened in.
type provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	folder string
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: p.folder}, nil
}

func opens(folder string) (pulumirpc.ResourceProviderServer, error) {
	return &provider{folder: folder}, nil
}

// engine is something that listens, as an engine does, until the test ends or stop is called.
func engine(t *testing.T) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	go func() { _ = server.Serve(listener) }() // it ends with stop
	t.Cleanup(server.Stop)
	return listener.Addr().String(), server.Stop
}

// running is a plugin that serves.
type running struct {
	pulumirpc.ResourceProviderClient
	end   func()
	ended chan error
}

func start(t *testing.T, plugin Plugin, folder string, args ...string) running {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	out, in := io.Pipe()
	r := running{end: end, ended: make(chan error, 1)}
	go func() { r.ended <- plugin.Serve(ctx, args, folder, in) }()
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	r.ResourceProviderClient = pulumirpc.NewResourceProviderClient(connection)
	return r
}

func TestAPluginServesTheSandboxThatIsNamedUntilItIsEnded(t *testing.T) {
	address, _ := engine(t)
	folder := filepath.Join(t.TempDir(), "not", "there", "yet")
	plugin := start(t, Plugin{Name: "aws", Open: opens}, folder, "--logtostderr", "-v=9", "--tracing", "file:trace", address)
	info, err := plugin.GetPluginInfo(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	require.Equal(t, folder, info.GetVersion())
	require.DirExists(t, folder)
	plugin.end()
	require.NoError(t, <-plugin.ended)
}

func TestAPluginEndsWhenItsEngineIsGone(t *testing.T) {
	address, stop := engine(t)
	plugin := start(t, Plugin{Name: "aws", Open: opens, pulse: time.Millisecond}, t.TempDir(), address)
	_, err := plugin.GetPluginInfo(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	stop()
	require.NoError(t, <-plugin.ended)
}

func TestAPluginThatNoEngineStartedSaysWhatItIs(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"127.0.0.1:1", "--version"}} {
		err := Plugin{Name: "aws", Open: opens}.Serve(t.Context(), args, t.TempDir(), io.Discard)
		require.ErrorContains(t, err, "pulumi-resource-aws: this is a plugin, which pulumi starts; docs/plain-pulumi.md says how to use it")
	}
}

func TestWhatIsWrongWithTheSandboxIsTheAnswerToEveryConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, c := range map[string]struct {
		folder, reason string
		open           func(string) (pulumirpc.ResourceProviderServer, error)
	}{
		"no folder":         {"", "APLOMB_SANDBOX names no sandbox for it to work in: to reach AWS, take its folder off PATH", opens},
		"a relative folder": {".aplomb/sandbox", `APLOMB_SANDBOX is ".aplomb/sandbox", which means another folder wherever it is read`, opens},
		"a file":            {file, "the sandbox that APLOMB_SANDBOX names: mkdir", opens},
		"a damaged cloud": {t.TempDir(), "cloud.json is damaged",
			func(string) (pulumirpc.ResourceProviderServer, error) {
				return nil, errors.New("cloud.json is damaged")
			}},
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := engine(t)
			plugin := start(t, Plugin{Name: "aws", Version: "6.83.2", Open: c.open}, c.folder, address)
			info, err := plugin.GetPluginInfo(t.Context(), &emptypb.Empty{})
			require.NoError(t, err)
			require.Equal(t, "6.83.2", info.GetVersion())
			checked, err := plugin.CheckConfig(t.Context(), &pulumirpc.CheckRequest{})
			require.NoError(t, err)
			require.Len(t, checked.GetFailures(), 1)
			require.Contains(t, checked.GetFailures()[0].GetReason(), c.reason)
			_, err = plugin.Configure(t.Context(), &pulumirpc.ConfigureRequest{})
			require.ErrorContains(t, err, c.reason)
			_, err = plugin.Cancel(t.Context(), &emptypb.Empty{})
			require.NoError(t, err, "an engine calls a plugin crashed that does not take the end")
			plugin.end()
			require.NoError(t, <-plugin.ended)
		})
	}
}
