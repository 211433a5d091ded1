package kinds

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"

var _ = register(&Kind{
	Token:      RouteTableAssociation,
	Args:       ec2.RouteTableAssociationArgs{},
	Resource:   &ec2.RouteTableAssociation{},
	API:        API{Service: "EC2", Noun: "Route Table Association", Create: "AssociateRouteTable", Update: "ReplaceRouteTableAssociation", Delete: "DisassociateRouteTable"},
	References: []Reference{toRouteTable("routeTableId"), toSubnet("subnetId"), toInternetGateway("gatewayId")},
	Rules: []Rule{
		ExactlyOne("subnetId", "gatewayId"),
		{Name: "same VPC", Stage: AtApply, Code: codeInvalidValue, Broken: func(d *Draft) *Refusal {
			table, subnet, gateway := d.Find(RouteTable, d.Text("routeTableId")), d.Find(Subnet, d.Text("subnetId")), d.Find(InternetGateway, d.Text("gatewayId"))
			for _, other := range []*Thing{subnet, gateway} {
				if table != nil && other != nil && table.Text("vpcId") != other.Text("vpcId") {
					return Refuse("routeTableId", "Route table %s and network %s belong to different networks", table.ID, other.Text("vpcId"))
				}
			}
			return nil
		}},
		{Name: "one table a subnet", Stage: AtApply, Code: codeAlreadyAssociated, When: OnCreate, Broken: func(d *Draft) *Refusal {
			for _, path := range []string{"subnetId", "gatewayId"} {
				if d.Has(path) && len(d.UsedBy(RouteTableAssociation, path, d.Text(path))) > 0 {
					return Refuse(path, "the specified association for route table %s conflicts with an existing association", d.Text("routeTableId"))
				}
			}
			return nil
		}},
	},
	Replaces: []string{"subnetId", "gatewayId"},
	ID:       ec2ID("rtbassoc"),
})
