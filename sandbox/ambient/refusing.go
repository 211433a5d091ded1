package ambient

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// refusing is a provider that says why it does not work. The engine calls a plugin that just ends a crashed one.
type refusing struct {
	pulumirpc.UnimplementedResourceProviderServer
	version string
	reason  error
}

func (r *refusing) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (r *refusing) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: r.version}, nil
}

func (r *refusing) CheckConfig(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Failures: []*pulumirpc.CheckFailure{{Reason: r.reason.Error()}}}, nil
}

// Configure is all that the engine asks before it reads or deletes.
func (r *refusing) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return nil, status.Error(codes.FailedPrecondition, r.reason.Error())
}

func (r *refusing) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
