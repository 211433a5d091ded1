package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// PlacementArgs says where a service runs. Network.Placement fills it; to use a VPC that exists already, fill it by hand: each zone
// needs a private subnet and, for an internet-facing service, a public one; and the VPC needs a gateway endpoint for S3 on the
// route tables of the private subnets and an interface endpoint with private DNS, in every zone, for each of DefaultEndpoints and
// for whatever else the workload calls. Without them no instance boots.
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
	// EndpointSecurityGroupID is the security group of the VPC's interface endpoints, which admits TCP 443 from the VPC. A service
	// needs it, a database does not; so it is with the two below.
	EndpointSecurityGroupID pulumi.StringInput `pulumi:"endpointSecurityGroupID,optional"`
	// S3PrefixListID is AWS's list of S3's addresses in the Region, which the gateway endpoint routes; its id begins with pl-.
	S3PrefixListID pulumi.StringInput `pulumi:"s3PrefixListID,optional"`
	// NAT is what way out the private subnets have, for a service that declares destinations outside the VPC: NATNone refuses them.
	NAT NATStrategy `pulumi:"nat,optional"`

	// endpoints are what must stand before an instance boots.
	endpoints []pulumi.Resource
}
