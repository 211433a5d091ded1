package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildRole builds the role of the function. Lambda looks at it before it makes a function in a VPC, so its policy stands before.
func (r *SQLRunner) buildRole(ctx *pulumi.Context) error {
	at := r.home(ctx)
	role, policy, err := newRole(ctx, roleSpec{
		parent: r, name: r.name, description: "What SQL runner " + r.name + " may do",
		trust: runnerTrust(), policy: r.policy(at), slots: pulumi.StringMap{vpcSlot: r.args.Placement.VPCID},
		tags: r.args.Tags, transform: r.args.Transform.Role,
	})
	r.built.role = role
	r.built.before = append(r.built.before, policy)
	return err
}

// runnerTrust admits Lambda. Which function a role is for is said by iam:PassRole: when it assumes a role for a function, Lambda names
// no source that is documented (https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html).
func runnerTrust() iampolicy.Document {
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Lambda", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("lambda.amazonaws.com")}, Actions: []iampolicy.Action{"sts:AssumeRole"},
	})
}

// policy is what every runner may do: write its log, have network interfaces made by Lambda, and log in as the one user that looks into
// restored databases. Each database that is built with it adds the secret of that database.
func (r *SQLRunner) policy(at home) iampolicy.Document {
	statements := []iampolicy.Statement{{
		Sid: "WriteLog", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []iampolicy.Resource{iampolicy.ARN(naming.LogGroupARN(at.region, at.account, at.logGroup("sql-runner", r.name)) + ":*")},
	}}
	statements = append(statements, interfaceStatements(at)...)
	statements = append(statements, iampolicy.Statement{
		// A restored database has an id that nobody knew before. The name of the user is kept for this and may only read.
		Sid: "LookIntoRestored", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"rds-db:connect"},
		Resources: []iampolicy.Resource{iampolicy.ARN(naming.ARN(naming.Partition(at.region), "rds-db", at.region, at.account, "dbuser:*/"+verifyUser))},
	})
	return iampolicy.Identity(append(statements, runnerPerimeter(at.region)...)...)
}

// byLambda are the actions with which Lambda makes, finds and removes the function's network interfaces, and writes what it logs: Lambda's own
// calls with the function's role. They come from no VPC.
var byLambda = []iampolicy.Action{
	"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
	"ec2:UnassignPrivateIpAddresses",
}

// interfaceStatements are AWS's own (AWSLambdaVPCAccessExecutionRole), narrowed to this account and Region, and AWS's example of how to
// keep the function's code from using them
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions): whatever the code asks for
// carries lambda:SourceFunctionArn, and Lambda's own calls do not.
func interfaceStatements(at home) []iampolicy.Statement {
	var of []iampolicy.Resource
	for _, kind := range []string{"network-interface/*", "security-group/*", "subnet/*"} {
		of = append(of, iampolicy.ARN(naming.ARN(naming.Partition(at.region), "ec2", at.region, at.account, kind)))
	}
	return []iampolicy.Statement{{
		Sid: "LambdaMakesInterfaces", Effect: iampolicy.Allow, Resources: of,
		Actions: []iampolicy.Action{"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"},
	}, {
		Sid: "LambdaFindsInterfaces", Effect: iampolicy.Allow, Resources: []iampolicy.Resource{iampolicy.Any},
		Actions: []iampolicy.Action{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"},
		Reason: "the actions have no resource-level support; Lambda asks whether they are allowed before it makes the function, and that this question carries " +
			"ec2:Region is not documented",
	}, {
		Sid: "CodeMakesNone", Effect: iampolicy.Deny, Resources: []iampolicy.Resource{iampolicy.Any}, Actions: byLambda,
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.Null, "lambda:SourceFunctionArn", "false")},
	}}
}

// runnerPerimeter is that of a service (see perimeterStatements) as far as it fits a function: Lambda delivers credentials to no instance,
// so only the way that a request took is compared, and its Region. Lambda's own calls, from outside, are let be.
func runnerPerimeter(region string) []iampolicy.Statement {
	statements := []iampolicy.Statement{
		outside("OutsideTheVPC", iampolicy.Condition{
			Operator: iampolicy.StringNotEquals, Key: "aws:SourceVpc", Values: []iampolicy.Value{iampolicy.Slot(vpcSlot, "")},
		}),
		outside("ToAnotherRegion", iampolicy.When(iampolicy.StringNotEquals, "aws:RequestedRegion", region)),
	}
	for index := range statements {
		statements[index].NotActions = append(append(statements[index].NotActions, byLambda...), "logs:CreateLogStream", "logs:PutLogEvents")
	}
	return statements
}

// serve lets the runner into a database: its master secret, the key of the secret, the passwords behind its proxy, and the one port. It answers what must stand before
// the runner is asked for anything.
func (r *SQLRunner) serve(ctx *pulumi.Context, d *MultiAZDatabase) ([]pulumi.Resource, error) {
	at := d.home(ctx)
	name := d.name + "-for-runner-" + r.name
	document, slots := iampolicy.Identity(secretStatements(at, []string{masterKey})...), pulumi.StringMap{}
	if d.args.Proxy != nil {
		document, slots = iampolicy.Identity(passwordStatements(at, d.proxySecretKeys())...), d.proxySecretSlots()
	}
	slots[secretSlot(masterKey)], slots[keySlot] = d.MasterSecretARN, d.built.key.Arn
	if err := document.Check(); err != nil {
		return nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Role: r.built.role.Name, Policy: filled(document, slots),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	in := d.name + "-database-from-runner-" + r.name
	ingress, err := vpc.NewSecurityGroupIngressRule(ctx, in, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: d.built.securityGroup.ID(), ReferencedSecurityGroupId: r.built.securityGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections of SQL runner " + r.name), Tags: tagsNamed(d.args.Tags, in),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	out := r.name + "-runner-to-database-" + d.name
	egress, err := vpc.NewSecurityGroupEgressRule(ctx, out, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: r.built.securityGroup.ID(), ReferencedSecurityGroupId: d.built.securityGroup.ID(),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(postgresPort), ToPort: pulumi.Int(postgresPort),
		Description: pulumi.String("Connections to database " + d.name), Tags: tagsNamed(r.args.Tags, out),
	}, pulumi.Parent(r))
	return []pulumi.Resource{policy, ingress, egress, r.built.function}, err
}

// masterKey names the slot of the master user's secret.
const masterKey = "master"
