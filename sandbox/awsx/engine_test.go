package awsx_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/aplomb-iac/aplomb/sandbox/awsx"
)

// registered is one resource as the engine was asked for it.
type registered struct {
	Name         string
	Parent       string // the parent's type and name
	Inputs       resource.PropertyMap
	Dependencies []string
	Provider     string
	urn          string
}

// engine stands in for the Pulumi engine: it answers registrations, hands remote components to the provider over gRPC,
// and keeps everything that was registered, in order.
type engine struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer

	address  string
	zones    []string
	provider pulumirpc.ResourceProviderClient
	dryRun   bool

	mu      sync.Mutex
	all     map[string][]registered // by type
	byURN   map[string]*structpb.Struct
	outputs map[string]int // number of RegisterResourceOutputs by URN
	logs    []string
	failure error // of the construction
}

// start serves an engine and an attached provider, both over gRPC, and stops them when the test ends.
func start(t *testing.T) *engine {
	e := &engine{
		zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
		all:   map[string][]registered{}, byURN: map[string]*structpb.Struct{}, outputs: map[string]int{},
	}
	e.address = serve(t, func(s *grpc.Server) {
		pulumirpc.RegisterResourceMonitorServer(s, e)
		pulumirpc.RegisterEngineServer(s, e)
	})
	server := awsx.NewServer()
	at := serve(t, func(s *grpc.Server) { pulumirpc.RegisterResourceProviderServer(s, server) })
	connection, err := grpc.NewClient(at, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, connection.Close())
		require.NoError(t, server.Close())
	})
	e.provider = pulumirpc.NewResourceProviderClient(connection)
	_, err = e.provider.Attach(t.Context(), &pulumirpc.PluginAttach{Address: e.address})
	require.NoError(t, err)
	return e
}

func serve(t *testing.T, register func(*grpc.Server)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	register(server)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// run runs a program against this engine. An error of the construction is the one returned.
func (e *engine) run(t *testing.T, program pulumi.RunFunc) error {
	ctx, err := pulumi.NewContext(t.Context(), pulumi.RunInfo{
		Project: "proj", Stack: "test", MonitorAddr: e.address, EngineAddr: e.address, DryRun: e.dryRun,
	})
	require.NoError(t, err)
	err = pulumi.RunWithContext(ctx, program)
	if e.failure != nil {
		return e.failure
	}
	return err
}

func (e *engine) SupportsFeature(context.Context, *pulumirpc.SupportsFeatureRequest) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{HasSupport: true}, nil
}

func (e *engine) RegisterPackage(_ context.Context, r *pulumirpc.RegisterPackageRequest) (*pulumirpc.RegisterPackageResponse, error) {
	return &pulumirpc.RegisterPackageResponse{Ref: r.GetName()}, nil
}

func (e *engine) SignalAndWaitForShutdown(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (e *engine) RegisterResourceOutputs(_ context.Context, r *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.outputs[r.GetUrn()]++
	return &emptypb.Empty{}, nil
}

func (e *engine) Log(_ context.Context, r *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.logs = append(e.logs, r.GetSeverity().String()+": "+r.GetMessage())
	return &emptypb.Empty{}, nil
}

func (e *engine) GetRootResource(context.Context, *pulumirpc.GetRootResourceRequest) (*pulumirpc.GetRootResourceResponse, error) {
	return &pulumirpc.GetRootResourceResponse{}, nil
}

func (e *engine) SetRootResource(context.Context, *pulumirpc.SetRootResourceRequest) (*pulumirpc.SetRootResourceResponse, error) {
	return &pulumirpc.SetRootResourceResponse{}, nil
}

func (e *engine) Invoke(_ context.Context, r *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	switch r.GetTok() {
	case "aws:index/getAvailabilityZones:getAvailabilityZones":
		names := make([]any, len(e.zones))
		for index, zone := range e.zones {
			names[index] = zone
		}
		found, err := structpb.NewStruct(map[string]any{"names": names, "id": "eu-central-1"})
		return &pulumirpc.ResourceInvokeResponse{Return: found}, err
	case "pulumi:pulumi:getResource":
		urn := r.GetArgs().GetFields()["urn"].GetStringValue()
		e.mu.Lock()
		defer e.mu.Unlock()
		return &pulumirpc.ResourceInvokeResponse{Return: &structpb.Struct{Fields: map[string]*structpb.Value{
			"urn": structpb.NewStringValue(urn), "id": structpb.NewStringValue(idOf(urn)),
			"state": structpb.NewStructValue(e.byURN[urn]),
		}}}, nil
	}
	return nil, fmt.Errorf("unexpected invoke %s", r.GetTok())
}

func (e *engine) RegisterResource(ctx context.Context, r *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	if r.GetRemote() {
		return e.construct(ctx, r)
	}
	urn := urnOf(r)
	inputs, err := plugin.UnmarshalProperties(r.GetObject(), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		return nil, err
	}
	object := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for key, value := range r.GetObject().GetFields() {
		object.Fields[key] = value
	}
	if r.GetType() == "aws:ec2/eip:Eip" {
		object.Fields["allocationId"] = structpb.NewStringValue("eipalloc-" + r.GetName())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.byURN[urn] = object
	dependencies := slices.Sorted(slices.Values(r.GetDependencies()))
	for index := range dependencies {
		dependencies[index] = short(dependencies[index])
	}
	e.all[r.GetType()] = append(e.all[r.GetType()], registered{
		Name: r.GetName(), Parent: short(r.GetParent()), Inputs: inputs, Dependencies: dependencies, Provider: r.GetProvider(), urn: urn,
	})
	response := &pulumirpc.RegisterResourceResponse{Urn: urn, Object: object}
	if r.GetCustom() {
		response.Id = idOf(urn)
	}
	return response, nil
}

func (e *engine) construct(ctx context.Context, r *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	made, err := e.provider.Construct(ctx, &pulumirpc.ConstructRequest{
		Project: "proj", Stack: "test", MonitorEndpoint: e.address, DryRun: e.dryRun, Parallel: 4,
		Type: r.GetType(), Name: r.GetName(), Parent: r.GetParent(), Inputs: r.GetObject(), Providers: r.GetProviders(),
	})
	if err != nil {
		e.failure = err
		return nil, err
	}
	return &pulumirpc.RegisterResourceResponse{Urn: made.GetUrn(), Object: made.GetState()}, nil
}

func urnOf(r *pulumirpc.RegisterResourceRequest) string {
	parent := tokens.Type("")
	if r.GetParent() != "" {
		parent = resource.URN(r.GetParent()).QualifiedType()
	}
	if parent == "pulumi:pulumi:Stack" {
		parent = ""
	}
	return string(resource.NewURN("test", "proj", parent, tokens.Type(r.GetType()), r.GetName()))
}

func idOf(urn string) string {
	return strings.ToLower(string(resource.URN(urn).Type().Name())) + "/" + resource.URN(urn).Name()
}

// short is the type's name and the name of a resource, such as Subnet net-public-1.
func short(urn string) string {
	if urn == "" {
		return ""
	}
	return string(resource.URN(urn).Type().Name()) + " " + resource.URN(urn).Name()
}

// named is the names of every resource of a type, in order of registration.
func (e *engine) named(kind string) []string {
	var names []string
	for _, one := range e.all[kind] {
		names = append(names, one.Name)
	}
	slices.Sort(names)
	return names
}

// only is the resource of a type and a name. The test fails unless there is exactly one.
func (e *engine) only(t *testing.T, kind, name string) registered {
	var found []registered
	for _, one := range e.all[kind] {
		if one.Name == name {
			found = append(found, one)
		}
	}
	require.Len(t, found, 1, "%s %s", kind, name)
	return found[0]
}
