package kinds_test

import (
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// with is a draft with some properties set to other values; nil takes one away.
func with(draft Draft, changes In) Draft {
	return func(lab *Lab) In {
		changed := In{}
		for name, value := range draft(lab) {
			changed[name] = value
		}
		for name, value := range changes {
			changed[name] = value
			if value == nil {
				delete(changed, name)
			}
		}
		return changed
	}
}

func plain(in In) Draft { return func(*Lab) In { return in } }

// network puts a VPC with a subnet, a route table, an internet gateway and a NAT gateway into the world.
func network(lab *Lab, name, block string) {
	lab.Put(kinds.VPC, "vpc-"+name, In{"cidrBlock": block + ".0.0/16", "defaultSecurityGroupId": "sg-default-" + name,
		"enableDnsSupport": true, "enableDnsHostnames": true})
	lab.Put(kinds.Subnet, "subnet-"+name, In{"vpcId": "vpc-" + name, "cidrBlock": block + ".0.0/24", "availabilityZone": "eu-central-1a"})
	lab.Put(kinds.RouteTable, "rtb-"+name, In{"vpcId": "vpc-" + name})
	lab.Put(kinds.InternetGateway, "igw-"+name, In{"vpcId": "vpc-" + name})
	lab.Put(kinds.NATGateway, "nat-"+name, In{"subnetId": "subnet-" + name, "allocationId": "eipalloc-" + name})
	lab.Put(kinds.EIP, "eipalloc-"+name, In{"publicIp": "198.18.0.1"})
	lab.Put(kinds.SecurityGroup, "sg-"+name, In{"vpcId": "vpc-" + name, "name": name})
}

// inNetwork is a draft in a world with the networks a (10.0.0.0/16) and b (10.1.0.0/16).
func inNetwork(in In) Draft {
	return func(lab *Lab) In {
		network(lab, "a", "10.0")
		network(lab, "b", "10.1")
		return in
	}
}

var aVPC = plain(In{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})

var _ = suite(kinds.VPC, Suite{
	Valid: map[string]Draft{
		"plain": aVPC, "smallest": plain(In{"cidrBlock": "10.0.0.0/28"}),
		"with IPv6": plain(In{"cidrBlock": "10.0.0.0/16", "assignGeneratedIpv6CidrBlock": true}),
	},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: plain(In{"cidrBlock": "10.0.0.0/16", "ipv4IpamPoolId": "ipam-pool-1"}), Says: "ipv4IpamPoolId: the sandbox has no IPAM pools"},
		{Rule: "values of instanceTenancy", Draft: plain(In{"cidrBlock": "10.0.0.0/16", "instanceTenancy": "host"}), Says: "got host"},
		{Rule: "size of the block", Draft: plain(In{"cidrBlock": "10.0.0.0/15"}), Says: "between 16 and 28, got: 10.0.0.0/15 (AWS: InvalidVpc.Range)"},
		{Rule: "size of the block", Draft: plain(In{"cidrBlock": "10.0.0.0/29"}), Says: "InvalidVpc.Range"},
		{Rule: "size of the block", Draft: plain(In{"cidrBlock": "10.0.0.1/16"}), Says: "InvalidVpc.Range"},
		{Rule: "size of the block", Draft: plain(In{"cidrBlock": "ten"}), Says: "InvalidVpc.Range"},
		{Rule: "a block is given", Draft: plain(In{}), Says: "CreateVpc, api error MissingParameter"},
		{Rule: "host names need DNS support", Draft: plain(In{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true, "enableDnsSupport": false}), Says: "ModifyVpcAttribute, api error InvalidParameterCombination: You can only enable DNS hostnames"},
		{Rule: "in use", Draft: aVPC, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.Subnet, "s", In{"vpcId": made.ID}) }, Says: "DeleteVpc, api error DependencyViolation: The vpc 'vpc-0"},
		{Rule: "in use", Draft: aVPC, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.SecurityGroup, "g", In{"vpcId": made.ID}) }, Says: "DependencyViolation"},
		{Rule: "in use", Draft: aVPC, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.InternetGateway, "i", In{"vpcId": made.ID}) }, Says: "DependencyViolation"},
		{Rule: "in use", Draft: aVPC, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.RouteTable, "r", In{"vpcId": made.ID}) }, Says: "DependencyViolation"},
		{Rule: "in use", Draft: aVPC, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.VPCEndpoint, "e", In{"vpcId": made.ID}) }, Says: "DependencyViolation"},
	},
	Replaces: []Change{
		{Path: "cidrBlock", Before: aVPC, After: with(aVPC, In{"cidrBlock": "10.1.0.0/16"})},
		{Path: "instanceTenancy", Before: aVPC, After: with(aVPC, In{"instanceTenancy": "dedicated"})},
	},
	Updates: []Change{
		{Path: "enableDnsHostnames", Before: aVPC, After: with(aVPC, In{"enableDnsHostnames": false})},
		{Path: "instanceTenancy", Before: with(aVPC, In{"instanceTenancy": "dedicated"}), After: aVPC},
	},
})

func emptyVPC(lab *Lab) In {
	lab.Put(kinds.VPC, "vpc-1", In{"cidrBlock": "10.0.0.0/16"})
	lab.Put(kinds.VPC, "vpc-2", In{"cidrBlock": "10.1.0.0/16"})
	return In{"vpcId": "vpc-1"}
}

var _ = suite(kinds.InternetGateway, Suite{
	Valid: map[string]Draft{"attached": emptyVPC, "detached": plain(In{})},
	Refusals: []Refusal{
		{Rule: "reference vpcId", Draft: plain(In{"vpcId": "vpc-gone"}), Says: "AttachInternetGateway, api error InvalidVpcID.NotFound: The vpc ID 'vpc-gone' does not exist"},
		{Rule: "one gateway a VPC", Draft: inNetwork(In{"vpcId": "vpc-a"}), Says: "InvalidParameterValue: Network vpc-a already has an internet gateway attached"},
		{Rule: "reference vpcId", Draft: func(lab *Lab) In {
			emptyVPC(lab.In("us-east-1"))
			return In{"vpcId": "vpc-1"}
		}, Says: "InvalidVpcID.NotFound"},
	},
	Updates: []Change{{Path: "vpcId", Before: emptyVPC, After: with(emptyVPC, In{"vpcId": "vpc-2"})}},
})

var aSubnet = with(emptyVPC, In{"cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1b"})

var _ = suite(kinds.Subnet, Suite{
	Valid: map[string]Draft{
		"in a zone":         aSubnet,
		"in a zone by id":   with(emptyVPC, In{"cidrBlock": "10.0.1.0/24", "availabilityZoneId": "euc1-az3"}),
		"where AWS chooses": with(emptyVPC, In{"cidrBlock": "10.0.1.0/24"}),
		"with IPv6": func(lab *Lab) In {
			lab.Put(kinds.VPC, "vpc-6", In{"cidrBlock": "10.0.0.0/16", "ipv6CidrBlock": "2001:db8:1:100::/56"})
			return In{"vpcId": "vpc-6", "cidrBlock": "10.0.1.0/24", "ipv6CidrBlock": "2001:db8:1:101::/64", "assignIpv6AddressOnCreation": true}
		},
		"beside another": func(lab *Lab) In {
			network(lab, "a", "10.0")
			return In{"vpcId": "vpc-a", "cidrBlock": "10.0.1.0/24"}
		},
	},
	Refusals: []Refusal{
		{Rule: "reference vpcId", Draft: plain(In{"vpcId": "vpc-gone", "cidrBlock": "10.0.1.0/24"}), Says: "CreateSubnet, api error InvalidVpcID.NotFound"},
		{Rule: "only what the sandbox has", Draft: with(aSubnet, In{"outpostArn": "arn:aws:outposts:eu-central-1:123456789012:outpost/op-1"}), Says: "no Outposts"},
		{Rule: "network address of cidrBlock", Draft: with(aSubnet, In{"cidrBlock": "10.0.1.1/24"}), Says: `"10.0.1.1/24" is not a valid CIDR block; did you mean "10.0.1.0/24"?`},
		{Rule: "network address of ipv6CidrBlock", Draft: func(lab *Lab) In {
			lab.Put(kinds.VPC, "vpc-6", In{"cidrBlock": "10.0.0.0/16", "ipv6CidrBlock": "2001:db8:1:100::/56"})
			return In{"vpcId": "vpc-6", "ipv6CidrBlock": "2001:db8:1:101::1/64"}
		}, Says: `did you mean "2001:db8:1:101::/64"?`},
		{Rule: "availabilityZone conflicts with availabilityZoneId", Draft: with(aSubnet, In{"availabilityZoneId": "euc1-az3"}), Says: "conflicts with availabilityZoneId"},
		{Rule: "values of privateDnsHostnameTypeOnLaunch", Draft: with(aSubnet, In{"privateDnsHostnameTypeOnLaunch": "ip"}), Says: "got ip"},
		{Rule: "zone of the Region in availabilityZone", Draft: with(aSubnet, In{"availabilityZone": "us-east-1a"}), Says: "InvalidParameterValue: Value (us-east-1a) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: eu-central-1a, eu-central-1b, eu-central-1c."},
		{Rule: "zone id of the Region", Draft: with(aSubnet, In{"availabilityZone": nil, "availabilityZoneId": "use1-az1"}), Says: "Value (use1-az1) for parameter availabilityZoneId is invalid"},
		{Rule: "a block is given", Draft: emptyVPC, Says: "MissingParameter: Either 'cidrBlock' or 'ipv6CidrBlock' should be provided."},
		{Rule: "block in the VPC", Draft: with(aSubnet, In{"cidrBlock": "10.1.0.0/24"}), Says: "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid."},
		{Rule: "block in the VPC", Draft: with(aSubnet, In{"cidrBlock": "10.0.0.0/29"}), Says: "InvalidSubnet.Range"},
		{Rule: "block in the VPC", Draft: with(aSubnet, In{"ipv6CidrBlock": "2001:db8::/64"}), Says: "The CIDR '2001:db8::/64' is invalid."},
		{Rule: "no overlap", Draft: inNetwork(In{"vpcId": "vpc-a", "cidrBlock": "10.0.0.0/20"}), Says: "InvalidSubnet.Conflict: The CIDR '10.0.0.0/20' conflicts with another subnet"},
		{Rule: "IPv6 addresses need an IPv6 block", Draft: with(aSubnet, In{"assignIpv6AddressOnCreation": true}), Says: "does not have a IPv6 CIDR block"},
		{Rule: "in use", Draft: aSubnet, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.NATGateway, "n", In{"subnetId": made.ID}) }, Says: "DeleteSubnet, api error DependencyViolation: The subnet 'subnet-0"},
		{Rule: "in use", Draft: aSubnet, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.LoadBalancer, "l", In{"subnets": []any{made.ID}}) }, Says: "DependencyViolation"},
		{Rule: "in use", Draft: aSubnet, Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.AutoScalingGroup, "g", In{"vpcZoneIdentifiers": []any{made.ID}})
		}, Says: "DependencyViolation"},
		{Rule: "in use", Draft: aSubnet, Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.VPCEndpoint, "e", In{"subnetIds": []any{made.ID}}) }, Says: "DependencyViolation"},
	},
	Replaces: []Change{
		{Path: "cidrBlock", Before: aSubnet, After: with(aSubnet, In{"cidrBlock": "10.0.2.0/24"})},
		{Path: "availabilityZone", Before: aSubnet, After: with(aSubnet, In{"availabilityZone": "eu-central-1c"})},
		{Path: "vpcId", Before: aSubnet, After: with(aSubnet, In{"vpcId": "vpc-2"})},
	},
	Updates: []Change{{Path: "mapPublicIpOnLaunch", Before: aSubnet, After: with(aSubnet, In{"mapPublicIpOnLaunch": true})}},
})

func inlineRoutes(routes ...any) Draft { return inNetwork(In{"vpcId": "vpc-a", "routes": routes}) }

var _ = suite(kinds.RouteTable, Suite{
	Valid: map[string]Draft{
		"without routes": emptyVPC,
		"with routes":    inlineRoutes(In{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-a"}, In{"ipv6CidrBlock": "::/0", "gatewayId": "igw-a"}),
	},
	Refusals: []Refusal{
		{Rule: "reference vpcId", Draft: plain(In{"vpcId": "vpc-gone"}), Says: "InvalidVpcID.NotFound"},
		{Rule: "reference routes[].gatewayId", Draft: inlineRoutes(In{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-gone"}), Says: "InvalidInternetGatewayID.NotFound"},
		{Rule: "reference routes[].natGatewayId", Draft: inlineRoutes(In{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-gone"}), Says: "InvalidNatGatewayID.NotFound"},
		{Rule: "only what the sandbox has", Draft: inNetwork(In{"vpcId": "vpc-a", "propagatingVgws": []any{"vgw-1"}}), Says: "propagatingVgws[0]: the sandbox has no virtual private gateways"},
		{Rule: "network address of routes[].cidrBlock", Draft: inlineRoutes(In{"cidrBlock": "192.168.0.1/16", "gatewayId": "igw-a"}), Says: `did you mean "192.168.0.0/16"?`},
		{Rule: "network address of routes[].ipv6CidrBlock", Draft: inlineRoutes(In{"ipv6CidrBlock": "2001:db8::1/64", "gatewayId": "igw-a"}), Says: `did you mean "2001:db8::/64"?`},
		{Rule: "a destination and a target in routes", Draft: inlineRoutes(In{"gatewayId": "igw-a"}), Says: "one of cidrBlock, ipv6CidrBlock must be specified"},
		{Rule: "a destination and a target in routes", Draft: inlineRoutes(In{"cidrBlock": "0.0.0.0/0"}), Says: "one of gatewayId, natGatewayId must be specified"},
		{Rule: "a destination once in routes", Draft: inlineRoutes(In{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-a"}, In{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-a"}), Says: "RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists."},
	},
	Replaces: []Change{{Path: "vpcId", Before: emptyVPC, After: with(emptyVPC, In{"vpcId": "vpc-2"})}},
	Updates: []Change{{Path: "routes", Before: inNetwork(In{"vpcId": "vpc-a"}),
		After: inNetwork(In{"vpcId": "vpc-a", "routes": []any{In{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-a"}}})}},
})

var anAssociation = inNetwork(In{"routeTableId": "rtb-a", "subnetId": "subnet-a"})

var _ = suite(kinds.RouteTableAssociation, Suite{
	Valid: map[string]Draft{"of a subnet": anAssociation, "of a gateway": inNetwork(In{"routeTableId": "rtb-a", "gatewayId": "igw-a"})},
	Refusals: []Refusal{
		{Rule: "reference routeTableId", Draft: inNetwork(In{"routeTableId": "rtb-gone", "subnetId": "subnet-a"}), Says: "InvalidRouteTableID.NotFound: The routeTable ID 'rtb-gone' does not exist"},
		{Rule: "reference subnetId", Draft: inNetwork(In{"routeTableId": "rtb-a", "subnetId": "subnet-gone"}), Says: "InvalidSubnetID.NotFound: The subnet ID 'subnet-gone' does not exist"},
		{Rule: "reference gatewayId", Draft: inNetwork(In{"routeTableId": "rtb-a", "gatewayId": "igw-gone"}), Says: "InvalidInternetGatewayID.NotFound"},
		{Rule: "exactly one of subnetId, gatewayId", Draft: with(anAssociation, In{"gatewayId": "igw-a"}), Says: "subnetId, gatewayId are set"},
		{Rule: "exactly one of subnetId, gatewayId", Draft: with(anAssociation, In{"subnetId": nil}), Says: "none is set"},
		{Rule: "same VPC", Draft: inNetwork(In{"routeTableId": "rtb-a", "subnetId": "subnet-b"}), Says: "InvalidParameterValue: Route table rtb-a and network vpc-b belong to different networks"},
		{Rule: "one table a subnet", Draft: func(lab *Lab) In {
			lab.Put(kinds.RouteTableAssociation, "rtbassoc-1", In{"routeTableId": "rtb-a", "subnetId": "subnet-a"})
			return anAssociation(lab)
		}, Says: "Resource.AlreadyAssociated: the specified association for route table rtb-a conflicts with an existing association"},
	},
	Replaces: []Change{{Path: "subnetId", Before: anAssociation, After: with(anAssociation, In{"subnetId": "subnet-b"})}},
	Updates:  []Change{{Path: "routeTableId", Before: anAssociation, After: with(anAssociation, In{"routeTableId": "rtb-b"})}},
})

var (
	publicRoute  = inNetwork(In{"routeTableId": "rtb-a", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-a"})
	privateRoute = inNetwork(In{"routeTableId": "rtb-a", "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat-a"})
)

var _ = suite(kinds.Route, Suite{
	Valid: map[string]Draft{"public": publicRoute, "private": privateRoute,
		"IPv6": inNetwork(In{"routeTableId": "rtb-a", "destinationIpv6CidrBlock": "::/0", "gatewayId": "igw-a"})},
	Refusals: []Refusal{
		{Rule: "reference routeTableId", Draft: with(publicRoute, In{"routeTableId": "rtb-gone"}), Says: "CreateRoute, api error InvalidRouteTableID.NotFound"},
		{Rule: "reference gatewayId", Draft: with(publicRoute, In{"gatewayId": "igw-gone"}), Says: "InvalidInternetGatewayID.NotFound"},
		{Rule: "reference natGatewayId", Draft: with(privateRoute, In{"natGatewayId": "nat-gone"}), Says: "InvalidNatGatewayID.NotFound"},
		{Rule: "only what the sandbox has", Draft: with(publicRoute, In{"gatewayId": nil, "transitGatewayId": "tgw-1"}), Says: "transitGatewayId: the sandbox has no"},
		{Rule: "network address of destinationCidrBlock", Draft: with(publicRoute, In{"destinationCidrBlock": "192.168.0.1/16"}), Says: `did you mean "192.168.0.0/16"?`},
		{Rule: "network address of destinationIpv6CidrBlock", Draft: with(publicRoute, In{"destinationCidrBlock": nil, "destinationIpv6CidrBlock": "2001:db8::1/64"}), Says: "not a valid CIDR block"},
		{Rule: "exactly one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId", Draft: with(publicRoute, In{"destinationIpv6CidrBlock": "::/0"}), Says: "are set"},
		{Rule: "exactly one of gatewayId, natGatewayId, carrierGatewayId, coreNetworkArn, egressOnlyGatewayId, localGatewayId, networkInterfaceId, transitGatewayId, vpcEndpointId, vpcPeeringConnectionId",
			Draft: with(publicRoute, In{"natGatewayId": "nat-a"}), Says: "gatewayId, natGatewayId are set"},
		{Rule: "a destination once a table", Draft: func(lab *Lab) In {
			lab.Put(kinds.Route, "r-1", In{"routeTableId": "rtb-a", "destinationCidrBlock": "0.0.0.0/0"})
			return publicRoute(lab)
		}, Says: "RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists."},
		{Rule: "a destination once a table", Draft: func(lab *Lab) In {
			lab.Put(kinds.RouteTable, "rtb-inline", In{"vpcId": "vpc-a", "routes": []any{In{"cidrBlock": "0.0.0.0/0"}}})
			return with(publicRoute, In{"routeTableId": "rtb-inline"})(lab)
		}, Says: "RouteAlreadyExists"},
		{Rule: "nothing more specific than the VPC", Draft: with(privateRoute, In{"destinationCidrBlock": "10.0.4.0/24"}), Says: "InvalidParameterValue: The destination CIDR block 10.0.4.0/24 is equal to or more specific than one of this VPC's CIDR blocks"},
		{Rule: "attached gateway", Draft: func(lab *Lab) In {
			lab.Put(kinds.InternetGateway, "igw-alone", In{"vpcId": ""})
			return with(publicRoute, In{"gatewayId": "igw-alone"})(lab)
		}, Says: "Gateway.NotAttached: resource igw-alone is not attached to any network"},
		{Rule: "target in the same VPC", Draft: with(publicRoute, In{"gatewayId": "igw-b"}), Says: "route table rtb-a and network gateway igw-b belong to different networks"},
		{Rule: "target in the same VPC", Draft: with(privateRoute, In{"natGatewayId": "nat-b"}), Says: "route table rtb-a and network gateway nat-b belong to different networks"},
	},
	Replaces: []Change{
		{Path: "destinationCidrBlock", Before: publicRoute, After: with(publicRoute, In{"destinationCidrBlock": "192.168.0.0/16"})},
		{Path: "routeTableId", Before: publicRoute, After: with(publicRoute, In{"routeTableId": "rtb-b"})},
	},
	Updates: []Change{{Path: "natGatewayId", Before: publicRoute, After: privateRoute}},
})

var _ = suite(kinds.EIP, Suite{
	Valid: map[string]Draft{"plain": plain(In{}), "explicit": plain(In{"domain": "vpc", "networkBorderGroup": "eu-central-1"})},
	Refusals: []Refusal{
		{Rule: "only what the sandbox has", Draft: plain(In{"instance": "i-1"}), Says: "instance: the sandbox has no addresses of your own"},
		{Rule: "values of domain", Draft: plain(In{"domain": "standard"}), Says: "got standard"},
		{Rule: "domain conflicts with vpc", Draft: plain(In{"domain": "vpc", "vpc": true}), Says: "conflicts with vpc"},
		{Rule: "border group of the Region", Draft: plain(In{"networkBorderGroup": "us-east-1"}), Says: "AllocateAddress, api error InvalidParameterValue: Value (us-east-1) for parameter networkBorderGroup is invalid."},
		{Rule: "in use", Draft: plain(In{}), Then: func(lab *Lab, made *kinds.Thing) { lab.Put(kinds.NATGateway, "n", In{"allocationId": made.ID}) }, Says: "ReleaseAddress, api error InvalidIPAddress.InUse"},
		{Rule: "in use", Draft: plain(In{}), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.NATGateway, "n", In{"secondaryAllocationIds": []any{made.ID}})
		}, Says: "InvalidIPAddress.InUse"},
	},
	Replaces: []Change{{Path: "networkBorderGroup", Before: plain(In{}), After: plain(In{"networkBorderGroup": "eu-central-1"})}},
	Updates:  []Change{{Path: "tags.owner", Before: plain(In{}), After: plain(In{"tags": In{"owner": "ops"}})}},
})

func freeAddress(lab *Lab) In {
	lab.Put(kinds.EIP, "eipalloc-free", In{"publicIp": "198.18.0.9"})
	lab.Put(kinds.EIP, "eipalloc-other", In{"publicIp": "198.18.0.10"})
	return inNetwork(In{"subnetId": "subnet-a", "allocationId": "eipalloc-free"})(lab)
}

var privateNAT = inNetwork(In{"subnetId": "subnet-a", "connectivityType": "private"})

var _ = suite(kinds.NATGateway, Suite{
	Valid: map[string]Draft{
		"public": freeAddress, "private": with(privateNAT, In{"privateIp": "10.0.0.9", "secondaryPrivateIpAddressCount": 2}),
		"with a second address": with(freeAddress, In{"secondaryAllocationIds": []any{"eipalloc-other"}}),
	},
	Refusals: []Refusal{
		{Rule: "reference subnetId", Draft: with(freeAddress, In{"subnetId": "subnet-gone"}), Says: "CreateNatGateway, api error InvalidSubnetID.NotFound"},
		{Rule: "reference allocationId", Draft: with(freeAddress, In{"allocationId": "eipalloc-gone"}), Says: "InvalidAllocationID.NotFound: The allocation ID 'eipalloc-gone' does not exist"},
		{Rule: "reference secondaryAllocationIds[]", Draft: with(freeAddress, In{"secondaryAllocationIds": []any{"eipalloc-gone"}}), Says: "InvalidAllocationID.NotFound"},
		{Rule: "values of connectivityType", Draft: with(freeAddress, In{"connectivityType": "both"}), Says: "got both"},
		{Rule: "secondaryPrivateIpAddressCount conflicts with secondaryPrivateIpAddresses", Draft: with(privateNAT, In{"secondaryPrivateIpAddressCount": 1, "secondaryPrivateIpAddresses": []any{"10.0.0.9"}}), Says: "conflicts with"},
		{Rule: "no addresses of the internet for private ones", Draft: with(freeAddress, In{"connectivityType": "private"}), Says: `allocationId is not supported with connectivityType = "private"`},
		{Rule: "no count of addresses for public ones", Draft: with(freeAddress, In{"secondaryPrivateIpAddressCount": 1}), Says: `not supported with connectivityType = "public"`},
		{Rule: "an address for public ones", Draft: inNetwork(In{"subnetId": "subnet-a"}), Says: "MissingParameter: The request must include the AllocationId parameter"},
		{Rule: "an address of its own", Draft: with(freeAddress, In{"allocationId": "eipalloc-b"}), Says: "Resource.AlreadyAssociated: Elastic IP address [eipalloc-b] is already associated"},
		{Rule: "private address in the subnet", Draft: with(privateNAT, In{"privateIp": "10.1.0.9"}), Says: "Address 10.1.0.9 does not fall within the subnet's address range"},
	},
	Replaces: []Change{
		{Path: "allocationId", Before: freeAddress, After: with(freeAddress, In{"allocationId": "eipalloc-other"})},
		{Path: "subnetId", Before: freeAddress, After: with(freeAddress, In{"subnetId": "subnet-b"})},
	},
	Updates: []Change{{Path: "secondaryAllocationIds", Before: freeAddress, After: with(freeAddress, In{"secondaryAllocationIds": []any{"eipalloc-other"}})}},
})
