package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildVPC builds the VPC with its subnets, routes and NAT gateways, and strips its default security group.
func (n *Network) buildVPC(ctx *pulumi.Context) error {
	specs, err := subnetSpecs(n.args.CIDR, n.args.Zones)
	if err != nil {
		return err
	}
	// Auto takes the blocks as they are stated. Exact would also demand that they fill the VPC without a gap, and the gaps are
	// the point: they belong to zones that are not configured yet.
	strategy := awsxec2.SubnetAllocationStrategyAuto
	vpc, err := awsxec2.NewVpc(ctx, n.name, transformed(&awsxec2.VpcArgs{
		CidrBlock:             &n.args.CIDR,
		AvailabilityZoneNames: n.args.Zones,
		SubnetStrategy:        &strategy,
		SubnetSpecs:           specs,
		NatGateways:           &awsxec2.NatGatewayConfigurationArgs{Strategy: awsxNAT[n.args.NAT]},
		EnableDnsSupport:      pulumi.Bool(true),
		// Private DNS of the endpoints needs both (https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html);
		// awsx leaves this one off.
		EnableDnsHostnames: pulumi.Bool(true),
		Tags:               stringMap(n.args.Tags),
	}, n.args.Transform.VPC), pulumi.Parent(n))
	if err != nil {
		return err
	}
	n.vpc, n.VPCID = vpc, vpc.VpcId
	n.Zones = pulumi.ToStringArray(n.args.Zones).ToStringArrayOutput()
	n.PublicSubnetIDs, n.PrivateSubnetIDs, n.IsolatedSubnetIDs = vpc.PublicSubnetIds, vpc.PrivateSubnetIds, vpc.IsolatedSubnetIds

	// Adopting the default group without rules removes those it was born with: everything among its members, and everything
	// out (https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html).
	name := n.name + "-default"
	_, err = ec2.NewDefaultSecurityGroup(ctx, name, transformed(&ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.VpcId, Tags: tagsNamed(n.args.Tags, name),
	}, n.args.Transform.DefaultSecurityGroup), pulumi.Parent(n))
	return err
}

var awsxNAT = map[NATStrategy]awsxec2.NatGatewayStrategy{
	NATPerZone: awsxec2.NatGatewayStrategyOnePerAz,
	NATSingle:  awsxec2.NatGatewayStrategySingle,
	NATNone:    awsxec2.NatGatewayStrategyNone,
}

// subnetSpecs are the three tiers, each with its block for every zone, in zone order.
func subnetSpecs(cidr string, names []string) ([]awsxec2.SubnetSpecArgs, error) {
	vpc, err := zones.ParseVPC(cidr)
	if err != nil {
		return nil, fmt.Errorf("vpc %s: %w", cidr, err)
	}
	specs := []awsxec2.SubnetSpecArgs{
		{Type: awsxec2.SubnetTypePublic, Name: pulumi.StringRef("public")},
		{Type: awsxec2.SubnetTypePrivate, Name: pulumi.StringRef("private")},
		{Type: awsxec2.SubnetTypeIsolated, Name: pulumi.StringRef("isolated")},
	}
	for _, name := range names {
		zone, err := zones.Parse(name)
		if err != nil {
			return nil, fmt.Errorf("zone %q: %w", name, err)
		}
		blocks, err := zones.Plan(vpc, zone)
		if err != nil {
			return nil, err
		}
		specs[0].CidrBlocks = append(specs[0].CidrBlocks, blocks.Public.String())
		specs[1].CidrBlocks = append(specs[1].CidrBlocks, blocks.Private.String())
		specs[2].CidrBlocks = append(specs[2].CidrBlocks, blocks.Isolated.String())
	}
	return specs, nil
}

func stringMap(values map[string]string) pulumi.StringMap {
	all := pulumi.StringMap{}
	for key, value := range values {
		all[key] = pulumi.String(value)
	}
	return all
}
