// Package provider is the `aws` Pulumi provider of the sandbox: it serves the real engine over gRPC, asks package kinds
// what AWS would do, and keeps the result in a cloud file. One server has any number of provider instances (accounts and
// Regions) and engine processes at once; each instance is one connection.
package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
	"github.com/aplomb-iac/aplomb/sandbox/schema"
)

// Version is the version of pulumi-aws whose SDK the properties are read from.
const Version = "6.83.2"

// Server is the provider.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer
	cloud  *cloud.Cloud
	faults *fault.Plan
	kill   func() error
}

// New is a provider whose resources are in a cloud. Serve it by a gRPC server that Options made.
func New(in *cloud.Cloud, options ...Option) *Server {
	made := &Server{cloud: in}
	for _, option := range options {
		option(made)
	}
	return made
}

// Options are what the gRPC server needs: they tell the provider instances apart, and let Stop wait for the operations
// that run.
func Options() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.StatsHandler(perConnection{}), grpc.ChainUnaryInterceptor(withoutPanic, withFaults),
		grpc.WaitForHandlers(true), grpc.Creds(newWired()),
		grpc.MaxRecvMsgSize(largestMessage), grpc.MaxSendMsgSize(largestMessage)}
}

// withoutPanic makes a defect of the sandbox the error of one operation instead of the end of the program.
func withoutPanic(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (answer any, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			answer, err = nil, status.Errorf(codes.Internal, "a defect of the sandbox in %s: %v", info.FullMethod, trouble)
		}
	}()
	return handler(ctx, request)
}

// largestMessage in bytes is the engine's own limit, 400 MiB.
const largestMessage = 400 << 20

// Handshake says what this provider understands.
func (s *Server) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: false, AcceptOutputs: false}, nil
}

// Attach is called when the engine finds the provider running.
func (s *Server) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo answers the version.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema answers no schema: the engine needs none.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: `{"name":"aws","version":"` + Version + `"}`}, nil
}

// GetMapping answers no mapping: nothing is converted from Terraform.
func (s *Server) GetMapping(context.Context, *pulumirpc.GetMappingRequest) (*pulumirpc.GetMappingResponse, error) {
	return &pulumirpc.GetMappingResponse{}, nil
}

// GetMappings answers no mappings.
func (s *Server) GetMappings(context.Context, *pulumirpc.GetMappingsRequest) (*pulumirpc.GetMappingsResponse, error) {
	return &pulumirpc.GetMappingsResponse{}, nil
}

// Cancel has nothing to interrupt: every operation is answered at once.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// operation is one resource operation of one provider instance.
type operation struct {
	kind    *kinds.Kind
	urn     urn.URN
	subject kinds.Subject
}

// operation finds the kind of a URN and the instance that asks.
func (s *Server) operation(ctx context.Context, resourceURN string) (*operation, error) {
	parsed, err := urn.Parse(resourceURN)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "%q is no URN: %v", resourceURN, err)
	}
	kind, known := kinds.Of(string(parsed.Type()))
	if !known {
		return nil, status.Error(codes.Unimplemented, unknownType(string(parsed.Type())))
	}
	config, err := configOf(ctx)
	if err != nil {
		return nil, err
	}
	return &operation{kind: kind, urn: parsed, subject: kinds.Subject{URN: parsed, Place: config.place, DefaultTags: config.tags}}, nil
}

func unknownType(token string) string {
	var known []string
	for _, kind := range kinds.All() {
		known = append(known, kind.Token)
	}
	message := fmt.Sprintf("the sandbox does not know the resource type %q", token)
	if nearest := schema.Nearest(token, known); nearest != "" {
		message += fmt.Sprintf("; did you mean %q?", nearest)
	}
	return message + " (it has rules for those AWS types only that it can judge)"
}

func (o *operation) key(id string) cloud.Key {
	home := o.kind.Home(o.subject.Place)
	return cloud.Key{Account: home.Account, Region: home.Region, Type: o.kind.Token, ID: id}
}

// fromEngine reads properties with their secrets and unknowns.
func fromEngine(label string, properties *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(properties, plugin.MarshalOptions{Label: label, KeepUnknowns: true, KeepSecrets: true})
}

// toEngine writes properties with their secrets and unknowns.
func toEngine(label string, properties resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(properties, plugin.MarshalOptions{Label: label, KeepUnknowns: true, KeepSecrets: true})
}

// refused is an error as the engine shows it.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return status.Error(codes.Unknown, err.Error())
}
