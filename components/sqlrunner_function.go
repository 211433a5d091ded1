package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// runnerSeconds is for how long an invocation may take: a statement waits up to 20 s for locks, and a database that was just restored is
	// slow. Systems Manager waits for a function 300 s at most
	// (https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-lamb.html).
	runnerSeconds = 120
	// runnerMegabytes is more than the program needs: the share of a processor that a function has follows from its memory
	// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
	runnerMegabytes = 256
)

func (r *SQLRunner) home(ctx *pulumi.Context) home {
	return homeOf(ctx, r.args.Placement.AccountID, r.args.Placement.region())
}

// buildLog builds the log group before Lambda does, which would make it without encryption and keep it for ever.
func (r *SQLRunner) buildLog(ctx *pulumi.Context) (err error) {
	at := r.home(ctx)
	logGroup := at.logGroup("sql-runner", r.name)
	r.built.key, err = newKey(ctx, keySpec{
		parent: r, name: r.name, alias: at.alias("sql-runner", r.name), description: "Encrypts the log of runner " + r.name,
		statements: []iampolicy.Statement{at.accountAdministers(), at.logsEncrypt(logGroup)},
		protect:    r.args.Protect, tags: r.args.Tags, transform: r.args.Transform.Key,
	})
	if err != nil {
		return err
	}
	r.built.logGroup, err = cloudwatch.NewLogGroup(ctx, r.name, transformed(&cloudwatch.LogGroupArgs{
		Name: pulumi.String(logGroup), KmsKeyId: r.built.key.Arn, RetentionInDays: pulumi.Int(int(r.args.LogRetention)), Tags: tagsNamed(r.args.Tags, r.name),
	}, r.args.Transform.LogGroup), stateful(r, r.args.Protect)...)
	return err
}

// buildNetwork builds a security group that nobody is admitted to, and that lets out to the endpoints alone until a database is built
// with the runner. What the endpoint of Secrets Manager lets through, its policy says.
func (r *SQLRunner) buildNetwork(ctx *pulumi.Context) (err error) {
	name := r.name + "-runner"
	r.built.securityGroup, err = ec2.NewSecurityGroup(ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("SQL runner " + r.name), VpcId: r.args.Placement.VPCID.ToStringOutput(), Tags: tagsNamed(r.args.Tags, name),
	}, r.args.Transform.SecurityGroup), pulumi.Parent(r))
	if err != nil {
		return err
	}
	out := r.name + "-runner-to-endpoints"
	rule, err := vpc.NewSecurityGroupEgressRule(ctx, out, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: r.built.securityGroup.ID(), ReferencedSecurityGroupId: r.args.Placement.EndpointSecurityGroupID.ToStringOutput(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(httpsPort), ToPort: pulumi.Int(httpsPort),
		Description: pulumi.String("Passwords from Secrets Manager"), Tags: tagsNamed(r.args.Tags, out),
	}, pulumi.Parent(r))
	r.built.before = append(r.built.before, rule)
	return err
}

// buildFunction reserves no concurrency: of an account's quota 100 must stay unreserved, so that Lambda refuses any reservation in a new
// account, whose quota is small (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html). How many run at a time its
// callers bound: the associations run for one user of a database at a time, and a document asks for one database.
func (r *SQLRunner) buildFunction(ctx *pulumi.Context) (err error) {
	before := append(append([]pulumi.Resource{r.built.logGroup}, r.built.before...), r.args.Placement.endpoints...)
	r.built.function, err = lambda.NewFunction(ctx, r.name, transformed(&lambda.FunctionArgs{
		Description: pulumi.String("Runs SQL in databases without the Data API"),
		PackageType: pulumi.String("Image"), ImageUri: pulumi.String(r.args.Image), Architectures: pulumi.ToStringArray([]string{string(r.args.Architecture)}),
		Role: r.built.role.Arn, Timeout: pulumi.Int(runnerSeconds), MemorySize: pulumi.Int(runnerMegabytes),
		VpcConfig: lambda.FunctionVpcConfigArgs{
			SubnetIds: r.args.Placement.IsolatedSubnetIDs, SecurityGroupIds: pulumi.StringArray{r.built.securityGroup.ID()},
		},
		LoggingConfig: lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("JSON"), LogGroup: r.built.logGroup.Name},
		Tags:          tagsNamed(r.args.Tags, r.name),
	}, r.args.Transform.Function), pulumi.Parent(r), pulumi.DependsOn(before))
	return err
}
