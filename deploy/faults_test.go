//go:build unix

// Layer: sandbox (the real engine on the sandbox, in which single operations go wrong).
package deploy_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// lab is a small stack of AWS resources that goes from one form to another: with created, updated, replaced (after its
// replacement stands, and before) and deleted things, and a secret.
type lab struct {
	dir string
}

// form is one of the two.
type form bool

const (
	before form = false
	after  form = true
)

// program is the stack in a form.
func (f form) program(ctx *pulumi.Context) error {
	pick := func(was, is string) pulumi.String {
		if f == after {
			return pulumi.String(is)
		}
		return pulumi.String(was)
	}
	provider, err := aws.NewProvider(ctx, "home", &aws.ProviderArgs{Region: pulumi.String("eu-central-1"),
		DefaultTags: &aws.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{"aplomb:stack": pulumi.String(ctx.Stack())}}})
	if err != nil {
		return err
	}
	box := &pulumi.ResourceState{}
	if err := ctx.RegisterComponentResource("lab:index:Box", "box", box, pulumi.Providers(provider)); err != nil {
		return err
	}
	child := pulumi.Parent(box)
	vpc, err := ec2.NewVpc(ctx, "net", &ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16")}, child)
	if err != nil {
		return err
	}
	gone, block := "deleted", "10.0.1.0/24"
	if f == after {
		gone, block = "created", "10.0.2.0/24"
	}
	// The subnet that is created comes after the one that is deleted; what is in it tells whether dependents are taken along.
	subnet, err := ec2.NewSubnet(ctx, gone, &ec2.SubnetArgs{VpcId: vpc.ID(), CidrBlock: pulumi.String(block)}, pulumi.Parent(vpc))
	if err != nil {
		return err
	}
	table, err := ec2.NewRouteTable(ctx, "table", &ec2.RouteTableArgs{VpcId: vpc.ID()}, pulumi.Parent(vpc))
	if err != nil {
		return err
	}
	if _, err := ec2.NewRouteTableAssociation(ctx, gone, &ec2.RouteTableAssociationArgs{RouteTableId: table.ID(), SubnetId: subnet.ID()},
		pulumi.Parent(subnet)); err != nil {
		return err
	}
	if _, err := ec2.NewSubnet(ctx, "replaced", &ec2.SubnetArgs{VpcId: vpc.ID(), CidrBlock: pick("10.0.3.0/24", "10.0.4.0/24")}, child); err != nil {
		return err
	}
	days := 7
	if f == after {
		days = 30
	}
	if _, err := cloudwatch.NewLogGroup(ctx, "updated", &cloudwatch.LogGroupArgs{RetentionInDays: pulumi.Int(days)}, child); err != nil {
		return err
	}
	secret, err := secretsmanager.NewSecret(ctx, "secret", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}, child)
	if err != nil {
		return err
	}
	_, err = secretsmanager.NewSecretVersion(ctx, "secret", &secretsmanager.SecretVersionArgs{SecretId: secret.ID(),
		SecretString: pulumi.ToSecret(pick("first", "second")).(pulumi.StringOutput).ToStringPtrOutput()}, child)
	return err
}

// standing is a lab that stands in its first form.
func standing(t *testing.T) *lab {
	t.Helper()
	return &lab{dir: labUp.copied(t, func(dir string) {
		writeProject(t, dir, "dev", "lab")
		_, err := (&lab{dir}).up(t, before)
		require.NoError(t, err)
	})}
}

var labUp fixture

func TestMain(m *testing.M) {
	if words := os.Getenv(childEnv); words != "" {
		fmt.Fprintln(os.Stderr, dieAt(words))
		os.Exit(1)
	}
	// The engine's processes are short and many: they take less time when they collect less garbage.
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "400")
	}
	code := m.Run()
	removeFixtures()
	os.Exit(code)
}

// stack is the lab's stack, with faults.
func (l *lab) stack(t *testing.T, form form, faults ...string) (*deploy.Stack, *sandbox.Target) {
	t.Helper()
	return l.open(t, form.program, faults...)
}

// open is the lab's stack with another program.
func (l *lab) open(t *testing.T, program pulumi.RunFunc, faults ...string) (*deploy.Stack, *sandbox.Target) {
	t.Helper()
	parsed, err := sandbox.ParseFaults(faults)
	require.NoError(t, err)
	target := sandbox.New(filepath.Join(l.dir, ".aplomb", "sandbox"), sandbox.WithFaults(parsed...))
	kills := slices.ContainsFunc(faults, func(fault string) bool { return strings.HasPrefix(fault, "kill") })
	stack, err := deploy.Open(deploy.Options{Stack: "lab", Dir: l.dir, Target: target, Pulumi: pulumiDir(t), SkipCheckpoints: !kills})
	require.NoError(t, err)
	stack.SetProgram(program)
	return stack, target
}

func (l *lab) up(t *testing.T, form form, faults ...string) (*deploy.Result, error) {
	t.Helper()
	stack, target := l.stack(t, form, faults...)
	result, err := stack.Up(context.Background(), deploy.UpOptions{})
	for _, outcome := range target.Faults() {
		require.Zero(t, outcome.Left, "%s never struck: %v", outcome.Fault, err)
	}
	return result, err
}

// requireConverges checks that the next up leaves the stack as the program says, with exactly what the state has standing, each
// once, and nothing left open.
func (l *lab) requireConverges(t *testing.T) {
	t.Helper()
	_, err := l.up(t, after)
	require.NoError(t, err)
	_, target := l.stack(t, after)
	requireExactly(t, l.state(t), target)
	requireEmptyLedger(t, l.dir, "sandbox", "lab")
}

// requireSound checks that the next up converges, that then nothing is to be done, and that a destroy leaves nothing.
func (l *lab) requireSound(t *testing.T) {
	t.Helper()
	l.requireConverges(t)
	stack, target := l.stack(t, after)
	preview, err := stack.Preview(context.Background())
	require.NoError(t, err)
	require.False(t, preview.Changes.Any(), "%+v", preview)
	require.Empty(t, preview.Pending)
	_, err = stack.Destroy(context.Background(), deploy.DestroyOptions{})
	require.NoError(t, err)
	requireNothing(t, target)
}

func requireNothing(t *testing.T, target *sandbox.Target) {
	t.Helper()
	cloud, err := target.Cloud()
	require.NoError(t, err)
	left, err := cloud.List()
	require.NoError(t, err)
	require.Empty(t, left)
}

// state is the lab's state as the engine left it.
func (l *lab) state(t *testing.T) *deploy.State {
	t.Helper()
	return stateIn(t, filepath.Join(l.dir, ".aplomb", "sandbox", "state"), "lab")
}

// requireExactly checks that the cloud holds exactly the resources of the state.
func requireExactly(t *testing.T, state *deploy.State, target *sandbox.Target) {
	t.Helper()
	require.Empty(t, state.Pending)
	var known, stands []string
	for _, resource := range state.Resources {
		if resource.Custom && strings.HasPrefix(resource.Type, "aws:") {
			known = append(known, resource.URN+" "+resource.ID)
			require.False(t, resource.Delete, resource.URN)
		}
	}
	cloud, err := target.Cloud()
	require.NoError(t, err)
	all, err := cloud.List()
	require.NoError(t, err)
	for _, resource := range all {
		stands = append(stands, resource.URN+" "+resource.ID)
	}
	slices.Sort(known)
	slices.Sort(stands)
	require.NotEmpty(t, known)
	require.Equal(t, known, stands)
}

func requireEmptyLedger(t *testing.T, dir, target, stack string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, ".aplomb", "work", target, stack, "ledger", "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// strikes are what the lab's way from one form to the other consists of.
var strikes = map[string]string{
	"create": "create,type=ec2/Subnet,name=created", "update": "update,type=cloudwatch/LogGroup,name=updated",
	"delete": "delete,type=ec2/Subnet,name=deleted", "replacement": "create,type=ec2/Subnet,name=replaced",
	"replaced": "delete,type=ec2/Subnet,name=replaced",
}

func TestAfterAFaultThatChangesNothingTheNextUpConverges(t *testing.T) {
	t.Parallel()
	for kind, operation := range map[string]string{"throttle": "create", "internal-error": "update", "drop-before": "replacement"} {
		t.Run(kind+" at "+operation, func(t *testing.T) {
			t.Parallel()
			l := standing(t)
			_, err := l.up(t, after, kind+"@"+strikes[operation])
			require.Error(t, err)
			l.requireConverges(t)
		})
	}
}

// TestAfterAFaultThatHidesAChangeTheNextUpConvergesAndNothingIsLostOrDoubled takes every operation that changes the cloud.
func TestAfterAFaultThatHidesAChangeTheNextUpConvergesAndNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	for kind, operations := range map[string][]string{
		"not-found": {"create", "delete"}, "drop-after": {"create", "update", "delete", "replacement"},
		"kill": {"create", "update", "delete", "replacement", "replaced"},
	} {
		for _, operation := range operations {
			t.Run(kind+" at "+operation, func(t *testing.T) {
				t.Parallel()
				l := standing(t)
				result, err := l.up(t, after, kind+"@"+strikes[operation])
				if kind == "not-found" && operation == "delete" {
					require.NoError(t, err)
					require.Contains(t, result.Warnings[0], "AWS said that deleted was gone, and it still stands")
				} else {
					require.Error(t, err)
				}
				l.requireSound(t)
			})
		}
	}
}

func TestWhatAWSWronglySaysIsGoneIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	t.Run("by a refresh", func(t *testing.T) {
		t.Parallel()
		l := standing(t)
		stack, target := l.stack(t, before, "not-found@read,type=ec2/Vpc")
		result, err := stack.Refresh(context.Background())
		require.NoError(t, err)
		require.Equal(t, 1, result.Changes.Delete)
		require.Contains(t, result.Warnings[0], "AWS said that net was gone, and it still stands: the next up takes it up again")
		require.Zero(t, target.Faults()[0].Left)
		l.requireSound(t)
	})
	t.Run("by a destroy", func(t *testing.T) {
		t.Parallel()
		l := standing(t)
		stack, _ := l.stack(t, before, "not-found@delete,type=ec2/Vpc")
		_, err := stack.Destroy(context.Background(), deploy.DestroyOptions{Remove: true})
		var stray *deploy.StrayError
		require.ErrorAs(t, err, &stray)
		require.Len(t, stray.Strays, 1)
		require.ErrorContains(t, err, "destroy of stack lab: AWS said that 1 resource was gone, and it still stands")
		stack, target := l.stack(t, before)
		result, err := stack.Destroy(context.Background(), deploy.DestroyOptions{Remove: true})
		require.NoError(t, err)
		require.Equal(t, "net", result.Settled.Adopted[0].Name)
		requireNothing(t, target)
		requireEmptyLedger(t, l.dir, "sandbox", "lab")
	})
}

// TestWhatIsRetainedIsTakenUpAgainWhenAWSWronglySaysThatItIsGoneAndOnlyThen has a refresh lose something that is retained, which is taken
// up again, and then takes it out of the program, which is not.
func TestWhatIsRetainedIsTakenUpAgainWhenAWSWronglySaysThatItIsGoneAndOnlyThen(t *testing.T) {
	t.Parallel()
	l := &lab{dir: t.TempDir()}
	writeProject(t, l.dir, "dev", "lab")
	holds := func(keeps bool) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error {
			provider, err := aws.NewProvider(ctx, "home", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
			if err != nil || !keeps {
				return err
			}
			_, err = cloudwatch.NewLogGroup(ctx, "kept", &cloudwatch.LogGroupArgs{}, pulumi.Provider(provider), pulumi.RetainOnDelete(true))
			return err
		}
	}
	up := func(keeps bool) *deploy.Result {
		stack, _ := l.open(t, holds(keeps))
		result, err := stack.Up(context.Background(), deploy.UpOptions{})
		require.NoError(t, err)
		return result
	}
	up(true)
	stack, target := l.open(t, holds(true), "not-found@read,type=cloudwatch/LogGroup")
	refreshed, err := stack.Refresh(context.Background())
	require.NoError(t, err)
	require.Zero(t, target.Faults()[0].Left)
	require.Equal(t, 1, refreshed.Changes.Delete)
	require.Len(t, refreshed.Warnings, 1)
	require.Contains(t, refreshed.Warnings[0], "AWS said that kept was gone, and it still stands: the next up takes it up again")
	again := up(true)
	require.Equal(t, "kept", again.Settled.Adopted[0].Name)
	require.False(t, again.Changes.Any())
	requireExactly(t, l.state(t), target)

	dropped := up(false)
	require.Equal(t, 1, dropped.Changes.Delete)
	require.Empty(t, dropped.Warnings)
	requireEmptyLedger(t, l.dir, "sandbox", "lab")
	cloud, err := target.Cloud()
	require.NoError(t, err)
	left, err := cloud.List()
	require.NoError(t, err)
	require.Len(t, left, 1, "it is retained")
	require.Nil(t, up(false).Settled, "and nobody's any more")
}

// TestProdConvergesWhateverIsCutOff cuts creations off at resources of the production stack that a seed chooses: always the
// same ones, so that a change and not chance decides whether it passes. APLOMB_TEST_SEED chooses others.
func TestProdConvergesWhateverIsCutOff(t *testing.T) {
	seed := int64(20261124)
	if given, err := strconv.ParseInt(os.Getenv("APLOMB_TEST_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	d := newDashboard(t, "prod")
	var creations []deploy.Step
	for _, component := range d.preview(t).Components {
		for _, step := range component.Steps {
			if strings.HasPrefix(step.Type, "aws:") {
				creations = append(creations, step)
			}
		}
	}
	require.Greater(t, len(creations), 100)
	for _, kind := range []string{"kill", "drop-after"} {
		if _, err := os.Stat(d.target.CloudPath()); err == nil {
			_, made := d.standing(t)
			creations = slices.DeleteFunc(creations, func(step deploy.Step) bool {
				return slices.ContainsFunc(made, func(r cloud.Resource) bool { return r.URN == step.URN })
			})
		}
		if len(creations) == 0 {
			break
		}
		chosen := creations[random.IntN(len(creations))]
		fault := kind + "@create,type=" + chosen.Type + ",name=" + chosen.Name
		t.Log(fault)
		parsed, err := sandbox.ParseFaults([]string{fault})
		require.NoError(t, err)
		faulty := sandbox.New(d.target.Directory(), sandbox.WithFaults(parsed...))
		stack, err := deploy.Open(deploy.Options{Stack: d.name, Dir: d.dir, Target: faulty, Pulumi: pulumiDir(t), SkipCheckpoints: kind != "kill"})
		require.NoError(t, err)
		_, err = stack.Up(context.Background(), deploy.UpOptions{})
		require.Error(t, err)
		require.Zero(t, faulty.Faults()[0].Left, "it never struck: %v", err)
	}
	result := d.up(t)
	require.NotNil(t, result.Settled)
	requireExactly(t, d.state(t), d.target)
	again := d.preview(t)
	require.False(t, again.Changes.Any(), "%+v", again)
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	requireNothing(t, d.target)
}
