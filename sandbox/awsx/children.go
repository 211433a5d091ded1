package awsx

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/aplomb-iac/aplomb/sandbox/awsx/subnets"
)

// everywhere is the destination of a default route.
const everywhere = "0.0.0.0/0"

// under parents a child as awsx does: it also waits for its parent.
func under(parent pulumi.Resource) []pulumi.ResourceOption {
	return []pulumi.ResourceOption{pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{parent})}
}

// sharedTags is the component's tags over its name: a Name among them wins.
func (v *vpc) sharedTags() pulumi.StringMapInput {
	return merged(pulumi.StringMap{"Name": pulumi.String(v.name)}, v.args.Tags)
}

func (v *vpc) addVPC(component pulumi.Resource, block string) error {
	var err error
	v.vpc, err = ec2.NewVpc(v.ctx, v.name, &ec2.VpcArgs{
		AssignGeneratedIpv6CidrBlock:     v.args.AssignGeneratedIpv6CidrBlock,
		CidrBlock:                        pulumi.String(block),
		EnableDnsHostnames:               v.args.EnableDnsHostnames,
		EnableDnsSupport:                 v.args.EnableDnsSupport,
		EnableNetworkAddressUsageMetrics: v.args.EnableNetworkAddressUsageMetrics,
		InstanceTenancy:                  v.args.InstanceTenancy,
		Ipv4NetmaskLength:                v.args.Ipv4NetmaskLength,
		Ipv6CidrBlock:                    v.args.Ipv6CidrBlock,
		Ipv6CidrBlockNetworkBorderGroup:  v.args.Ipv6CidrBlockNetworkBorderGroup,
		Ipv6IpamPoolId:                   v.args.Ipv6IpamPoolId,
		Ipv6NetmaskLength:                v.args.Ipv6NetmaskLength,
		Tags:                             v.sharedTags(),
	}, pulumi.Parent(component))
	if err != nil {
		return err
	}
	v.gateway, err = ec2.NewInternetGateway(v.ctx, v.name, &ec2.InternetGatewayArgs{
		VpcId: v.vpc.ID(), Tags: v.sharedTags(),
	}, under(v.vpc)...)
	return err
}

// addEndpoints names each endpoint after its service.
func (v *vpc) addEndpoints() error {
	for _, spec := range v.args.VpcEndpointSpecs {
		_, err := ec2.NewVpcEndpoint(v.ctx, spec.ServiceName, &ec2.VpcEndpointArgs{
			AutoAccept:        pulumi.BoolPtrFromPtr(spec.AutoAccept),
			Policy:            spec.Policy,
			PrivateDnsEnabled: pulumi.BoolPtrFromPtr(spec.PrivateDnsEnabled),
			RouteTableIds:     spec.RouteTableIds,
			SecurityGroupIds:  spec.SecurityGroupIds,
			ServiceName:       pulumi.String(spec.ServiceName),
			SubnetIds:         spec.SubnetIds,
			Tags:              spec.Tags,
			VpcEndpointType:   spec.VpcEndpointType,
			VpcId:             v.vpc.ID(),
		}, under(v.vpc)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// addSubnet makes a subnet with a route table of its own, the NAT gateway that may stand in it, and its way out.
func (v *vpc) addSubnet(zone int, planned subnets.Subnet) error {
	own := pulumi.StringMap{"Name": pulumi.String(planned.Name), "SubnetType": pulumi.String(planned.Type)}
	var specTags pulumi.StringMapInput
	if planned.Spec >= 0 {
		specTags = v.args.SubnetSpecs[planned.Spec].Tags
	}
	subnet, err := ec2.NewSubnet(v.ctx, planned.Name, &ec2.SubnetArgs{
		VpcId:               v.vpc.ID(),
		AvailabilityZone:    pulumi.String(planned.Zone),
		MapPublicIpOnLaunch: pulumi.Bool(planned.Type == subnets.Public),
		CidrBlock:           pulumi.String(planned.CIDRBlock),
		Tags:                merged(v.sharedTags(), specTags, own),
	}, under(v.vpc)...)
	if err != nil {
		return err
	}
	v.subnets = append(v.subnets, subnet)
	v.ids[planned.Type] = append(v.ids[planned.Type], subnet.ID().ToStringOutput())

	table, err := ec2.NewRouteTable(v.ctx, planned.Name, &ec2.RouteTableArgs{
		VpcId: v.vpc.ID(), Tags: merged(v.sharedTags(), own),
	}, under(subnet)...)
	if err != nil {
		return err
	}
	v.tables = append(v.tables, table)
	association, err := ec2.NewRouteTableAssociation(v.ctx, planned.Name, &ec2.RouteTableAssociationArgs{
		RouteTableId: table.ID(), SubnetId: subnet.ID(),
	}, under(table)...)
	if err != nil {
		return err
	}
	v.associations = append(v.associations, association)
	if planned.Type == subnets.Public && v.args.natStrategy().Wants(len(v.nats), zone) {
		if err := v.addNAT(zone, subnet); err != nil {
			return err
		}
	}
	return v.addRoute(zone, planned, table)
}

// addNAT makes a NAT gateway on the zone's given address, or on a new one.
func (v *vpc) addNAT(zone int, subnet *ec2.Subnet) error {
	name := fmt.Sprintf("%s-%d", v.name, zone+1)
	tags := merged(v.args.Tags, pulumi.StringMap{"Name": pulumi.String(name)})
	var allocation pulumi.StringPtrInput
	if len(v.allocations) == 0 {
		address, err := ec2.NewEip(v.ctx, name, &ec2.EipArgs{Tags: tags}, under(subnet)...)
		if err != nil {
			return err
		}
		v.addresses = append(v.addresses, address)
		allocation = address.AllocationId.ToStringPtrOutput()
	} else {
		allocation = v.allocations[len(v.nats)].ToStringOutput().ToStringPtrOutput()
	}
	gateway, err := ec2.NewNatGateway(v.ctx, name, &ec2.NatGatewayArgs{
		SubnetId: subnet.ID(), AllocationId: allocation, Tags: tags,
	}, under(subnet)...)
	if err != nil {
		return err
	}
	v.nats = append(v.nats, gateway)
	v.natIDs = append(v.natIDs, gateway.ID().ToStringOutput())
	return nil
}

// addRoute makes the default route: of a public subnet to the internet gateway, of a private one to the NAT gateway of
// its zone, or to the only one. Isolated subnets have none.
func (v *vpc) addRoute(zone int, planned subnets.Subnet, table *ec2.RouteTable) error {
	args := &ec2.RouteArgs{RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String(everywhere)}
	strategy := v.args.natStrategy()
	switch {
	case planned.Type == subnets.Public:
		args.GatewayId = v.gateway.ID()
	case planned.Type == subnets.Private && strategy.Is(subnets.NATSingle):
		args.NatGatewayId = v.natIDs[0].ToStringOutput().ToStringPtrOutput()
	case planned.Type == subnets.Private && strategy.Is(subnets.NATOnePerAz):
		args.NatGatewayId = v.natIDs[zone].ToStringOutput().ToStringPtrOutput()
	default:
		return nil
	}
	route, err := ec2.NewRoute(v.ctx, planned.Name, args, under(table)...)
	if err != nil {
		return err
	}
	v.routes = append(v.routes, route)
	return nil
}

// merged is the tags of every layer, later layers winning. Layers whose keys are known stay separate values, so that one
// unknown or secret tag does not make all of them so.
func merged(layers ...pulumi.StringMapInput) pulumi.StringMapInput {
	plain := pulumi.StringMap{}
	for _, layer := range layers {
		switch tags := layer.(type) {
		case nil:
		case pulumi.StringMap:
			for key, value := range tags {
				plain[key] = value
			}
		default:
			return mergedLater(layers)
		}
	}
	return plain
}

// mergedLater merges layers of which at least one is known only when it resolves.
func mergedLater(layers []pulumi.StringMapInput) pulumi.StringMapInput {
	var waiting []any
	for _, layer := range layers {
		if layer != nil {
			waiting = append(waiting, layer.ToStringMapOutput())
		}
	}
	return pulumi.All(waiting...).ApplyT(func(resolved []any) map[string]string {
		all := map[string]string{}
		for _, layer := range resolved {
			for key, value := range layer.(map[string]string) {
				all[key] = value
			}
		}
		return all
	}).(pulumi.StringMapOutput)
}
