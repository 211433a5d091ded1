package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var _ = register(&Kind{
	Token:    Subnet,
	Args:     ec2.SubnetArgs{},
	Resource: &ec2.Subnet{},
	API:      API{Service: "EC2", Noun: "EC2 Subnet", Create: "CreateSubnet", Update: "ModifySubnetAttribute", Delete: "DeleteSubnet"},
	Defaults: []Default{
		{Path: "assignIpv6AddressOnCreation", Value: Flag(false)},
		{Path: "enableDns64", Value: Flag(false)},
		{Path: "enableResourceNameDnsARecordOnLaunch", Value: Flag(false)},
		{Path: "enableResourceNameDnsAaaaRecordOnLaunch", Value: Flag(false)},
		{Path: "ipv6Native", Value: Flag(false)},
		{Path: "mapPublicIpOnLaunch", Value: Flag(false)},
	},
	References: []Reference{toVPC("vpcId")},
	Rules: []Rule{
		lacking("Outposts", "outpostArn", "customerOwnedIpv4Pool", "mapCustomerOwnedIpOnLaunch", "enableLniAtDeviceIndex"),
		networkAddress("cidrBlock", 32),
		networkAddress("ipv6CidrBlock", 128),
		Conflicting("availabilityZone", "availabilityZoneId"),
		OneOf("privateDnsHostnameTypeOnLaunch", "ip-name", "resource-name"),
		zoneOfRegion("availabilityZone"),
		{Name: "zone id of the Region", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			id := d.Text("availabilityZoneId")
			if id == "" || slices.Contains(RegionOf(d.Region).ZoneIDs(), id) {
				return nil
			}
			return Refuse("availabilityZoneId", "Value (%s) for parameter availabilityZoneId is invalid.", id)
		}},
		{Name: "a block is given", Stage: AtApply, Code: codeMissingParameter, When: OnCreate, Broken: func(d *Draft) *Refusal {
			if d.Has("cidrBlock") || d.Has("ipv6CidrBlock") {
				return nil
			}
			return Refuse("cidrBlock", "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
		}},
		{Name: "block in the VPC", Stage: AtApply, Code: "InvalidSubnet.Range", When: OnCreate, Broken: subnetOutside},
		{Name: "no overlap", Stage: AtApply, Code: "InvalidSubnet.Conflict", When: OnCreate, Broken: subnetOverlap},
		{Name: "IPv6 addresses need an IPv6 block", Stage: AtApply, Code: codeInvalidValue, Operation: "ModifySubnetAttribute", Broken: func(d *Draft) *Refusal {
			if !d.Bool("assignIpv6AddressOnCreation") || d.Has("ipv6CidrBlock") {
				return nil
			}
			return Refuse("assignIpv6AddressOnCreation", "Invalid value 'true' for assignIpv6AddressOnCreation. The subnet does not have a IPv6 CIDR block associated with it.")
		}},
	},
	DeleteRules: []DeleteRule{
		{Name: "in use", Code: codeDependencyViolation, Blocked: func(d *Draft) string {
			users := len(d.UsedBy(NATGateway, "subnetId", d.ID())) + len(d.UsedBy(Function, "vpcConfig.subnetIds[]", d.ID())) + len(d.UsedBy(LoadBalancer, "subnets[]", d.ID())) +
				len(d.UsedBy(LoadBalancer, "subnetMappings[].subnetId", d.ID())) + len(d.UsedBy(AutoScalingGroup, "vpcZoneIdentifiers[]", d.ID())) +
				endpointsIn(d, "subnetIds[]")
			if users == 0 {
				return ""
			}
			return dependent("subnet", d.ID())
		}},
	},
	Replaces: []string{"vpcId", "availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn"},
	ID:       ec2ID("subnet"),
	Computed: []Output{
		ec2ARN("subnet", "subnet"), ownerID(),
		{Name: "availabilityZone", Value: func(d *Draft) resource.PropertyValue { return Text(zoneChosen(d)) }},
		{Name: "availabilityZoneId", Value: func(d *Draft) resource.PropertyValue {
			return Text(RegionOf(d.Region).ZoneID(d.Output("availabilityZone").Text()))
		}},
		{Name: "ipv6CidrBlockAssociationId", Value: func(d *Draft) resource.PropertyValue {
			if !d.Has("ipv6CidrBlock") {
				return Text("")
			}
			return Text(d.EC2ID("subnet-cidr-assoc"))
		}},
		{Name: "privateDnsHostnameTypeOnLaunch", Value: func(d *Draft) resource.PropertyValue {
			if d.Bool("ipv6Native") {
				return Text("resource-name")
			}
			return Text("ip-name")
		}},
	},
})

// subnetOutside refuses a block that is not of a subnet's size (/16 to /28, the VPC's own limits) or not in the VPC.
func subnetOutside(d *Draft) *Refusal {
	network := d.Find(VPC, d.Text("vpcId"))
	if network == nil {
		return nil
	}
	inner := block(d.Text("cidrBlock"))
	if inner.IsValid() && (inner.Bits() < widestVPC || inner.Bits() > narrowestVPC || !within(block(network.Text("cidrBlock")), inner)) {
		return Refuse("cidrBlock", "The CIDR '%s' is invalid.", inner)
	}
	inner = block(d.Text("ipv6CidrBlock"))
	if outer := block(network.Text("ipv6CidrBlock")); inner.IsValid() && (!outer.IsValid() || !within(outer, inner)) {
		return Refuse("ipv6CidrBlock", "The CIDR '%s' is invalid.", inner)
	}
	return nil
}

func subnetOverlap(d *Draft) *Refusal {
	mine := block(d.Text("cidrBlock"))
	for _, other := range d.UsedBy(Subnet, "vpcId", d.Text("vpcId")) {
		if theirs := block(other.Text("cidrBlock")); mine.IsValid() && theirs.IsValid() && mine.Overlaps(theirs) {
			return Refuse("cidrBlock", "The CIDR '%s' conflicts with another subnet", mine)
		}
	}
	return nil
}

// zoneChosen is the zone with the id that was asked for, or the Region's first: AWS chooses when neither is given.
func zoneChosen(d *Draft) string {
	region := RegionOf(d.Region)
	for _, zone := range region.Zones() {
		if id := d.Text("availabilityZoneId"); id == "" || region.ZoneID(zone) == id {
			return zone
		}
	}
	return ""
}
