package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const networkType = "aplomb:components:Network"

// NetworkArgs describes a Network. Only plain values: a preview knows the whole network.
type NetworkArgs struct {
	// AccountID is the AWS account that the network is built in, 12 digits. It must be the account of the provider:
	// the key policy and the trust policy of the flow logs name it.
	AccountID string `pulumi:"accountID"`
	// Zones are the Availability Zones to span, such as eu-central-1a: at least two, at most eight, distinct, of one
	// Region. Append new zones at the END of the list: inner resources are named by position, so that inserting,
	// sorting or removing in the middle replaces subnets. Removing the last zone is safe once nothing runs there.
	Zones []string `pulumi:"zones"`
	// CIDR is the IPv4 block of the VPC, a /16 to /20 of private address space, such as 10.20.0.0/16. Each zone owns the
	// eighth of it that belongs to the zone's letter (a is the first), whichever other zones are configured: half of
	// that eighth is the zone's private subnet, a quarter the public one, an eighth the isolated one, and the last
	// eighth stays free. Changing it replaces the VPC.
	CIDR string `pulumi:"cidr"`
	// NAT is how private subnets reach the internet: by default not at all (NATNone), since instances reach AWS's services
	// through endpoints. A service that declares a destination on the internet needs NATPerZone, or NATSingle in development.
	NAT NATStrategy `pulumi:"nat,optional"`
	// Endpoints are the AWS services with an interface endpoint in every zone: by default those that booting and serving take
	// (DefaultEndpoints). What is listed replaces the default, so begin with DefaultEndpoints() and append. A service that has
	// no endpoint cannot be called by the role of a ResilientService, whatever that allows and even where there is NAT. The
	// gateway endpoint of S3 is always there.
	Endpoints []EndpointService `pulumi:"endpoints,optional"`
	// RegistryAccounts are the accounts, beside the network's own, from whose Amazon ECR repositories of this Region images may be
	// pulled through the endpoints.
	RegistryAccounts []string `pulumi:"registryAccounts,optional"`
	// FlowLogRetention is for how long flow logs are kept: 90 days by default, so that an intrusion found after a
	// quarter can still be traced.
	FlowLogRetention LogRetention `pulumi:"flowLogRetention,optional"`
	// Protect makes the engine refuse to delete or replace what holds history (the flow logs and their key), and keeps
	// it in AWS should it ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform NetworkTransforms
}

// NetworkTransforms are the escape hatches of a Network: each function that is set receives the finished arguments of
// one inner resource, after every default and check, and may change anything.
type NetworkTransforms struct {
	VPC                  func(*awsxec2.VpcArgs)
	DefaultSecurityGroup func(*ec2.DefaultSecurityGroupArgs)
	FlowLog              func(*ec2.FlowLogArgs)
	FlowLogGroup         func(*cloudwatch.LogGroupArgs)
	FlowLogKey           func(*kms.KeyArgs)
	FlowLogRole          func(*iam.RoleArgs)
	// GatewayEndpoint is the endpoint of S3.
	GatewayEndpoint func(*ec2.VpcEndpointArgs)
	// InterfaceEndpoint sees every interface endpoint.
	InterfaceEndpoint     func(*ec2.VpcEndpointArgs)
	EndpointSecurityGroup func(*ec2.SecurityGroupArgs)
}

// Network is a VPC over explicit zones. Every zone has three subnets: public (load balancers that face the internet, NAT
// gateways), private (instances; AWS's services through endpoints, and the internet only with NAT) and isolated (databases; no way
// out). The VPC's traffic is logged, under a key of its own, and the VPC's default security group is stripped of its rules, so
// that nothing can be reached by forgetting to choose a group.
//
// # Endpoints
//
// Instances reach Amazon S3 through a gateway endpoint and each of Endpoints through an interface endpoint with an address in every
// zone, under the services' usual names (private DNS). Booting (image, secrets), logging and sessions thus need neither NAT nor the
// internet. What an endpoint lets through is bounded twice: only principals of this account pass, and only to resources of this
// account where the action has resources, with the few actions that workloads use. Exceptions are Amazon ECR's bucket of image
// layers, to which ECR signs the requests itself, and the repositories of RegistryAccounts.
//
// # Recovery
//
// A network has nothing to fail over: it decides what a zone's failure takes along. Subnets, route tables and (with
// NATPerZone) NAT gateways of one zone serve that zone alone, so the failure of a zone changes no route of another:
// 0 s to serve. AWS describes a NAT gateway as redundant within its zone and advises one in each
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html). With NATSingle the failure of the first zone
// cuts the way out of every private subnet until a person or a deployment builds another gateway: no bound is
// promised for what needs the internet; what needs AWS alone goes on through the endpoints.
//
// An interface endpoint's name is answered with its addresses in all zones. The address in a failed zone stays in DNS for a time that
// AWS does not bound ("may take up to a few minutes":
// https://docs.aws.amazon.com/fis/latest/userguide/az-availability-scenario.html); until then a call may take that address first,
// time out and succeed with the next, as AWS's SDKs and curl try again. Instances that serve are not held up by it: logs are
// written without blocking, and nothing else is called. An instance that boots meanwhile may take longer. A gateway endpoint is a
// route and has no address to lose.
//
// Not covered: the failure of a whole Region; the addresses of a failed zone's NAT gateway, which allow-lists at other
// companies must know for every zone beforehand; connections that ran through the failed gateway or endpoint.
//
// # Cost
//
// An interface endpoint is billed by the hour in each zone, and by the traffic that it takes; a NAT gateway by the hour, and by the
// traffic that passes (https://aws.amazon.com/privatelink/pricing/, https://aws.amazon.com/vpc/pricing/). So the default costs six
// endpoints times the zones, and NATPerZone one gateway a zone on top. A gateway endpoint is free of charge
// (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html) and takes the traffic of image layers off all others.
type Network struct {
	pulumi.ResourceState

	// VPCID is the id of the VPC.
	VPCID pulumi.StringOutput `pulumi:"vpcID"`
	// Zones are the zones as configured.
	Zones pulumi.StringArrayOutput `pulumi:"zones"`
	// PublicSubnetIDs has one subnet for each zone, in the order of Zones.
	PublicSubnetIDs pulumi.StringArrayOutput `pulumi:"publicSubnetIDs"`
	// PrivateSubnetIDs has one subnet for each zone, in the order of Zones.
	PrivateSubnetIDs pulumi.StringArrayOutput `pulumi:"privateSubnetIDs"`
	// IsolatedSubnetIDs has one subnet for each zone, in the order of Zones.
	IsolatedSubnetIDs pulumi.StringArrayOutput `pulumi:"isolatedSubnetIDs"`
	// FlowLogGroupName is the CloudWatch log group that receives the flow logs.
	FlowLogGroupName pulumi.StringOutput `pulumi:"flowLogGroupName"`
	// EndpointSecurityGroupID is the security group of the interface endpoints. It admits HTTPS from the VPC's block.
	EndpointSecurityGroupID pulumi.StringOutput `pulumi:"endpointSecurityGroupID"`
	// S3PrefixListID is AWS's list of S3's addresses in the Region, which the gateway endpoint routes.
	S3PrefixListID pulumi.StringOutput `pulumi:"s3PrefixListID"`

	name string
	args NetworkArgs
	vpc  *awsxec2.Vpc
	// offers are the full names of the endpoint services.
	offers map[EndpointService]string
	// endpoints are what an instance needs to boot.
	endpoints []pulumi.Resource
}

// NewNetwork checks args whole (see NetworkArgs.Check), asks AWS whether every zone has the endpoints, in a preview too, and registers
// the network. What is refused is refused before anything is registered. Pass the aws provider of the zones' Region as a resource
// option: the VPC's own resources inherit it too.
func NewNetwork(
	ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption,
) (*Network, error) {
	if args == nil {
		args = &NetworkArgs{}
	}
	if err := failuresAsError("network "+name, args.Check(name)); err != nil {
		return nil, err
	}
	network := &Network{name: name, args: args.withDefaults()}
	asking, err := invokeOptions(opts)
	if err != nil {
		return nil, err
	}
	if err := network.findOffers(ctx, asking); err != nil {
		return nil, err
	}
	if err := ctx.RegisterComponentResource(networkType, name, network, opts...); err != nil {
		return nil, err
	}
	return network, runSteps(ctx, network.buildVPC, network.buildEndpoints, network.buildFlowLogs, network.registerOutputs)
}

// Placement is where a service runs when it runs in this network.
func (n *Network) Placement() PlacementArgs {
	return PlacementArgs{
		AccountID: n.args.AccountID, Zones: n.args.Zones, VPCID: n.VPCID, VPCCIDR: n.args.CIDR,
		PublicSubnetIDs: n.PublicSubnetIDs, PrivateSubnetIDs: n.PrivateSubnetIDs, IsolatedSubnetIDs: n.IsolatedSubnetIDs,
		EndpointSecurityGroupID: n.EndpointSecurityGroupID, S3PrefixListID: n.S3PrefixListID, NAT: n.args.NAT,
		endpoints: n.endpoints,
	}
}
