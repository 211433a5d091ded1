// Package components_test is of the recorder layer: it runs real components against Pulumi's mocks under a strict monitor, and proves
// what they ask AWS for. What AWS and the engine make of it is the sandbox's part. The checks of arguments are of the rules
// layer: pure functions.
package components_test

import (
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	account     = "210987654321"
	digest      = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	image       = account + ".dkr.ecr.eu-central-1.amazonaws.com/support/tickets@" + digest
	certificate = "arn:aws:acm:eu-central-1:" + account + ":certificate/5d0a3c1e-8f47-4b62-9d15-7ae2c30b94f8"
)

// Type tokens.
const (
	networkToken  = "aplomb:components:Network"
	serviceToken  = "aplomb:components:ResilientService"
	providerToken = "pulumi:providers:aws"
	awsxVPCToken  = "awsx:ec2:Vpc"

	acceleratorListenerToken = "aws:globalaccelerator/listener:Listener"
	acceleratorToken         = "aws:globalaccelerator/accelerator:Accelerator"
	aliasToken               = "aws:kms/alias:Alias"
	alarmToken               = "aws:cloudwatch/metricAlarm:MetricAlarm"
	certificateToken         = "aws:acm/certificate:Certificate"
	defaultGroupToken        = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	endpointGroupToken       = "aws:globalaccelerator/endpointGroup:EndpointGroup"
	endpointToken            = "aws:ec2/vpcEndpoint:VpcEndpoint"
	egressToken              = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	flowLogToken             = "aws:ec2/flowLog:FlowLog"
	groupToken               = "aws:autoscaling/group:Group"
	ingressToken             = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	keyToken                 = "aws:kms/key:Key"
	launchToken              = "aws:ec2/launchTemplate:LaunchTemplate"
	listenerToken            = "aws:lb/listener:Listener"
	loadBalancerToken        = "aws:lb/loadBalancer:LoadBalancer"
	logGroupToken            = "aws:cloudwatch/logGroup:LogGroup"
	profileToken             = "aws:iam/instanceProfile:InstanceProfile"
	recordToken              = "aws:route53/record:Record"
	rolePolicyToken          = "aws:iam/rolePolicy:RolePolicy"
	roleToken                = "aws:iam/role:Role"
	scalingToken             = "aws:autoscaling/policy:Policy"
	secretToken              = "aws:secretsmanager/secret:Secret"
	secretVersionToken       = "aws:secretsmanager/secretVersion:SecretVersion"
	securityGroupToken       = "aws:ec2/securityGroup:SecurityGroup"
	targetGroupToken         = "aws:lb/targetGroup:TargetGroup"
	validationToken          = "aws:acm/certificateValidation:CertificateValidation"
	webACLAssociationToken   = "aws:wafv2/webAclAssociation:WebAclAssociation"
	webACLToken              = "aws:wafv2/webAcl:WebAcl"
)

func threeZones() []string { return []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"} }

func networkArgs() *components.NetworkArgs {
	return &components.NetworkArgs{AccountID: account, Zones: threeZones(), CIDR: "10.40.0.0/16"}
}

// existingVPC is a placement filled by hand, which needs no Network.
func existingVPC() components.PlacementArgs {
	return components.PlacementArgs{
		AccountID: account, Zones: threeZones(), VPCID: pulumi.String("vpc-1"), VPCCIDR: "10.40.0.0/16",
		PublicSubnetIDs:         pulumi.ToStringArray([]string{"subnet-public-a", "subnet-public-b", "subnet-public-c"}),
		PrivateSubnetIDs:        pulumi.ToStringArray([]string{"subnet-private-a", "subnet-private-b", "subnet-private-c"}),
		EndpointSecurityGroupID: pulumi.String("sg-endpoints"), S3PrefixListID: pulumi.String("pl-s3"), NAT: components.NATPerZone,
	}
}

// serviceArgs is a service with as little said as possible.
func serviceArgs() *components.ResilientServiceArgs {
	return &components.ResilientServiceArgs{
		Placement: existingVPC(), Image: image, AMI: "ami-0c1f4b2d9e8a76543", Architecture: components.ARM64,
		InstanceTypes: []components.InstanceType{"m7g.large", "m6g.large"}, PeakInstances: 6,
	}
}

// inRegion runs a program with an explicit provider for the account and Region, as stacks do.
func inRegion(program func(ctx *pulumi.Context, provider pulumi.ResourceOption) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "eu-central-1", &aws.ProviderArgs{
			Region: pulumi.String("eu-central-1"), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
		})
		if err != nil {
			return err
		}
		return program(ctx, pulumi.Provider(provider))
	}
}

// recordService records one service called tickets.
func recordService(t recorder.TB, args *components.ResilientServiceArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		_, err := components.NewResilientService(ctx, "tickets", args, provider)
		return err
	}), options...)
}

// recordNetwork records one network called main.
func recordNetwork(t recorder.TB, args *components.NetworkArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		_, err := components.NewNetwork(ctx, "main", args, provider)
		return err
	}), options...)
}

// requireCounts holds the whole recording to exact numbers, provider aside.
func requireCounts(t *testing.T, want map[string]int, recording *recorder.Recording) {
	t.Helper()
	got := recording.Count()
	delete(got, providerToken)
	require.Equal(t, want, got)
}
