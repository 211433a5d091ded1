// Package ambient makes plugins of the sandbox's providers: programs that the engine finds on PATH and starts itself, for people
// who run Pulumi and not aplomb. A plugin works in the sandbox that the environment variable APLOMB_SANDBOX names and refuses
// to work without it, so that nobody gets the sandbox who wanted AWS.
package ambient

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// Variable is the environment variable that names the folder of the sandbox.
const Variable = "APLOMB_SANDBOX"

// Plugin is one provider that the engine starts.
type Plugin struct {
	// Name is the provider's: aws, or awsx.
	Name string
	// Version is that of the provider it stands for.
	Version string
	// Open makes the provider of the sandbox in a folder, which exists.
	Open func(folder string) (pulumirpc.ResourceProviderServer, error)
	// Options are what the provider's gRPC server needs.
	Options []grpc.ServerOption
	// pulse is how often the plugin looks whether the engine lives, where it is not healthCheck.
	pulse time.Duration
}

// healthCheck is how often a plugin looks whether the engine still lives. The engine ends its plugins; one that was killed could
// not.
const healthCheck = 30 * time.Second

// Main is what a plugin's main does. It returns the exit code.
func (p Plugin) Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.Serve(ctx, os.Args[1:], os.Getenv(Variable), os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		return 1
	}
	return 0
}

// Serve serves the provider to the engine that started this process with args, and says on stdout where. It ends without an
// error when ctx is canceled or the engine is gone. What is wrong with folder, the value of Variable, is no error here: the
// provider then answers the engine with it, because that is what people see.
func (p Plugin) Serve(ctx context.Context, args []string, folder string, stdout io.Writer) error {
	engine, err := engineAddress(args)
	if err != nil {
		return fmt.Errorf("pulumi-resource-%s: %w", p.Name, err)
	}
	server, err := p.open(folder)
	if err != nil {
		server = &refusing{version: p.Version, reason: err}
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	if err := rpcutil.Healthcheck(ctx, engine, cmp.Or(p.pulse, healthCheck), end); err != nil {
		return fmt.Errorf("watching the engine at %s: %w", engine, err)
	}
	ended := make(chan bool)
	go func() {
		<-ctx.Done()
		close(ended)
	}()
	serving, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Cancel: ended, Options: p.Options, Init: func(s *grpc.Server) error {
		pulumirpc.RegisterResourceProviderServer(s, server)
		return nil
	}})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "%d\n", serving.Port); err != nil {
		return err
	}
	return <-serving.Done
}

// engineAddress is the last argument; flags about tracing and logging may come before it.
func engineAddress(args []string) (string, error) {
	if len(args) > 0 {
		last := args[len(args)-1]
		if _, _, err := net.SplitHostPort(last); err == nil {
			return last, nil
		}
	}
	return "", fmt.Errorf("this is a plugin, which pulumi starts; docs/plain-pulumi.md says how to use it")
}

// open is the provider in the sandbox's folder, which is made when it is not there.
func (p Plugin) open(folder string) (pulumirpc.ResourceProviderServer, error) {
	switch {
	case folder == "":
		return nil, fmt.Errorf("this %s plugin is the one of Aplomb's sandbox, and %s names no sandbox for it to work in: "+
			"to reach AWS, take its folder off PATH; to use the sandbox, set %s to the sandbox's folder, such as /path/to/aplomb/.aplomb/sandbox",
			p.Name, Variable, Variable)
	case !filepath.IsAbs(folder):
		return nil, fmt.Errorf("%s is %q, which means another folder wherever it is read: make it an absolute path", Variable, folder)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the sandbox that %s names: %w", Variable, err)
	}
	return p.Open(folder)
}
