package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// flowLogSeconds is for how long flows are gathered before a record is written: a minute, the shorter of AWS's two choices
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-basics.html). Instances on Nitro need a minute at most anyway.
const flowLogSeconds = 60

// buildFlowLogs records the VPC's traffic, accepted and refused, into a log group under a key of its own.
func (n *Network) buildFlowLogs(ctx *pulumi.Context) error {
	at := homeOf(ctx, n.args.AccountID, zones.Region(n.args.Zones))
	name, groupName := n.name+"-flow-logs", at.logGroup("flow-logs", n.name)
	key, err := newKey(ctx, keySpec{
		parent: n, name: name, alias: at.alias("flow-logs", n.name), description: "Encrypts the flow logs of network " + n.name,
		statements: []iampolicy.Statement{at.accountAdministers(), at.logsEncrypt(groupName)},
		protect:    n.args.Protect, tags: n.args.Tags, transform: n.args.Transform.FlowLogKey,
	})
	if err != nil {
		return err
	}
	group, err := cloudwatch.NewLogGroup(ctx, name, transformed(&cloudwatch.LogGroupArgs{
		Name: pulumi.String(groupName), KmsKeyId: key.Arn, RetentionInDays: pulumi.Int(int(n.args.FlowLogRetention)),
		Tags: tagsNamed(n.args.Tags, name),
	}, n.args.Transform.FlowLogGroup), stateful(n, n.args.Protect)...)
	if err != nil {
		return err
	}
	role, policy, err := newRole(ctx, roleSpec{
		parent: n, name: name, description: "Writes the flow logs of network " + n.name,
		trust: flowLogTrust(at), policy: flowLogPolicy(naming.LogGroupARN(at.region, at.account, groupName)),
		tags: n.args.Tags, transform: n.args.Transform.FlowLogRole,
	})
	if err != nil {
		return err
	}
	n.FlowLogGroupName = group.Name
	_, err = ec2.NewFlowLog(ctx, name, transformed(&ec2.FlowLogArgs{
		VpcId: n.VPCID, TrafficType: pulumi.String("ALL"), MaxAggregationInterval: pulumi.Int(flowLogSeconds),
		LogDestinationType: pulumi.String("cloud-watch-logs"), LogDestination: group.Arn, IamRoleArn: role.Arn,
		Tags: tagsNamed(n.args.Tags, name),
	}, n.args.Transform.FlowLog), pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{policy}))
	return err
}

// flowLogTrust admits the flow logs service, for flow logs of this account and Region only
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
func flowLogTrust(at home) iampolicy.Document {
	source := naming.ARN(naming.Partition(at.region), "ec2", at.region, at.account, "vpc-flow-log/*")
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "FlowLogs", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("vpc-flow-logs.amazonaws.com")},
		Actions:    []iampolicy.Action{"sts:AssumeRole"},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", at.account),
			iampolicy.When(iampolicy.ARNLike, "aws:SourceArn", source),
		},
	})
}

// flowLogPolicy is what AWS's guide asks for, limited to one log group, without logs:CreateLogGroup: the group exists, and a delivery
// that comes late must not create it anew, unencrypted, after it has been deleted.
func flowLogPolicy(logGroupARN string) iampolicy.Document {
	return iampolicy.Identity(iampolicy.Statement{
		Sid: "WriteFlowLogs", Effect: iampolicy.Allow,
		Actions:   []iampolicy.Action{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resources: []iampolicy.Resource{iampolicy.ARN(logGroupARN), iampolicy.ARN(logGroupARN + ":*")},
	}, iampolicy.Statement{
		Sid: "FindLogGroup", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"logs:DescribeLogGroups"}, Resources: []iampolicy.Resource{iampolicy.Any},
		Reason: "the service looks for its log group by name prefix, and the action has no resource-level support",
	})
}

func (n *Network) registerOutputs(ctx *pulumi.Context) error {
	return ctx.RegisterResourceOutputs(n, pulumi.Map{
		"vpcID": n.VPCID, "zones": n.Zones, "publicSubnetIDs": n.PublicSubnetIDs, "privateSubnetIDs": n.PrivateSubnetIDs,
		"isolatedSubnetIDs": n.IsolatedSubnetIDs, "flowLogGroupName": n.FlowLogGroupName,
		"endpointSecurityGroupID": n.EndpointSecurityGroupID, "s3PrefixListID": n.S3PrefixListID,
	})
}
