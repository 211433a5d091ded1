// Package awsx is the `awsx` Pulumi provider of the sandbox. It serves one component to the real engine, awsx:ec2:Vpc,
// and builds it as pulumi-awsx 2.22.0 does: the same children of the aws provider, with the same names, parents, inputs
// and tags, in the same order. Any other type, and any argument that awsx 2.22.0 does not know, is an error that says so.
package awsx

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Version is the version of pulumi-awsx whose behaviour this package has.
const Version = "2.22.0"

// Server is the provider. One Server may serve many engine processes, one after another and at the same time: each has a
// connection of its own, and what it builds is logged to the engine that asked. Close it when the gRPC server has stopped.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer

	mu      sync.Mutex
	engines map[string]*provider.HostClient // by the address of the engine's connection to this server
}

// NewServer is a provider that no engine is attached to yet.
func NewServer() *Server { return &Server{engines: map[string]*provider.HostClient{}} }

// Close closes the connections to the engines. The Server can be attached again afterwards.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed []error
	for _, engine := range s.engines {
		failed = append(failed, engine.Close())
	}
	s.engines = map[string]*provider.HostClient{}
	return errors.Join(failed...)
}

// attach remembers the engine behind the connection that ctx came through, in place of an earlier one.
func (s *Server) attach(ctx context.Context, address string) error {
	engine, err := provider.NewHostClient(address)
	if err != nil {
		return fmt.Errorf("attaching to the engine at %s: %w", address, err)
	}
	s.mu.Lock()
	before := s.engines[connection(ctx)]
	s.engines[connection(ctx)] = engine
	s.mu.Unlock()
	if before != nil {
		return before.Close()
	}
	return nil
}

func connection(ctx context.Context) string {
	if from, ok := peer.FromContext(ctx); ok {
		return from.Addr.String()
	}
	return ""
}

// Handshake attaches to the engine and states what this provider understands.
func (s *Server) Handshake(
	ctx context.Context, request *pulumirpc.ProviderHandshakeRequest,
) (*pulumirpc.ProviderHandshakeResponse, error) {
	if err := s.attach(ctx, request.GetEngineAddress()); err != nil {
		return nil, err
	}
	return &pulumirpc.ProviderHandshakeResponse{
		AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true,
	}, nil
}

// Attach attaches to an engine that starts to use a provider which was running before it.
func (s *Server) Attach(ctx context.Context, request *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, s.attach(ctx, request.GetAddress())
}

// GetPluginInfo states the version of awsx that this provider stands for.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema has no answer: programs use the generated SDK. The engine does not ask.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return nil, status.Error(codes.Unimplemented, "the sandbox's awsx provider has no schema: use the generated SDK")
}

// CheckConfig accepts any configuration: awsx has none of its own.
func (s *Server) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: request.GetNews()}, nil
}

// DiffConfig never asks for anything to be replaced.
func (s *Server) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

// Configure states what this provider understands.
func (s *Server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true, SupportsPreview: true,
	}, nil
}

// Cancel has nothing to stop: an engine that goes away ends its own requests.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Construct builds a component. It fails for any type but awsx:ec2:Vpc, for arguments that awsx does not have, and for
// those it refuses.
func (s *Server) Construct(
	ctx context.Context, request *pulumirpc.ConstructRequest,
) (*pulumirpc.ConstructResponse, error) {
	if request.GetType() != vpcType {
		return nil, status.Errorf(codes.Unimplemented,
			"unknown component type %q: the sandbox's awsx provider builds %s only; use resources of the aws provider, or add the component to the sandbox",
			request.GetType(), vpcType)
	}
	if err := refuseUnknownArguments(request.GetInputs()); err != nil {
		return nil, fmt.Errorf("%s %s: %w", vpcType, request.GetName(), err)
	}
	s.mu.Lock()
	engine := s.engines[connection(ctx)]
	s.mu.Unlock()
	if engine == nil {
		return nil, status.Error(codes.FailedPrecondition, "construct before handshake: no engine is attached to this connection")
	}
	return provider.Construct(ctx, request, engine.EngineConn(), constructVPC)
}
