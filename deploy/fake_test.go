package deploy_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// fakeCloud is a provider of one type, fake:index:Thing, and the things it made. A thing is updated in place when its size
// changes and replaced when its kind does, has a name made up from the engine's random seed, and cannot be deleted while its
// deletionProtection is on.
type fakeCloud struct {
	pulumirpc.UnimplementedResourceProviderServer
	mu     sync.Mutex
	things map[string]*structpb.Struct
	serial int
	// deleted are the labels of what was deleted, in this order.
	deleted []string
	// fail makes the creation of the thing with this label fail.
	fail string
	// before runs before each creation.
	before func(label string)
	// after runs after each creation and update, and its error is answered in its place.
	after func(op deploy.Op, label string) error
	// kill kills the engine that is at work.
	kill func() error
	// state is the folder of the engine's state.
	state string
}

const dummySecret = "dummy-5up3r-s3cret"

// fakeTarget makes a fakeCloud a target.
type fakeTarget struct{ *fakeCloud }

func (c fakeTarget) Name() string       { return "fake" }
func (c fakeTarget) BackendURL() string { return "file://" + c.state }

// KillEngine lets a test kill the engine.
func (c fakeTarget) KillEngine(kill func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kill = kill
}

func (c fakeTarget) Placeholder(string) (string, bool) { return dummySecret, true }

func (c fakeTarget) Attach(context.Context) (map[string]string, func() error, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(c.state, 0o700); err != nil {
		return nil, nil, err
	}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, c.fakeCloud)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	env := map[string]string{
		"PULUMI_DEBUG_PROVIDERS":                      fmt.Sprintf("fake:%d", listener.Addr().(*net.TCPAddr).Port),
		"PULUMI_CONFIG_PASSPHRASE":                    "fake",
		"PULUMI_HOME":                                 filepath.Join(c.state, "home"),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
	}
	return env, func() error { server.Stop(); return <-served }, nil
}

// snapshot is everything in the cloud as text, to be compared.
func (c *fakeCloud) snapshot() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for id, thing := range c.things {
		text, _ := thing.MarshalJSON()
		lines = append(lines, id+" "+string(text))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// labels are the labels of the things in the cloud, sorted.
func (c *fakeCloud) labels() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	labels := []string{}
	for _, thing := range c.things {
		labels = append(labels, thing.Fields["label"].GetStringValue())
	}
	sort.Strings(labels)
	return labels
}

func (c *fakeCloud) edit(label, property string, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, thing := range c.things {
		if thing.Fields["label"].GetStringValue() != label {
			continue
		}
		if property == "" {
			delete(c.things, id)
			return
		}
		thing.Fields[property], _ = structpb.NewValue(value)
	}
}

func (c *fakeCloud) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (c *fakeCloud) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (c *fakeCloud) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

func (c *fakeCloud) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.News}, nil
}

func (c *fakeCloud) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (c *fakeCloud) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (c *fakeCloud) Check(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if old := r.GetOlds().GetFields()["name"]; old != nil {
		r.News.Fields["name"] = old
	} else {
		r.News.Fields["name"] = structpb.NewStringValue("thing-" + hex.EncodeToString(r.RandomSeed[:4]))
	}
	return &pulumirpc.CheckResponse{Inputs: r.News}, nil
}

func (c *fakeCloud) Diff(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	for _, property := range []string{"kind", "size", "deletionProtection", "secret"} {
		if fmt.Sprint(r.Olds.Fields[property].AsInterface()) == fmt.Sprint(r.News.Fields[property].AsInterface()) {
			continue
		}
		response.Changes = pulumirpc.DiffResponse_DIFF_SOME
		response.Diffs = append(response.Diffs, property)
		if property == "kind" {
			response.Replaces = append(response.Replaces, property)
		}
	}
	return response, nil
}

func (c *fakeCloud) Create(_ context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	if r.Preview {
		return &pulumirpc.CreateResponse{Properties: r.Properties}, nil
	}
	label := r.Properties.Fields["label"].GetStringValue()
	if c.before != nil {
		c.before(label)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if label == c.fail {
		return nil, fmt.Errorf("creating thing (%s): api error ThingLimitExceeded: no more things", label)
	}
	c.serial++
	id := fmt.Sprintf("thing-%04d", c.serial)
	r.Properties.Fields["arn"] = structpb.NewStringValue("arn:aws:fake:::" + id)
	c.things[id] = r.Properties
	if c.after != nil {
		if err := c.after(deploy.OpCreate, label); err != nil {
			return nil, err
		}
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: r.Properties}, nil
}

func (c *fakeCloud) Read(_ context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !strings.HasPrefix(r.Id, "thing-") {
		return nil, fmt.Errorf("reading thing (%s): api error ValidationError: it is not the id of a thing", r.Id)
	}
	thing, exists := c.things[r.Id]
	if !exists {
		return &pulumirpc.ReadResponse{}, nil
	}
	return &pulumirpc.ReadResponse{Id: r.Id, Properties: thing, Inputs: thing}, nil
}

func (c *fakeCloud) Update(_ context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	r.News.Fields["arn"] = r.Olds.Fields["arn"]
	if !r.Preview {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.things[r.Id] = r.News
		if c.after != nil {
			if err := c.after(deploy.OpUpdate, r.News.Fields["label"].GetStringValue()); err != nil {
				return nil, err
			}
		}
	}
	return &pulumirpc.UpdateResponse{Properties: r.News}, nil
}

func (c *fakeCloud) Delete(_ context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.things[r.Id].GetFields()["deletionProtection"].GetBoolValue() {
		return nil, fmt.Errorf("deleting thing (%s): api error OperationNotPermitted: deletion protection is on", r.Id)
	}
	c.deleted = append(c.deleted, c.things[r.Id].GetFields()["label"].GetStringValue())
	delete(c.things, r.Id)
	return &emptypb.Empty{}, nil
}

func (c *fakeCloud) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// thing is one resource of the fake program.
type thing struct {
	label, kind    string
	size           int
	protect, aws   bool
	retain, secret bool
	// chained makes it depend on the thing before it in its box, fussy gives it an option of each kind that a state keeps.
	chained, fussy bool
}

// box is a component of the fake program and the things in it.
type box struct {
	name   string
	things []thing
}

// fakeProgram is a program of boxes of things, which heeds the configuration as the real one does.
func fakeProgram(boxes *[]box) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		lift := false
		if value, set := ctx.GetConfig("aplomb:liftProtection"); set {
			lift = value == "true"
		}
		for _, box := range *boxes {
			component := &pulumi.ResourceState{}
			if err := ctx.RegisterComponentResource("fake:index:Box", box.name, component); err != nil {
				return err
			}
			var before pulumi.Resource
			for _, thing := range box.things {
				var err error
				if before, err = thing.register(ctx, box.name, component, before, lift); err != nil {
					return err
				}
			}
		}
		target, _ := ctx.GetConfig("aplomb:target")
		text, _ := ctx.GetConfig(stacks.KeyConfig)
		config, err := stacks.Parse(text)
		if err != nil {
			return err
		}
		ctx.Export("aplomb", pulumi.Map{
			"version": pulumi.Int(1), "target": pulumi.String(target), "environment": pulumi.String("development"),
			"account": pulumi.String(config.Account), "region": pulumi.String(config.Region), "zones": pulumi.ToStringArray(config.Zones),
			"network": pulumi.Map{
				"vpcId": pulumi.String("vpc-1"), "cidr": pulumi.String(config.Network.CIDR), "nat": pulumi.String("none"),
			},
			"services": pulumi.Map{},
		})
		return nil
	}
}

func (t thing) register(ctx *pulumi.Context, box string, parent, before pulumi.Resource, lift bool) (pulumi.Resource, error) {
	inputs := pulumi.Map{
		"label": pulumi.String(t.label), "kind": pulumi.String(t.kind), "size": pulumi.Int(t.size),
		"deletionProtection": pulumi.Bool(t.aws && !lift),
	}
	if t.secret {
		value, set := ctx.GetConfig("aplomb:secret.tickets.helpdesk-token")
		if !set {
			return nil, fmt.Errorf("the secret is not set")
		}
		inputs["secret"] = pulumi.ToSecret(pulumi.String(value))
	}
	options := []pulumi.ResourceOption{
		pulumi.Parent(parent), pulumi.Protect(t.protect && !lift), pulumi.RetainOnDelete(t.retain && !lift),
	}
	if t.chained {
		options = append(options, pulumi.DependsOn([]pulumi.Resource{before}))
	}
	if t.fussy {
		options = append(options, pulumi.Timeouts(&pulumi.CustomTimeouts{Create: "17m"}), pulumi.IgnoreChanges([]string{"size"}),
			pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String("once")}}))
	}
	made := &pulumi.CustomResourceState{}
	return made, ctx.RegisterResource("fake:index:Thing", box+"-"+t.label, inputs, made, options...)
}

// pulumiDir is the folder of the CLI that make pulumi built.
func pulumiDir(t testing.TB) string {
	t.Helper()
	root := os.Getenv("APLOMB_PULUMI_ROOT")
	if root == "" {
		root = filepath.Join("..", ".aplomb", "pulumi")
	}
	dir, err := filepath.Abs(filepath.Join(root, "bin"))
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(dir, "pulumi"))
	require.NoError(t, err, "there is no Pulumi CLI: run make pulumi")
	return dir
}

// rig is a stack of a fake program on the real engine.
type rig struct {
	cloud   *fakeCloud
	boxes   []box
	dir     string
	options deploy.Options
	events  []deploy.Event
}

func newRig(t *testing.T, boxes ...box) *rig {
	t.Helper()
	r := newRigIn(t, t.TempDir(), filepath.Join(t.TempDir(), "state"), boxes...)
	writeProject(t, r.dir, "dev", "prod")
	secret := func(one thing) bool { return one.secret }
	if len(boxes) > 0 && !slices.ContainsFunc(boxes, func(b box) bool { return slices.ContainsFunc(b.things, secret) }) {
		r.withoutSecrets(t) // each takes a run of the CLI
	}
	return r
}

// newRigIn is a rig whose project and whose engine's state are in these folders.
func newRigIn(t *testing.T, dir, state string, boxes ...box) *rig {
	t.Helper()
	r := &rig{dir: dir, boxes: boxes, cloud: &fakeCloud{things: map[string]*structpb.Struct{}, state: state}}
	r.options = deploy.Options{
		Stack: "prod", Dir: r.dir, Target: fakeTarget{r.cloud}, Pulumi: pulumiDir(t),
		Progress: func(event deploy.Event) { r.events = append(r.events, event) },
	}
	return r
}

func (r *rig) stack(t *testing.T) *deploy.Stack {
	t.Helper()
	stack, err := deploy.Open(r.options)
	require.NoError(t, err)
	stack.SetProgram(fakeProgram(&r.boxes))
	return stack
}
