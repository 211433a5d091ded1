// Package sandbox_test brings stacks up in the sandbox with the real Pulumi engine. It belongs to the layer sandbox.
package sandbox_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/aplomb-iac/aplomb/sandbox"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
)

const secretText = "correct-horse-battery-staple"

// settings is what the test's program varies.
type settings struct {
	VPCBlock    string
	IdleTimeout int
	Secret      string
	Zone        string // of the second subnet
}

func standard() settings {
	return settings{VPCBlock: "10.0.0.0/16", IdleTimeout: 60, Secret: secretText, Zone: "eu-central-1b"}
}

// program is a small network with a load balancer in one Region and account, and a log group and a secret in another.
func program(s settings) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		home, err := aws.NewProvider(ctx, "home", &aws.ProviderArgs{Region: pulumi.String("eu-central-1"),
			AllowedAccountIds: pulumi.ToStringArray([]string{"111122223333"}),
			DefaultTags:       &aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(map[string]string{"stack": "dev"})}})
		if err != nil {
			return err
		}
		away, err := aws.NewProvider(ctx, "away", &aws.ProviderArgs{Region: pulumi.String("us-east-1")})
		if err != nil {
			return err
		}
		if err := network(ctx, s, pulumi.Provider(home)); err != nil {
			return err
		}
		if _, err := cloudwatch.NewLogGroup(ctx, "logs", &cloudwatch.LogGroupArgs{RetentionInDays: pulumi.Int(30)}, pulumi.Provider(away)); err != nil {
			return err
		}
		secret, err := secretsmanager.NewSecret(ctx, "token", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}, pulumi.Provider(away))
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewSecretVersion(ctx, "token", &secretsmanager.SecretVersionArgs{
			SecretId: secret.ID(), SecretString: pulumi.ToSecret(s.Secret).(pulumi.StringOutput).ToStringPtrOutput()}, pulumi.Provider(away))
		return err
	}
}

func network(ctx *pulumi.Context, s settings, home pulumi.ResourceOption) error {
	vpc, err := ec2.NewVpc(ctx, "net", &ec2.VpcArgs{CidrBlock: pulumi.String(s.VPCBlock)}, home)
	if err != nil {
		return err
	}
	block := strings.TrimSuffix(s.VPCBlock, "0.0/16")
	var subnets pulumi.StringArray
	for index, zone := range []string{"eu-central-1a", s.Zone} {
		name := []string{"one", "two"}[index]
		subnet, err := ec2.NewSubnet(ctx, name, &ec2.SubnetArgs{VpcId: vpc.ID(), AvailabilityZone: pulumi.String(zone),
			CidrBlock: pulumi.String(block + name2octet(name) + ".0/24")}, home)
		if err != nil {
			return err
		}
		subnets = append(subnets, subnet.ID())
	}
	balancer, err := lb.NewLoadBalancer(ctx, "web", &lb.LoadBalancerArgs{Internal: pulumi.Bool(true), Subnets: subnets,
		IdleTimeout: pulumi.Int(s.IdleTimeout)}, home)
	if err != nil {
		return err
	}
	identity := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, home.(pulumi.InvokeOption))
	ctx.Export("dns", balancer.DnsName)
	ctx.Export("arn", balancer.Arn)
	ctx.Export("vpc", balancer.VpcId)
	ctx.Export("account", identity.AccountId())
	return nil
}

func name2octet(name string) string { return map[string]string{"one": "1", "two": "2"}[name] }

// stack is one stack in one sandbox, attached until the test ends.
type stack struct {
	auto.Stack
	t      *testing.T
	target *sandbox.Target
	env    map[string]string
}

func open(t *testing.T, target *sandbox.Target) *stack {
	t.Helper()
	env, detach, err := target.Attach(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, detach()) })
	command, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: pulumiRoot(t)})
	require.NoError(t, err)
	opened, err := auto.UpsertStackInlineSource(t.Context(), "dev", "sandboxed", program(standard()), auto.Pulumi(command),
		auto.EnvVars(env), auto.PulumiHome(env["PULUMI_HOME"]), auto.WorkDir(t.TempDir()), auto.SecretsProvider("passphrase"),
		auto.Project(workspace.Project{Name: tokens.PackageName("sandboxed"), Runtime: workspace.NewProjectRuntimeInfo("go", nil)}))
	require.NoError(t, err)
	return &stack{Stack: opened, t: t, target: target, env: env}
}

// pulumiRoot is where the Pulumi CLI is: bin/pulumi below it.
func pulumiRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("APLOMB_PULUMI_ROOT")
	if root == "" {
		root = filepath.Join("..", ".aplomb", "pulumi")
	}
	root, err := filepath.Abs(root)
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(root, "bin", "pulumi"))
	require.NoError(t, err, "no Pulumi CLI in %s: run make tools, or set APLOMB_PULUMI_ROOT to a directory with bin/pulumi", root)
	return root
}

// up brings the stack to settings and returns the result.
func (s *stack) up(to settings) auto.UpResult {
	s.t.Helper()
	s.Workspace().SetProgram(program(to))
	result, err := s.Up(s.t.Context(), optup.SuppressProgress())
	require.NoError(s.t, err)
	return result
}

func changes(result auto.UpResult) map[string]int {
	found := map[string]int{}
	for name, count := range *result.Summary.ResourceChanges {
		found[name] = count
	}
	return found
}

func (s *stack) cloud() *cloud.Cloud {
	s.t.Helper()
	opened, err := s.target.Cloud()
	require.NoError(s.t, err)
	return opened
}

// only is the one resource of a type.
func (s *stack) only(token string) cloud.Resource {
	s.t.Helper()
	all, err := s.cloud().List()
	require.NoError(s.t, err)
	var found []cloud.Resource
	for _, r := range all {
		if r.Type == token {
			found = append(found, r)
		}
	}
	require.Len(s.t, found, 1)
	return found[0]
}

// glog, which the Pulumi SDK imports, flushes its files for as long as the program lives.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

func TestAStackLivesItsWholeLife(t *testing.T) {
	s := open(t, sandbox.New(t.TempDir()))
	first := s.up(standard())
	// Seven AWS resources, two providers and the stack itself.
	require.Equal(t, map[string]int{"create": 10}, changes(first))
	require.Equal(t, "111122223333", first.Outputs["account"].Value)
	require.Regexp(t, `^vpc-0[0-9a-f]{16}$`, first.Outputs["vpc"].Value)
	require.Regexp(t, `^internal-web-[0-9a-f]{7}-[0-9]{10}\.eu-central-1\.elb\.amazonaws\.com$`, first.Outputs["dns"].Value)
	require.Regexp(t, `^arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web-[0-9a-f]{7}/[0-9a-f]{16}$`, first.Outputs["arn"].Value)

	require.Equal(t, map[string]int{"same": 10}, changes(s.up(standard())))

	patient := standard()
	patient.IdleTimeout = 120
	require.Equal(t, map[string]int{"same": 9, "update": 1}, changes(s.up(patient)))
	balancer := s.only("aws:lb/loadBalancer:LoadBalancer")
	require.Equal(t, resource.NewNumberProperty(120), balancer.Outputs["idleTimeout"])
	require.Equal(t, "dev", balancer.Outputs["tagsAll"].ObjectValue()["stack"].StringValue())

	moved := patient
	moved.VPCBlock = "10.1.0.0/16"
	// The VPC and what is in it: two subnets, whose VPC changes. The load balancer moves to them in place.
	replaced := s.up(moved)
	require.Equal(t, map[string]int{"same": 6, "replace": 3, "update": 1}, changes(replaced))
	require.NotEqual(t, first.Outputs["vpc"].Value, replaced.Outputs["vpc"].Value)

	_, err := s.Destroy(t.Context(), optdestroy.SuppressProgress())
	require.NoError(t, err)
	left, err := s.cloud().List()
	require.NoError(t, err)
	require.Empty(t, left)
	content, err := os.ReadFile(s.target.CloudPath())
	require.NoError(t, err)
	require.NotContains(t, string(content), "sandboxed", "the file must hold nothing of a destroyed stack")
}

func TestRefreshSeesWhatOthersEdited(t *testing.T) {
	s := open(t, sandbox.New(t.TempDir()))
	s.up(standard())
	quiet, err := s.Refresh(t.Context(), optrefresh.SuppressProgress(), optrefresh.ExpectNoChanges())
	require.NoError(t, err, quiet.StdErr)

	balancer := s.only("aws:lb/loadBalancer:LoadBalancer")
	require.NoError(t, s.cloud().Edit(t.Context(), balancer.Key, func(r *cloud.Resource) error {
		r.Outputs["idleTimeout"] = resource.NewNumberProperty(300)
		return nil
	}))
	logs := s.only("aws:cloudwatch/logGroup:LogGroup")
	require.NoError(t, s.cloud().Remove(t.Context(), logs.Key))
	seen, err := s.Refresh(t.Context(), optrefresh.SuppressProgress())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"same": 8, "update": 1, "delete": 1}, *seen.Summary.ResourceChanges)

	require.Equal(t, map[string]int{"same": 8, "update": 1, "create": 1}, changes(s.up(standard())))
	require.Equal(t, resource.NewNumberProperty(60), s.only("aws:lb/loadBalancer:LoadBalancer").Outputs["idleTimeout"])
}

func TestWhatAWSRefusesFailsTheUpdateAndLeavesTheCloudAsItWas(t *testing.T) {
	s := open(t, sandbox.New(t.TempDir()))
	wrong := standard()
	wrong.Zone = "eu-west-1a"
	s.Workspace().SetProgram(program(wrong))
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	require.ErrorContains(t, err, "creating EC2 Subnet")
	require.ErrorContains(t, err, "api error InvalidParameterValue")
	all, listErr := s.cloud().List()
	require.NoError(t, listErr)
	for _, r := range all {
		require.NotEqual(t, "eu-west-1a", r.Outputs["availabilityZone"].V)
	}
}

func TestSecretsAreNowhereInClear(t *testing.T) {
	directory := t.TempDir()
	s := open(t, sandbox.New(directory))
	s.up(standard())
	changed := standard()
	changed.Secret = secretText + "-2"
	result := s.up(changed)
	require.Contains(t, changes(result), "replace", "a secret's version holds one value for ever")
	require.NotContains(t, result.StdOut+result.StdErr, secretText)
	require.NoError(t, filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		require.False(t, bytes.Contains(content, []byte(secretText)), "%s has the secret in clear", path)
		return err
	}))
	quiet, err := s.Refresh(t.Context(), optrefresh.SuppressProgress(), optrefresh.ExpectNoChanges())
	require.NoError(t, err, "a sealed secret is no drift: %s", quiet.StdErr)
}

func TestADefaultProviderAndAnImportWork(t *testing.T) {
	s := open(t, sandbox.New(t.TempDir()))
	bare := func(opts ...pulumi.ResourceOption) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error {
			_, err := ec2.NewVpc(ctx, "net", &ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16")}, opts...)
			return err
		}
	}
	s.Workspace().SetProgram(bare())
	_, err := s.Up(t.Context(), optup.SuppressProgress())
	require.ErrorContains(t, err, "missing required configuration: set aws:region")

	require.NoError(t, s.SetConfig(t.Context(), "aws:region", auto.ConfigValue{Value: "eu-north-1"}))
	require.NoError(t, s.SetConfigWithOptions(t.Context(), "aws:defaultTags.tags.owner", auto.ConfigValue{Value: "support"}, &auto.ConfigOptions{Path: true}))
	_, err = s.Up(t.Context(), optup.SuppressProgress())
	require.NoError(t, err)
	vpc := s.only("aws:ec2/vpc:Vpc")
	require.Equal(t, "eu-north-1", vpc.Region)
	require.Equal(t, "support", vpc.Outputs["tagsAll"].ObjectValue()["owner"].StringValue())

	// The engine forgets the VPC, which stays in the cloud, and takes it over again by its id.
	s.Workspace().SetProgram(func(*pulumi.Context) error { return nil })
	state, err := s.Export(t.Context())
	require.NoError(t, err)
	state.Deployment = []byte(`{"manifest":{"time":"2025-01-01T00:00:00Z","magic":"","version":""}}`)
	require.NoError(t, s.Import(t.Context(), state))
	s.Workspace().SetProgram(bare(pulumi.Import(pulumi.ID(vpc.ID))))
	result, err := s.Up(t.Context(), optup.SuppressProgress())
	require.NoError(t, err)
	require.Equal(t, 1, changes(result)["import"])
	require.Equal(t, vpc.ID, s.only("aws:ec2/vpc:Vpc").ID)
}

func TestTwoSandboxesAnswerAlike(t *testing.T) {
	var contents []string
	for range 2 {
		s := open(t, sandbox.New(t.TempDir()))
		s.up(standard())
		content, err := os.ReadFile(s.target.CloudPath())
		require.NoError(t, err)
		_, rest, _ := strings.Cut(string(content), "\n")
		contents = append(contents, rest)
	}
	require.Equal(t, contents[0], contents[1])
}

func TestDetachingLeavesNothingBehind(t *testing.T) {
	target := sandbox.New(t.TempDir())
	for range 2 { // attaching again works
		env, detach, err := target.Attach(context.Background())
		require.NoError(t, err)
		require.Regexp(t, `^aws:[0-9]+,awsx:[0-9]+$`, env["PULUMI_DEBUG_PROVIDERS"])
		require.NoError(t, detach())
	}
	_, err := os.Stat(target.CloudPath())
	require.ErrorIs(t, err, fs.ErrNotExist, "nothing was created, so there is no cloud file")
}
