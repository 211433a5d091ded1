package kinds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// openEndpointPolicy is the policy of an endpoint that was given none.
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
const openEndpointPolicy = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}`

// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html and API_ModifyVpcEndpoint.html
// beside it.
var _ = register(&Kind{
	Token:    VPCEndpoint,
	Args:     ec2.VpcEndpointArgs{},
	Resource: &ec2.VpcEndpoint{},
	API: API{Service: "EC2", Noun: "EC2 VPC Endpoint", Create: "CreateVpcEndpoint", Update: "ModifyVpcEndpoint",
		Delete: "DeleteVpcEndpoints"},
	Defaults: []Default{{Path: "vpcEndpointType", Value: Text(gatewayEndpoint)}},
	References: []Reference{
		toVPC("vpcId"), toSubnet("subnetIds[]"), toSecurityGroup("securityGroupIds[]"), toRouteTable("routeTableIds[]"),
	},
	Rules:       slices.Concat(endpointShape(), endpointTypeRules(), endpointNetworkRules(), endpointDNSRules(), endpointPolicyRules()),
	DeleteRules: nil, // AWS lets an endpoint go whoever uses it: its routes, addresses and private names go with it.
	Replaces:    []string{"vpcId", "serviceName", "serviceRegion", "vpcEndpointType", "resourceConfigurationArn", "serviceNetworkArn"},
	ReplacesWhen: func(d *Draft) []string {
		if d.Text("vpcEndpointType") == interfaceEndpoint {
			return nil
		}
		return []string{"privateDnsEnabled"}
	},
	Sets: []string{"routeTableIds", "securityGroupIds", "subnetIds", "subnetConfigurations"},
	ID:   ec2ID("vpce"),
	Computed: []Output{
		ec2ARN("vpc-endpoint", "vpce"), ownerID(), fixed("state", Text("available")), fixed("requesterManaged", Flag(false)),
		fixed("ipAddressType", Text("ipv4")), fixed("policy", Text(openEndpointPolicy)), fixed("privateDnsEnabled", Flag(false)),
		fixed("routeTableIds", List()), fixed("subnetIds", List()),
		{Name: "serviceRegion", Value: func(d *Draft) resource.PropertyValue { return Text(d.Region) }},
		{Name: "securityGroupIds", Value: endpointGroups}, {Name: "prefixListId", Value: endpointPrefixList},
		{Name: "cidrBlocks", Value: endpointBlocks}, {Name: "dnsOptions", Value: endpointDNSOptions},
		{Name: "networkInterfaceIds", Value: endpointInterfaces, Fresh: newSubnets},
		{Name: "subnetConfigurations", Value: endpointAddresses, Fresh: newSubnets},
		{Name: "dnsEntries", Value: endpointNames, Fresh: newSubnets},
	},
})

// endpointOffered is the service that a draft asks for, or nil.
func endpointOffered(d *Draft) *EndpointService {
	return endpointService(d.Region, d.Text("serviceName"), d.Text("vpcEndpointType"))
}

// newSubnets is true when an update moves network interfaces: the provider does not foretell their ids.
func newSubnets(d *Draft) bool { return d.Changed("subnetIds") }

// endpointGroups is the VPC's default security group: an interface endpoint without groups gets that.
func endpointGroups(d *Draft) resource.PropertyValue {
	network := d.Find(VPC, d.Text("vpcId"))
	if d.Text("vpcEndpointType") != interfaceEndpoint || network == nil || network.Text("defaultSecurityGroupId") == "" {
		return List()
	}
	return Texts(network.Text("defaultSecurityGroupId"))
}

func endpointPrefixList(d *Draft) resource.PropertyValue {
	if service := endpointOffered(d); service != nil {
		return Text(service.PrefixList)
	}
	return Text("")
}

func endpointBlocks(d *Draft) resource.PropertyValue {
	if service := endpointOffered(d); service != nil && service.PrefixList != "" {
		return Texts(prefixBlocks(service.Short)...)
	}
	return List()
}

func endpointDNSOptions(d *Draft) resource.PropertyValue {
	if d.Text("vpcEndpointType") == gatewayEndpoint {
		return Object(resource.PropertyMap{"dnsRecordIpType": Text("service-defined")})
	}
	options := resource.PropertyMap{"dnsRecordIpType": Text(orElse(d.Text("ipAddressType"), "ipv4"))}
	if service := endpointOffered(d); service != nil && service.Short == "s3" {
		options["privateDnsOnlyForInboundResolverEndpoint"] = Flag(d.Bool("privateDnsEnabled"))
	}
	return Object(options)
}

// endpointInterfaces is one network interface a subnet, which keeps its id as long as the endpoint is in the subnet.
func endpointInterfaces(d *Draft) resource.PropertyValue {
	var ids []string
	for _, subnet := range d.Texts("subnetIds") {
		ids = append(ids, "eni-0"+d.Hex("eni in "+subnet, 16))
	}
	return Texts(ids...)
}

// endpointAddresses is the address of the endpoint in each subnet.
func endpointAddresses(d *Draft) resource.PropertyValue {
	var addresses []resource.PropertyValue
	for _, id := range d.Texts("subnetIds") {
		address := resource.PropertyMap{"subnetId": Text(id)}
		if subnet := d.Find(Subnet, id); subnet != nil {
			number := d.Octet("high in "+id)*256 + d.Octet("low in "+id)
			address["ipv4"] = Text(addressIn(block(subnet.Text("cidrBlock")), number))
		}
		addresses = append(addresses, Object(address))
	}
	return List(addresses...)
}

// endpointNames is the endpoint's names: one of the Region, one of each zone, and the service's own with private DNS. The
// sandbox makes up the ids of their hosted zones.
func endpointNames(d *Draft) resource.PropertyValue {
	service := endpointOffered(d)
	if service == nil || service.Type != interfaceEndpoint {
		return List()
	}
	var names []resource.PropertyValue
	add := func(name, zone string) {
		names = append(names, Object(resource.PropertyMap{"dnsName": Text(name), "hostedZoneId": Text(zone)}))
	}
	own := d.EC2ID("vpce") + "-" + d.Hex("dns", 8)
	shared := "Z" + strings.ToUpper(madeUp(13, d.Region, "vpce"))
	add(own+"."+service.Domain, shared)
	for _, id := range d.Texts("subnetIds") {
		if subnet := d.Find(Subnet, id); subnet != nil {
			add(fmt.Sprintf("%s-%s.%s", own, subnet.Text("availabilityZone"), service.Domain), shared)
		}
	}
	if d.Bool("privateDnsEnabled") {
		add(service.PrivateName, "Z"+strings.ToUpper(d.Hex("private zone", 20)))
	}
	return List(names...)
}
