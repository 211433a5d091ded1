package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const sqlRunnerType = "aplomb:components:SQLRunner"

// SQLRunnerArgs describes a SQLRunner. The zero value of an optional field means its default.
type SQLRunnerArgs struct {
	// Placement is where the runner runs: Network.Placement(), whose isolated subnets it uses, those of the databases. The VPC needs an
	// interface endpoint with private DNS for Secrets Manager, which DefaultEndpoints has.
	Placement PlacementArgs `pulumi:"placement"`
	// Image is the image of aplomb-sql in Amazon ECR, in the Region of the runner, by its digest: a tag may move, and Lambda takes no image of
	// another Region. Lambda pulls it by the repository's policy, to which it adds itself where whoever deploys may change that policy, and which
	// must name it where the repository is another account's
	// (https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions).
	Image string `pulumi:"image"`
	// Architecture is what the image was built for: ARM64 by default.
	Architecture Architecture `pulumi:"architecture,optional"`
	// LogRetention is for how long the runner's log is kept: 30 days by default.
	LogRetention LogRetention `pulumi:"logRetention,optional"`
	// Protect makes the engine refuse to delete or replace the key and the log, which stay in AWS should they ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform SQLRunnerTransforms
}

// SQLRunnerTransforms are the escape hatches of a SQLRunner: each function that is set receives the finished arguments of one inner
// resource, after every default and check, and may change anything.
type SQLRunnerTransforms struct {
	Key           func(*kms.KeyArgs)
	LogGroup      func(*cloudwatch.LogGroupArgs)
	SecurityGroup func(*ec2.SecurityGroupArgs)
	Role          func(*iam.RoleArgs)
	Function      func(*lambda.FunctionArgs)
}

// SQLRunner runs SQL in databases that have no Data API, in the VPC: a Lambda function from the image of aplomb-sql. It makes users and
// looks into databases that were restored, and does nothing of its own accord: whoever may invoke it names the database and what to do.
// One runner serves any number of databases of its VPC; each lets it in when it is built with it.
//
// It runs in isolated subnets, not in private ones. It holds what opens a database, for seconds, and what has no way out cannot carry
// that away: from there it reaches the databases and Secrets Manager's endpoint and nothing else. What it logs and the image it is
// made of pass no subnet: Lambda does both from outside. It has no environment variables, so there is nothing to read in its configuration.
//
// It reserves no concurrency, which a new account has none of to give: its invocations are among the account's others, and Systems Manager tries
// again what is throttled (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
//
// # Recovery
//
// Lambda runs a function in every zone that it has a subnet in, and keeps its capacity in several
// (https://docs.aws.amazon.com/lambda/latest/dg/security-resilience.html). An invocation that was lost with a zone is made again when its
// caller tries again. Nobody waits for it: services that are connected do not notice that there is no runner.
//
// Not covered: a Region.
type SQLRunner struct {
	pulumi.ResourceState

	// FunctionName and FunctionARN are what to invoke.
	FunctionName pulumi.StringOutput `pulumi:"functionName"`
	FunctionARN  pulumi.StringOutput `pulumi:"functionARN"`
	// RoleName is the role of the function: whatever else it may do is granted to it.
	RoleName pulumi.StringOutput `pulumi:"roleName"`
	// SecurityGroupID is the function's security group, which databases admit.
	SecurityGroupID pulumi.StringOutput `pulumi:"securityGroupID"`
	// KeyARN is the ARN of the KMS key of the runner's log.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`

	ctx   *pulumi.Context
	name  string
	args  SQLRunnerArgs
	built runnerParts
}

// runnerParts are the inner resources that later steps refer to.
type runnerParts struct {
	key           *kms.Key
	logGroup      *cloudwatch.LogGroup
	role          *iam.Role
	securityGroup *ec2.SecurityGroup
	function      *lambda.Function
	before        []pulumi.Resource // what must stand before the function does
}

// NewSQLRunner checks args whole (see SQLRunnerArgs.Check) and registers the runner. Pass the aws provider of the zones' Region as a
// resource option.
func NewSQLRunner(ctx *pulumi.Context, name string, args *SQLRunnerArgs, opts ...pulumi.ResourceOption) (*SQLRunner, error) {
	if args == nil {
		args = &SQLRunnerArgs{}
	}
	if err := failuresAsError("runner "+name, args.Check(name)); err != nil {
		return nil, err
	}
	runner := &SQLRunner{ctx: ctx, name: name, args: args.withDefaults()}
	if err := ctx.RegisterComponentResource(sqlRunnerType, name, runner, opts...); err != nil {
		return nil, err
	}
	return runner, runSteps(ctx, runner.buildLog, runner.buildNetwork, runner.buildRole, runner.buildFunction, runner.registerOutputs)
}

func (r *SQLRunner) registerOutputs(ctx *pulumi.Context) error {
	r.FunctionName, r.FunctionARN, r.RoleName = r.built.function.Name, r.built.function.Arn, r.built.role.Name
	r.SecurityGroupID, r.KeyARN = r.built.securityGroup.ID().ToStringOutput(), r.built.key.Arn
	return ctx.RegisterResourceOutputs(r, pulumi.Map{
		"functionName": r.FunctionName, "functionARN": r.FunctionARN, "roleName": r.RoleName, "securityGroupID": r.SecurityGroupID, "keyARN": r.KeyARN,
	})
}
