package components

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// buildEndpoints builds the ways to AWS's services that do not lead through the internet.
func (n *Network) buildEndpoints(ctx *pulumi.Context) error {
	at := homeOf(ctx, n.args.AccountID, zones.Region(n.args.Zones))
	gateway, err := n.gateway(ctx, at)
	if err != nil {
		return err
	}
	group, err := n.endpointGroup(ctx)
	if err != nil {
		return err
	}
	n.EndpointSecurityGroupID, n.S3PrefixListID = group.ID().ToStringOutput(), gateway.PrefixListId
	n.endpoints = append(n.endpoints, gateway)
	for _, service := range n.args.Endpoints {
		endpoint, err := n.endpoint(ctx, at, service, group)
		if err != nil {
			return err
		}
		n.endpoints = append(n.endpoints, endpoint)
	}
	return nil
}

// gateway builds the S3 gateway endpoint on the route table of every private subnet. Isolated subnets have no route to it: nothing
// in them calls S3, and what has no way out needs no rule that limits it. Nor have public ones, where only load balancers and NAT
// gateways stand.
func (n *Network) gateway(ctx *pulumi.Context, at home) (*ec2.VpcEndpoint, error) {
	policy, err := gatewayPolicy(at).JSON(nil)
	if err != nil {
		return nil, err
	}
	name := n.name + "-s3"
	return ec2.NewVpcEndpoint(ctx, name, transformed(&ec2.VpcEndpointArgs{
		VpcId: n.VPCID, ServiceName: pulumi.String(n.offers[s3Gateway]), VpcEndpointType: pulumi.String(gatewayEndpoint),
		RouteTableIds: privateRouteTables(n.vpc, len(n.args.Zones)), Policy: pulumi.String(policy), Tags: tagsNamed(n.args.Tags, name),
	}, n.args.Transform.GatewayEndpoint), pulumi.Parent(n))
}

// endpointGroup builds the security group of the interface endpoints: HTTPS from the VPC's block, and nothing else. They open no
// connections of their own.
func (n *Network) endpointGroup(ctx *pulumi.Context) (*ec2.SecurityGroup, error) {
	name := n.name + "-endpoints"
	group, err := ec2.NewSecurityGroup(ctx, name, transformed(&ec2.SecurityGroupArgs{
		Description: pulumi.String("Endpoints of network " + n.name), VpcId: n.VPCID, Tags: tagsNamed(n.args.Tags, name),
	}, n.args.Transform.EndpointSecurityGroup), pulumi.Parent(n))
	if err != nil {
		return nil, err
	}
	rule := name + "-in"
	admit, err := vpc.NewSecurityGroupIngressRule(ctx, rule, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), CidrIpv4: pulumi.String(n.args.CIDR),
		IpProtocol: pulumi.String(string(TCP)), FromPort: pulumi.Int(httpsPort), ToPort: pulumi.Int(httpsPort),
		Description: pulumi.String("Whoever is in the VPC"), Tags: tagsNamed(n.args.Tags, rule),
	}, pulumi.Parent(n))
	n.endpoints = append(n.endpoints, admit)
	return group, err
}

// endpoint builds the interface endpoint of one service, with an address in every zone. Private DNS lets clients that know nothing of
// endpoints use it.
func (n *Network) endpoint(
	ctx *pulumi.Context, at home, service EndpointService, group *ec2.SecurityGroup,
) (*ec2.VpcEndpoint, error) {
	policy, err := n.endpointPolicy(at, service).JSON(nil)
	if err != nil {
		return nil, err
	}
	name := n.name + "-" + strings.ReplaceAll(string(service), ".", "-")
	return ec2.NewVpcEndpoint(ctx, name, transformed(&ec2.VpcEndpointArgs{
		VpcId: n.VPCID, ServiceName: pulumi.String(n.offers[service]), VpcEndpointType: pulumi.String(interfaceEndpoint),
		SubnetIds: n.PrivateSubnetIDs, SecurityGroupIds: pulumi.StringArray{group.ID()}, PrivateDnsEnabled: pulumi.Bool(true),
		Policy: pulumi.String(policy), Tags: tagsNamed(n.args.Tags, name),
	}, n.args.Transform.InterfaceEndpoint), pulumi.Parent(n))
}

// privateRouteTables are the ids of the private subnets' route tables, which awsx makes one for each subnet and tags with the
// subnet's type. The tables are known as resources in a preview already, and their ids are not: so what depends on them is the
// same in preview and update, as a plan that is held to its preview demands.
func privateRouteTables(network *awsxec2.Vpc, zoneCount int) pulumi.StringArrayOutput {
	return network.RouteTables.ApplyT(func(tables []*ec2.RouteTable) pulumi.StringArrayOutput {
		var described []any
		for _, table := range tables {
			described = append(described, table.ID(), table.Tags)
		}
		return pulumi.All(described...).ApplyT(func(described []any) ([]string, error) {
			var private []string
			for index := 0; index < len(described); index += 2 {
				if described[index+1].(map[string]string)["SubnetType"] == string(awsxec2.SubnetTypePrivate) {
					private = append(private, string(described[index].(pulumi.ID)))
				}
			}
			if len(private) < zoneCount {
				return nil, fmt.Errorf("%d route tables of the VPC are tagged as private, and there are %d zones", len(private), zoneCount)
			}
			return private, nil
		}).(pulumi.StringArrayOutput)
	}).(pulumi.StringArrayOutput)
}
