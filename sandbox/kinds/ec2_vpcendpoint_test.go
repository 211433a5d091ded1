package kinds_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	gatewayOfS3 = "com.amazonaws.eu-central-1.s3"
	imagesAPI   = "com.amazonaws.eu-central-1.ecr.api"
)

// listOf is the id of AWS's list of a service's addresses in a Region.
func listOf(region, short string) string {
	for _, service := range kinds.EndpointServices(region) {
		if service.Short == short && service.PrefixList != "" {
			return service.PrefixList
		}
	}
	return ""
}

// aGateway is an endpoint of S3 in a network with subnets in three zones and a second table.
var aGateway Draft = func(lab *Lab) In {
	in := inNetwork(In{"vpcId": "vpc-a", "serviceName": gatewayOfS3, "routeTableIds": []any{"rtb-a"}})(lab)
	lab.Put(kinds.RouteTable, "rtb-a2", In{"vpcId": "vpc-a"})
	for _, zone := range []string{"b", "c"} {
		lab.Put(kinds.Subnet, "subnet-a"+zone, In{"vpcId": "vpc-a", "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1" + zone})
	}
	lab.Put(kinds.Subnet, "subnet-beside", In{"vpcId": "vpc-a", "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1a"})
	return in
}

var anInterface = with(aGateway, In{"serviceName": imagesAPI, "vpcEndpointType": "Interface", "routeTableIds": nil,
	"subnetIds": []any{"subnet-a", "subnet-ab"}, "securityGroupIds": []any{"sg-a"}, "privateDnsEnabled": true})

// beside puts another endpoint into the world.
func beside(draft Draft, other In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.VPCEndpoint, "vpce-other", other)
		return draft(lab)
	}
}

// crowded puts many endpoints of a type into the world.
func crowded(draft Draft, kind, network string, number int) Draft {
	return func(lab *Lab) In {
		for index := range number {
			lab.Put(kinds.VPCEndpoint, fmt.Sprintf("vpce-%d", index), In{"vpcEndpointType": kind, "vpcId": network})
		}
		return draft(lab)
	}
}

func mailIn(zone string) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.VPC, "vpc-1", In{"cidrBlock": "10.0.0.0/16"})
		lab.Put(kinds.Subnet, "subnet-1", In{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24", "availabilityZone": zone})
		return In{"vpcId": "vpc-1", "vpcEndpointType": "Interface", "subnetIds": []any{"subnet-1"}, "serviceName": "com.amazonaws.us-east-1.email-smtp"}
	}
}

// inVirginia is a draft in us-east-1.
func inVirginia(draft Draft) Draft {
	return func(lab *Lab) In {
		lab.place.Region = "us-east-1"
		return draft(lab)
	}
}

func endpointPolicy(statement string) string {
	return `{"Version":"2012-10-17","Statement":[` + statement + `]}`
}

const openStatement = `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`

var _ = suite(kinds.VPCEndpoint, Suite{
	Valid: map[string]Draft{
		"gateway": aGateway, "interface": anInterface, "gateway without tables": with(aGateway, In{"routeTableIds": nil}),
		"interface without groups": with(anInterface, In{"securityGroupIds": nil, "privateDnsEnabled": nil}),
		"interface without DNS":    with(anInterface, In{"privateDnsEnabled": false}),
		"with a policy":            with(aGateway, In{"policy": endpointPolicy(openStatement)}),
		"with the longest policy":  with(aGateway, In{"policy": padded(20480)}),
		"interface of S3": beside(with(anInterface, In{"serviceName": gatewayOfS3}),
			In{"vpcId": "vpc-a", "vpcEndpointType": "Gateway", "serviceName": gatewayOfS3}),
		"interface of S3 for the VPC": with(anInterface, In{"serviceName": gatewayOfS3,
			"dnsOptions": In{"privateDnsOnlyForInboundResolverEndpoint": false}}),
		"private name of another VPC": beside(anInterface, In{"vpcId": "vpc-b", "serviceName": imagesAPI, "privateDnsEnabled": true}),
		"private name of another service": beside(anInterface, In{"vpcId": "vpc-a", "serviceName": "com.amazonaws.eu-central-1.ecr.dkr",
			"privateDnsEnabled": true}),
		"a table's other gateway": beside(aGateway, In{"routeTableIds": []any{"rtb-a"}, "serviceName": "com.amazonaws.eu-central-1.dynamodb"}),
		"the twentieth gateway":   crowded(aGateway, "Gateway", "vpc-b", 19),
		"the fiftieth interface":  crowded(crowded(anInterface, "Interface", "vpc-a", 49), "Interface", "vpc-b", 50),
		"mail in a zone with it":  inVirginia(mailIn("us-east-1a")),
	},
	Refusals: []Refusal{
		{Rule: "reference vpcId", Draft: with(aGateway, In{"vpcId": "vpc-gone", "routeTableIds": nil}), Says: "CreateVpcEndpoint, api error InvalidVpcID.NotFound"},
		{Rule: "reference subnetIds[]", Draft: with(anInterface, In{"subnetIds": []any{"subnet-gone"}}), Says: "InvalidSubnetID.NotFound"},
		{Rule: "reference securityGroupIds[]", Draft: with(anInterface, In{"securityGroupIds": []any{"sg-gone"}}), Says: "InvalidGroup.NotFound"},
		{Rule: "reference routeTableIds[]", Draft: with(aGateway, In{"routeTableIds": []any{"rtb-gone"}}), Says: "InvalidRouteTableID.NotFound"},
		{Rule: "only what the sandbox has", Draft: with(aGateway, In{"serviceRegion": "eu-west-1"}), Says: "the sandbox has no resource and service-network endpoints"},
		{Rule: "values of vpcEndpointType", Draft: with(aGateway, In{"vpcEndpointType": "gateway", "serviceName": kinds.Unknown, "routeTableIds": nil}), Says: "got gateway"},
		{Rule: "values of ipAddressType", Draft: with(anInterface, In{"ipAddressType": "IPv4"}), Says: "got IPv4"},
		{Rule: "values of dnsOptions.dnsRecordIpType", Draft: with(anInterface, In{"dnsOptions": In{"dnsRecordIpType": "A"}}), Says: "got A"},
		{Rule: "JSON of policy", Draft: with(aGateway, In{"policy": endpointPolicy(openStatement) + "}"}), Says: "contains an invalid JSON policy"},
		{Rule: "a service", Draft: with(aGateway, In{"serviceName": nil}), Says: "MissingParameter: The request must contain the parameter serviceName"},
		{Rule: "service of the Region", Draft: with(anInterface, In{"serviceName": "com.amazonaws.eu-central-1.ecr"}), Says: "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.eu-central-1.ecr' does not exist"},
		{Rule: "service of the Region", Draft: with(anInterface, In{"serviceName": "com.amazonaws.us-east-1.ecr.api"}), Says: "InvalidServiceName"},
		{Rule: "type for subnetIds", Draft: with(aGateway, In{"subnetIds": []any{"subnet-a"}}), Says: "InvalidParameter: Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoint."},
		{Rule: "type for securityGroupIds", Draft: with(aGateway, In{"securityGroupIds": []any{"sg-a"}}), Says: "Security Group IDs are only supported for Interface type"},
		{Rule: "type for routeTableIds", Draft: with(anInterface, In{"routeTableIds": []any{"rtb-a"}}), Says: "Route table IDs are only supported for Gateway type VPC Endpoint."},
		{Rule: "type for privateDnsEnabled", Draft: with(aGateway, In{"privateDnsEnabled": true}), Says: "Private DNS names are only supported for Interface type"},
		{Rule: "type of the service", Draft: with(aGateway, In{"serviceName": imagesAPI}), Says: "Endpoint type (Gateway) does not match available service types ([Interface])."},
		{Rule: "type of the service", Draft: with(anInterface, In{"vpcEndpointType": "GatewayLoadBalancer", "subnetIds": nil, "securityGroupIds": nil, "privateDnsEnabled": nil}), Says: "Endpoint type (GatewayLoadBalancer)"},
		{Rule: "number of endpoints", Draft: crowded(aGateway, "Gateway", "vpc-b", 20), Says: "VpcEndpointLimitExceeded: The maximum number of gateway VPC endpoints has been reached: 20"},
		{Rule: "number of endpoints", Draft: crowded(anInterface, "Interface", "vpc-a", 50), Says: "has been reached: 50 in VPC vpc-a"},
		{Rule: "VPC of subnetIds", Draft: with(anInterface, In{"subnetIds": []any{"subnet-ab", "subnet-b"}}), Says: "Subnet subnet-b does not belong to VPC vpc-a"},
		{Rule: "VPC of securityGroupIds", Draft: with(anInterface, In{"securityGroupIds": []any{"sg-b"}}), Says: "Security group sg-b does not belong to VPC vpc-a"},
		{Rule: "VPC of routeTableIds", Draft: with(aGateway, In{"routeTableIds": []any{"rtb-b"}}), Says: "Route table rtb-b does not belong to VPC vpc-a"},
		{Rule: "zones of the service", Draft: inVirginia(mailIn("us-east-1b")), Says: "InvalidParameter: The VPC endpoint service com.amazonaws.us-east-1.email-smtp does not support the availability zone of the subnet: subnet-1."},
		{Rule: "one subnet a zone", Draft: with(anInterface, In{"subnetIds": []any{"subnet-a", "subnet-beside"}}), Says: "DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of subnet-beside."},
		{Rule: "one subnet a zone", Before: anInterface, Draft: with(anInterface, In{"subnetIds": []any{"subnet-a", "subnet-beside"}}), Says: "ModifyVpcEndpoint, api error DuplicateSubnetsInSameZone"},
		{Rule: "IPv6 of the subnets", Draft: with(anInterface, In{"ipAddressType": "dualstack"}), Says: "The subnet subnet-a has no IPv6 CIDR block"},
		{Rule: "a route table once a service", Draft: beside(aGateway, In{"routeTableIds": []any{"rtb-a"}, "serviceName": gatewayOfS3}),
			Says: "RouteAlreadyExists: route table rtb-a already has a route with destination-prefix-list-id " + listOf("eu-central-1", "s3")},
		{Rule: "a route table once a service", Before: aGateway, Draft: beside(with(aGateway, In{"routeTableIds": []any{"rtb-a", "rtb-a2"}}),
			In{"routeTableIds": []any{"rtb-a2"}, "serviceName": gatewayOfS3}), Says: "route table rtb-a2 already has"},
		{Rule: "DNS of the VPC", Draft: func(lab *Lab) In {
			lab.Put(kinds.VPC, "vpc-quiet", In{"enableDnsSupport": true, "enableDnsHostnames": false})
			return with(anInterface, In{"vpcId": "vpc-quiet", "subnetIds": nil, "securityGroupIds": nil})(lab)
		}, Says: "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-quiet"},
		{Rule: "a private name", Draft: with(anInterface, In{"serviceName": "com.amazonaws.eu-central-1.dynamodb"}), Says: "the service com.amazonaws.eu-central-1.dynamodb does not provide a private DNS name."},
		{Rule: "a private name once a VPC", Draft: beside(anInterface, In{"vpcId": "vpc-a", "serviceName": imagesAPI, "privateDnsEnabled": true}),
			Says: "InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for api.ecr.eu-central-1.amazonaws.com in the VPC vpc-a"},
		{Rule: "a gateway beside S3's interface", Draft: with(anInterface, In{"serviceName": gatewayOfS3}), Says: "the VPC vpc-a must have a Gateway endpoint for the service."},
		{Rule: "policy", Draft: with(aGateway, In{"policy": endpointPolicy(strings.Replace(openStatement, `"Principal":"*",`, "", 1))}), Says: "InvalidPolicyDocument: Missing required field Principal"},
		{Rule: "policy", Draft: with(aGateway, In{"policy": endpointPolicy(strings.Replace(openStatement, `,"Resource":"*"`, "", 1))}), Says: "Missing required field Resource"},
		{Rule: "policy", Draft: with(aGateway, In{"policy": endpointPolicy(strings.Replace(openStatement, "s3:GetObject", "GetObject", 1))}), Says: "must be prefaced by a vendor"},
		{Rule: "policy", Draft: with(aGateway, In{"policy": `{"Version":"2012-10-17"}`}), Says: "Missing required field Statement"},
		{Rule: "size of the policy", Draft: with(aGateway, In{"policy": padded(20481)}), Says: "longer than the quota of 20480 characters"},
	},
	Replaces: []Change{
		{Path: "serviceName", Before: anInterface, After: with(anInterface, In{"serviceName": "com.amazonaws.eu-central-1.ecr.dkr"})},
		{Path: "vpcEndpointType", Before: aGateway, After: with(aGateway, In{"vpcEndpointType": "Interface", "routeTableIds": nil})},
		{Path: "vpcId", Before: aGateway, After: with(aGateway, In{"vpcId": "vpc-b"})},
		{Path: "privateDnsEnabled", Before: aGateway, After: with(aGateway, In{"privateDnsEnabled": true})},
	},
	Updates: []Change{
		{Path: "privateDnsEnabled", Before: anInterface, After: with(anInterface, In{"privateDnsEnabled": false})},
		{Path: "subnetIds[2]", Before: anInterface, After: with(anInterface, In{"subnetIds": []any{"subnet-a", "subnet-ab", "subnet-ac"}})},
		{Path: "routeTableIds[1]", Before: aGateway, After: with(aGateway, In{"routeTableIds": []any{"rtb-a", "rtb-a2"}})},
		{Path: "policy", Before: aGateway, After: with(aGateway, In{"policy": endpointPolicy(openStatement)})},
	},
})

// padded is a policy of a size.
func padded(size int) string {
	policy := endpointPolicy(openStatement)
	return policy + strings.Repeat(" ", size-len(policy))
}

func TestAGatewayEndpointAnswersTheAddressesOfItsService(t *testing.T) {
	gateway := made(t, kinds.VPCEndpoint, aGateway)
	require.Regexp(t, `^vpce-0[0-9a-f]{16}$`, gateway.ID)
	require.Equal(t, "arn:aws:ec2:eu-central-1:123456789012:vpc-endpoint/"+gateway.ID, gateway.Text("arn"))
	require.Equal(t, listOf("eu-central-1", "s3"), gateway.Text("prefixListId"))
	require.Regexp(t, `^pl-[0-9a-f]{8}$`, gateway.Text("prefixListId"))
	require.NotEqual(t, listOf("eu-central-1", "s3"), listOf("eu-central-1", "dynamodb"))
	require.Equal(t, []string{"192.0.2.0/24"}, gateway.At("cidrBlocks").Texts())
	require.Empty(t, gateway.At("dnsEntries").List())
	require.Empty(t, gateway.At("networkInterfaceIds").List())
	require.Equal(t, "available", gateway.Text("state"))
	require.Contains(t, gateway.Text("policy"), `"Action":"*"`)
}

func TestAnInterfaceEndpointAnswersItsNamesAndAddresses(t *testing.T) {
	endpoint := made(t, kinds.VPCEndpoint, anInterface)
	require.Len(t, endpoint.At("networkInterfaceIds").Texts(), 2)
	var names []string
	for _, entry := range endpoint.At("dnsEntries").List() {
		require.Regexp(t, `^Z[0-9A-F]+$`, entry.At("hostedZoneId").Text())
		names = append(names, entry.At("dnsName").Text())
	}
	require.Len(t, names, 4)
	require.Regexp(t, `^`+endpoint.ID+`-[0-9a-f]{8}\.api\.ecr\.eu-central-1\.vpce\.amazonaws\.com$`, names[0])
	require.Regexp(t, `-eu-central-1a\.api\.ecr\.`, names[1])
	require.Regexp(t, `-eu-central-1b\.api\.ecr\.`, names[2])
	require.Equal(t, "api.ecr.eu-central-1.amazonaws.com", names[3])
	address := netip.MustParseAddr(endpoint.Text("subnetConfigurations[0].ipv4"))
	require.True(t, netip.MustParsePrefix("10.0.0.0/24").Contains(address), address)
	require.Empty(t, endpoint.Text("prefixListId"))
	withoutGroups := made(t, kinds.VPCEndpoint, with(anInterface, In{"securityGroupIds": nil}))
	require.Equal(t, []string{"sg-default-a"}, withoutGroups.At("securityGroupIds").Texts())
}

func TestAnEndpointThatMovesKeepsTheInterfacesOfTheSubnetsItStaysIn(t *testing.T) {
	kind, _ := kinds.Of(kinds.VPCEndpoint)
	lab := newLab(t)
	old, err := lab.create(kind, "web", anInterface(lab))
	require.NoError(t, err)
	moved := In{"subnetIds": []any{"subnet-ab", "subnet-ac"}}.properties()["subnetIds"]
	inputs := old.Inputs.Copy()
	inputs["subnetIds"] = moved
	foretold := kind.Preview(lab.subject(kind, "web"), lab.world, inputs, old)
	require.True(t, foretold["networkInterfaceIds"].IsComputed(), "the provider does not foretell the interfaces")
	require.Equal(t, old.Outputs["arn"], foretold["arn"])
	updated, err := kind.Update(lab.subject(kind, "web"), lab.world, inputs, old)
	require.NoError(t, err)
	before, after := old.At("networkInterfaceIds").Texts(), updated.At("networkInterfaceIds").Texts()
	require.Equal(t, before[1], after[0])
	require.NotEqual(t, before[0], after[1])
}

func TestServicesAreNamedAsAWSNamesThem(t *testing.T) {
	type named struct{ name, private string }
	found := map[string]named{}
	for _, region := range []string{"eu-central-1", "cn-north-1"} {
		for _, service := range kinds.EndpointServices(region) {
			if service.Type == "Interface" {
				found[region+" "+service.Short] = named{service.Name, service.PrivateName}
			}
			require.NotEmpty(t, service.Zones, service.Name)
		}
	}
	require.Equal(t, named{"com.amazonaws.eu-central-1.ecr.dkr", "*.dkr.ecr.eu-central-1.amazonaws.com"}, found["eu-central-1 ecr.dkr"])
	require.Equal(t, named{"com.amazonaws.eu-central-1.logs", "logs.eu-central-1.amazonaws.com"}, found["eu-central-1 logs"])
	require.Equal(t, named{"com.amazonaws.eu-central-1.kinesis-firehose", "firehose.eu-central-1.amazonaws.com"}, found["eu-central-1 kinesis-firehose"])
	require.Equal(t, named{"cn.com.amazonaws.cn-north-1.ecr.api", "api.ecr.cn-north-1.amazonaws.com.cn"}, found["cn-north-1 ecr.api"])
	require.Equal(t, named{"com.amazonaws.cn-north-1.logs", "logs.cn-north-1.amazonaws.com.cn"}, found["cn-north-1 logs"])
}
