package kinds

import (
	"fmt"
	"hash/crc32"
	"math"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
)

// routeDestinations are the properties of which a route has one.
var routeDestinations = []string{"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"}

var _ = register(&Kind{
	Token:    Route,
	Args:     ec2.RouteArgs{},
	Resource: &ec2.Route{},
	API:      API{Service: "EC2", Noun: "Route", Create: "CreateRoute", Update: "ReplaceRoute", Delete: "DeleteRoute"},
	References: []Reference{
		toRouteTable("routeTableId"), toInternetGateway("gatewayId"), toNATGateway("natGatewayId"),
	},
	Rules: []Rule{
		lacking("prefix lists, and no targets of routes but internet and NAT gateways", "destinationPrefixListId",
			"carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "localGatewayId", "networkInterfaceId",
			"transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId"),
		networkAddress("destinationCidrBlock", 32),
		networkAddress("destinationIpv6CidrBlock", 128),
		ExactlyOne(routeDestinations...),
		ExactlyOne("gatewayId", "natGatewayId", "carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "localGatewayId",
			"networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId"),
		{Name: "a destination once a table", Stage: AtApply, Code: "RouteAlreadyExists", When: OnCreate, Broken: routeTwice},
		{Name: "nothing more specific than the VPC", Stage: AtApply, Code: codeInvalidValue, When: OnCreate, Broken: func(d *Draft) *Refusal {
			table := d.Find(RouteTable, d.Text("routeTableId"))
			if table == nil {
				return nil
			}
			network := d.Find(VPC, table.Text("vpcId"))
			to := block(d.Text("destinationCidrBlock"))
			if network == nil || !to.IsValid() || !within(block(network.Text("cidrBlock")), to) {
				return nil
			}
			return Refuse("destinationCidrBlock", "The destination CIDR block %s is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.", to)
		}},
		{Name: "attached gateway", Stage: AtApply, Code: "Gateway.NotAttached", Broken: func(d *Draft) *Refusal {
			gateway := d.Find(InternetGateway, d.Text("gatewayId"))
			if gateway == nil || gateway.Text("vpcId") != "" {
				return nil
			}
			return Refuse("gatewayId", "resource %s is not attached to any network", gateway.ID)
		}},
		{Name: "target in the same VPC", Stage: AtApply, Code: codeInvalidValue, Broken: routeElsewhere},
	},
	Replaces: append([]string{"routeTableId"}, routeDestinations...),
	ID: func(d *Draft) string {
		return fmt.Sprintf("r-%s%d", d.Text("routeTableId"), providerHash(routeDestination(d)))
	},
	Computed: []Output{
		fixed("instanceId", Text("")), fixed("instanceOwnerId", Text("")), fixed("networkInterfaceId", Text("")),
		fixed("origin", Text("CreateRoute")), fixed("state", Text("active")),
	},
})

func routeDestination(d *Draft) string {
	for _, path := range routeDestinations {
		if d.Has(path) {
			return d.Text(path)
		}
	}
	return ""
}

// providerHash is the checksum that the provider puts into ids that AWS does not give. It is the positive IEEE CRC-32.
func providerHash(text string) int {
	return int(math.Abs(float64(int(crc32.ChecksumIEEE([]byte(text))))))
}

func routeTwice(d *Draft) *Refusal {
	to := routeDestination(d)
	for _, other := range d.UsedBy(Route, "routeTableId", d.Text("routeTableId")) {
		for _, path := range routeDestinations {
			if other.Text(path) == to && to != "" {
				return Refuse(path, "The route identified by %s already exists.", to)
			}
		}
	}
	if table := d.Find(RouteTable, d.Text("routeTableId")); table != nil {
		for _, inline := range append(table.At("routes").Each("[].cidrBlock"), table.At("routes").Each("[].ipv6CidrBlock")...) {
			if inline.Text() == to {
				return Refuse("routeTableId", "The route identified by %s already exists.", to)
			}
		}
	}
	return nil
}

func routeElsewhere(d *Draft) *Refusal {
	table := d.Find(RouteTable, d.Text("routeTableId"))
	if table == nil {
		return nil
	}
	if gateway := d.Find(InternetGateway, d.Text("gatewayId")); gateway != nil && gateway.Text("vpcId") != "" && gateway.Text("vpcId") != table.Text("vpcId") {
		return Refuse("gatewayId", "route table %s and network gateway %s belong to different networks", table.ID, gateway.ID)
	}
	if nat := d.Find(NATGateway, d.Text("natGatewayId")); nat != nil {
		if subnet := d.Find(Subnet, nat.Text("subnetId")); subnet != nil && subnet.Text("vpcId") != table.Text("vpcId") {
			return Refuse("natGatewayId", "route table %s and network gateway %s belong to different networks", table.ID, nat.ID)
		}
	}
	return nil
}
