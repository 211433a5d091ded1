package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// PlacementArgs says where a service runs. Network.Placement fills it; to use a VPC that exists already, fill it by hand:
// each zone needs a private subnet with a way out to AWS's APIs and, for an internet-facing service, a public one.
type PlacementArgs struct {
	// AccountID is the AWS account of the VPC, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Zones are the Availability Zones, at least two, of one Region, in the order of the subnets below.
	Zones []string `pulumi:"zones"`
	// VPCID is the id of the VPC.
	VPCID pulumi.StringInput `pulumi:"vpcID"`
	// VPCCIDR is the VPC's IPv4 block. Internal services admit it by default.
	VPCCIDR string `pulumi:"vpcCIDR"`
	// PublicSubnetIDs has one subnet for each zone, in the order of Zones. Only internet-facing load balancers use it.
	PublicSubnetIDs pulumi.StringArrayInput `pulumi:"publicSubnetIDs,optional"`
	// PrivateSubnetIDs has one subnet for each zone, in the order of Zones. A load balancer needs 8 free addresses in
	// each (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html).
	PrivateSubnetIDs pulumi.StringArrayInput `pulumi:"privateSubnetIDs"`
	// IsolatedSubnetIDs has one subnet for each zone, in the order of Zones, without a way out. Only databases use it.
	IsolatedSubnetIDs pulumi.StringArrayInput `pulumi:"isolatedSubnetIDs,optional"`
}
