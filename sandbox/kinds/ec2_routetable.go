package kinds

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

// Deleting a route table dissolves its associations: the real provider does that itself.
var _ = register(&Kind{
	Token:      RouteTable,
	Args:       ec2.RouteTableArgs{},
	Resource:   &ec2.RouteTable{},
	API:        API{Service: "EC2", Noun: "Route Table", Create: "CreateRouteTable", Update: "ReplaceRoute", Delete: "DeleteRouteTable"},
	References: []Reference{toVPC("vpcId"), toInternetGateway("routes[].gatewayId"), toNATGateway("routes[].natGatewayId")},
	Rules: []Rule{
		lacking("virtual private gateways, and no targets of routes but internet and NAT gateways",
			"propagatingVgws[]", "routes[].carrierGatewayId", "routes[].coreNetworkArn", "routes[].destinationPrefixListId",
			"routes[].egressOnlyGatewayId", "routes[].localGatewayId", "routes[].networkInterfaceId", "routes[].transitGatewayId",
			"routes[].vpcEndpointId", "routes[].vpcPeeringConnectionId"),
		networkAddress("routes[].cidrBlock", 32),
		networkAddress("routes[].ipv6CidrBlock", 128),
		{Name: "a destination and a target in routes", Broken: inlineRoutes},
		{Name: "a destination once in routes", Stage: AtApply, Code: "RouteAlreadyExists", Operation: "CreateRoute", Broken: func(d *Draft) *Refusal {
			seen := map[string]bool{}
			for _, destination := range append(d.Each("routes[].cidrBlock"), d.Each("routes[].ipv6CidrBlock")...) {
				if seen[destination.Text()] {
					return Refuse(destination.Path(), "The route identified by %s already exists.", destination.Text())
				}
				seen[destination.Text()] = true
			}
			return nil
		}},
	},
	Replaces: []string{"vpcId"},
	Sets:     []string{"routes", "propagatingVgws"},
	ID:       ec2ID("rtb"),
	Computed: []Output{
		ec2ARN("route-table", "rtb"), ownerID(), fixed("routes", List()), fixed("propagatingVgws", List()),
	},
})

func inlineRoutes(d *Draft) *Refusal {
	for _, route := range d.Each("routes[]") {
		if route.At("cidrBlock").Exists() == route.At("ipv6CidrBlock").Exists() {
			return Refuse(route.Path(), "creating route: one of cidrBlock, ipv6CidrBlock must be specified")
		}
		if route.At("gatewayId").Exists() == route.At("natGatewayId").Exists() {
			return Refuse(route.Path(), "creating route: one of gatewayId, natGatewayId must be specified")
		}
	}
	return nil
}
