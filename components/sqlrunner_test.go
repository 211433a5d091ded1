// Layer recorder: what a SQLRunner asks for, and what its role may do.
package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	runnerToken   = "aplomb:components:SQLRunner"
	functionToken = "aws:lambda/function:Function"
	runnerImage   = account + ".dkr.ecr.eu-central-1.amazonaws.com/aplomb-sql@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

func runnerArgs() *components.SQLRunnerArgs {
	placement := existingVPC()
	placement.IsolatedSubnetIDs = pulumi.ToStringArray([]string{"subnet-isolated-a", "subnet-isolated-b", "subnet-isolated-c"})
	return &components.SQLRunnerArgs{Placement: placement, Image: runnerImage}
}

// giveRunner builds the runner sql for a database that needs one.
func giveRunner(ctx *pulumi.Context, args *components.MultiAZDatabaseArgs, provider pulumi.ResourceOption) (err error) {
	if (args.Topology != components.Aurora || args.Proxy != nil) && args.Runner == nil {
		args.Runner, err = components.NewSQLRunner(ctx, "sql", runnerArgs(), provider)
	}
	return err
}

func recordRunner(t recorder.TB, args *components.SQLRunnerArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		_, err := components.NewSQLRunner(ctx, "sql", args, provider)
		return err
	}), options...)
}

func TestARunnerIsExactlyTheseResourcesInPreviewAndUpdate(t *testing.T) {
	want := map[string]int{runnerToken: 1, functionToken: 1, roleToken: 1, rolePolicyToken: 1, keyToken: 1, aliasToken: 1, logGroupToken: 1, securityGroupToken: 1, egressToken: 1}
	requireCounts(t, want, recordRunner(t, runnerArgs()))
	requireCounts(t, want, recordRunner(t, runnerArgs(), recorder.Preview()))
}

func TestARunnerRunsWhereThereIsNoWayOutAndHoldsNothing(t *testing.T) {
	recording := recordRunner(t, runnerArgs())
	function := recording.One(t, functionToken, "sql")
	require.Equal(t, []string{"subnet-isolated-a", "subnet-isolated-b", "subnet-isolated-c"}, function.Texts(t, "vpcConfig.subnetIds"))
	require.Equal(t, []string{recording.One(t, securityGroupToken, "sql-runner").ID}, function.Texts(t, "vpcConfig.securityGroupIds"))
	require.False(t, function.Has("environment"), "nothing to read in its configuration")
	require.Equal(t, "Image", function.Text(t, "packageType"))
	require.Equal(t, runnerImage, function.Text(t, "imageUri"))
	require.Equal(t, []string{"arm64"}, function.Texts(t, "architectures"))
	require.Equal(t, 120, function.Int(t, "timeout"))
	require.Equal(t, 256, function.Int(t, "memorySize"))
	require.False(t, function.Has("reservedConcurrentExecutions"), "a new account has nothing to reserve")
	require.Equal(t, "/aplomb/test/sql-runner/sql", function.Text(t, "loggingConfig.logGroup"))

	out := recording.One(t, egressToken, "sql-runner-to-endpoints")
	require.Equal(t, "sg-endpoints", out.Text(t, "referencedSecurityGroupId"))
	require.Equal(t, 443, out.Int(t, "fromPort"))
	require.Equal(t, 443, out.Int(t, "toPort"))
	require.Empty(t, recording.OfType(ingressToken), "nobody connects to a function")
	for _, before := range []*recorder.Resource{recording.One(t, rolePolicyToken, "sql"), recording.One(t, logGroupToken, "sql"), out} {
		require.Contains(t, function.DependsOn, before.URN, "Lambda looks at the role, and makes a log group where there is none")
	}
	group := recording.One(t, logGroupToken, "sql")
	require.Equal(t, []string{recording.One(t, keyToken, "sql").URN}, within(group.PropertyDependencies["kmsKeyId"], keyToken))
	require.Equal(t, 30, group.Int(t, "retentionInDays"))
}

func TestTheRunnersRoleMayDoExactlyThis(t *testing.T) {
	recording := recordRunner(t, runnerArgs())
	golden.JSON(t, "testdata/sql-runner.role.golden.json", recording.One(t, rolePolicyToken, "sql").Text(t, "policy"))
	golden.JSON(t, "testdata/sql-runner.trust.golden.json", recording.One(t, roleToken, "sql").Text(t, "assumeRolePolicy"))
	golden.JSON(t, "testdata/sql-runner.key.golden.json", recording.One(t, keyToken, "sql").Text(t, "policy"))
}

// What Lambda does with the role carries neither a VPC nor the function; what the code does carries both.
func TestTheCodeOfTheRunnerMayReadPasswordsFromTheVPCOnlyAndMakeNoInterface(t *testing.T) {
	recording := recorder.Run(t, withDatabase(databaseArgs(components.MultiAZInstance), nil))
	own, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, "sql").Text(t, "policy"))
	require.NoError(t, err)
	served, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, "tickets-db-for-runner-sql").Text(t, "policy"))
	require.NoError(t, err)
	requests, err := served.Requests()
	require.NoError(t, err)
	require.Len(t, requests, 2, "one secret and its key")
	secret, key := requests[0].Resource, requests[1].Resource
	require.Contains(t, secret, ":secret:rds!db-")
	const interfaces, subnet = "arn:aws:ec2:eu-central-1:" + account + ":network-interface/*", "arn:aws:ec2:eu-central-1:" + account + ":subnet/subnet-1"
	byLambda := iameval.Context{"aws:RequestedRegion": {"eu-central-1"}, "aws:ViaAWSService": {"false"}}
	inside := byLambda.With("aws:SourceVpc", "vpc-1").With("lambda:SourceFunctionArn", "arn:aws:lambda:eu-central-1:"+account+":function:sql")
	decrypting := inside.With("kms:ViaService", "secretsmanager.eu-central-1.amazonaws.com").With("aws:ViaAWSService", "true").Without("aws:SourceVpc")
	for _, each := range []struct {
		claim, action, resource string
		context                 iameval.Context
		want                    bool
	}{
		{"the password of its database", "secretsmanager:GetSecretValue", secret, inside, true},
		{"outside the VPC", "secretsmanager:GetSecretValue", secret, inside.Without("aws:SourceVpc"), false},
		{"another VPC", "secretsmanager:GetSecretValue", secret, inside.With("aws:SourceVpc", "vpc-2"), false},
		{"another secret", "secretsmanager:GetSecretValue", secret + "x", inside, false},
		{"another Region", "secretsmanager:GetSecretValue", secret, inside.With("aws:RequestedRegion", "eu-west-1"), false},
		{"changing the password", "secretsmanager:PutSecretValue", secret, inside, false},
		{"the key of the password", "kms:Decrypt", key, decrypting, true},
		{"the key for anything else", "kms:Decrypt", key, inside, false},
		{"another key", "kms:Decrypt", key + "x", decrypting, false},
		{"the user that looks into restored databases", "rds-db:connect", "arn:aws:rds-db:eu-central-1:" + account + ":dbuser:db-ANY/aplomb_verify", inside, true},
		{"the master user", "rds-db:connect", "arn:aws:rds-db:eu-central-1:" + account + ":dbuser:db-ANY/aplomb_admin", inside, false},
		{"a user of a service", "rds-db:connect", "arn:aws:rds-db:eu-central-1:" + account + ":dbuser:db-ANY/tickets", inside, false},
		{"Lambda makes an interface", "ec2:CreateNetworkInterface", interfaces, byLambda, true},
		{"Lambda makes it in a subnet", "ec2:CreateNetworkInterface", subnet, byLambda, true},
		{"the code makes an interface", "ec2:CreateNetworkInterface", interfaces, inside, false},
		{"the code removes one", "ec2:DeleteNetworkInterface", interfaces, inside, false},
		{"an interface in another Region", "ec2:CreateNetworkInterface", strings.Replace(interfaces, "central", "west", 1), byLambda, false},
		{"Lambda writes the log", "logs:PutLogEvents", "arn:aws:logs:eu-central-1:" + account + ":log-group:/aplomb/test/sql-runner/sql:log-stream:a", byLambda, true},
		{"another log", "logs:PutLogEvents", "arn:aws:logs:eu-central-1:" + account + ":log-group:/aplomb/test/service/tickets:log-stream:a", byLambda, false},
		{"Data API", "rds-data:ExecuteStatement", "arn:aws:rds:eu-central-1:" + account + ":cluster:tickets", inside, false},
	} {
		request := iameval.Request{Action: each.action, Resource: each.resource, Context: each.context}
		first, err := own.Evaluate(request)
		require.NoError(t, err, each.claim)
		second, err := served.Evaluate(request)
		require.NoError(t, err, each.claim)
		allowed := first != iameval.ExplicitDeny && second != iameval.ExplicitDeny && (first == iameval.Allow || second == iameval.Allow)
		require.Equal(t, each.want, allowed, each.claim)
	}
}

func TestEachFaultOfARunnerIsNamedWithItsRemedy(t *testing.T) {
	const remedy = "; push aplomb-sql to Amazon ECR in the runner's Region and give the image by its digest"
	for want, fault := range map[string]func(*components.SQLRunnerArgs){
		`image: missing, a function is made from an image` + remedy: func(a *components.SQLRunnerArgs) { a.Image = "" },
		`image: "ghcr.io/aplomb/sql:1" is not in Amazon ECR, and Lambda takes images from nowhere else` + remedy: func(a *components.SQLRunnerArgs) {
			a.Image = "ghcr.io/aplomb/sql:1"
		},
		`image: "` + strings.Replace(runnerImage, "central", "west", 1) + `" is in eu-west-1, and Lambda takes only images of its own Region, eu-central-1` + remedy: func(a *components.SQLRunnerArgs) {
			a.Image = strings.Replace(runnerImage, "central", "west", 1)
		},
		`image: "` + account + `.dkr.ecr.eu-central-1.amazonaws.com/aplomb-sql:1" is given by a tag, which may move` + remedy: func(a *components.SQLRunnerArgs) {
			a.Image = account + ".dkr.ecr.eu-central-1.amazonaws.com/aplomb-sql:1"
		},
		`image: "sql" does not name its registry` + remedy: func(a *components.SQLRunnerArgs) { a.Image = "sql" },
		`placement.isolatedSubnetIDs: missing, what opens a database runs where there is no way out; give one subnet for each zone, in the order of the zones`: func(a *components.SQLRunnerArgs) {
			a.Placement.IsolatedSubnetIDs = nil
		},
		`placement.endpointSecurityGroupID: missing, the runner reads passwords through the endpoint of Secrets Manager; use Network.Placement or give the endpoints' security group`: func(a *components.SQLRunnerArgs) {
			a.Placement.EndpointSecurityGroupID = nil
		},
		`architecture: "arm" must be one of arm64, x86_64; state what the image was built for`: func(a *components.SQLRunnerArgs) { a.Architecture = "arm" },
		`logRetention: 2 must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; choose a number of days that CloudWatch Logs offers`: func(a *components.SQLRunnerArgs) {
			a.LogRetention = 2
		},
	} {
		args := runnerArgs()
		fault(args)
		require.Equal(t, []string{want}, lines(args.Check("sql")))
	}
	var none *components.SQLRunnerArgs
	require.Equal(t, []string{"args: missing, a runner needs arguments; give placement and image"}, lines(none.Check("sql")))
}
