package awsx

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/aplomb-iac/aplomb/sandbox/awsx/subnets"
)

// vpcComponent is the component itself. Its outputs travel in the Construct result.
type vpcComponent struct{ pulumi.ResourceState }

// constructVPC decodes the arguments, decides the subnets before anything is registered, and builds the children.
func constructVPC(
	ctx *pulumi.Context, kind, name string, inputs provider.ConstructInputs, options pulumi.ResourceOption,
) (*provider.ConstructResult, error) {
	var args vpcArgs
	if err := inputs.CopyTo(&args); err != nil {
		return nil, fmt.Errorf("%s %s: %w; zones, blocks and strategies must be plain values", kind, name, err)
	}
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, name, err)
	}
	component := &vpcComponent{}
	if err := ctx.RegisterComponentResource(kind, name, component, options); err != nil {
		return nil, err
	}
	zones, err := args.zones(ctx, component)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, name, err)
	}
	if err := args.natStrategy().ValidAllocations(len(args.allocations()), len(zones)); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, name, err)
	}
	request := args.request(name, zones)
	plan, err := subnets.New(request)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, name, err)
	}
	if err := warnOfLegacy(ctx, component, args, plan); err != nil {
		return nil, err
	}
	built, err := build(ctx, component, name, args, request, plan)
	if err != nil {
		return nil, err
	}
	// The component's own outputs are registered empty, as by awsx: a program reads those of the Construct result.
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, err
	}
	return &provider.ConstructResult{URN: component.URN(), State: built.outputs(plan.Layout)}, nil
}

// zones is the zones by name, or the first of the Region's: three, unless another number was asked for.
func (a vpcArgs) zones(ctx *pulumi.Context, component pulumi.Resource) ([]string, error) {
	if a.AvailabilityZoneNames != nil {
		return a.AvailabilityZoneNames, nil
	}
	wanted := defaultZones
	if a.NumberOfAvailabilityZones != nil {
		wanted = *a.NumberOfAvailabilityZones
	}
	if wanted < 0 {
		return nil, fmt.Errorf("numberOfAvailabilityZones: %d is negative; ask for at least one", wanted)
	}
	found, err := aws.GetAvailabilityZones(ctx, nil, pulumi.Parent(component))
	if err != nil {
		return nil, err
	}
	if len(found.Names) < wanted {
		return nil, fmt.Errorf("the configured region for this provider does not have at least %d Availability Zones; either specify an explicit list of zones in availabilityZoneNames or choose a region with at least %d AZs", wanted, wanted)
	}
	return found.Names[:wanted], nil
}

// warnOfLegacy warns, as awsx does, about own specs without blocks and without a strategy: their layout depends on a
// default that is to change.
func warnOfLegacy(ctx *pulumi.Context, component pulumi.Resource, args vpcArgs, plan subnets.Plan) error {
	if args.SubnetStrategy != nil || args.SubnetSpecs == nil {
		return nil
	}
	for _, spec := range args.SubnetSpecs {
		if spec.CidrBlocks != nil {
			return nil
		}
	}
	layout, err := json.Marshal(resolved(plan.Layout))
	if err != nil {
		return err
	}
	return ctx.Log.Warn(fmt.Sprintf("The default subnetStrategy will change from \"Legacy\" to \"Auto\" in the next major version. "+
		"Please specify the subnetStrategy explicitly. The current subnet layout can be specified via \"Auto\" as:\n\n%s", layout),
		&pulumi.LogArgs{Resource: component})
}

// vpc is the children of one component, in the order in which they were made.
type vpc struct {
	ctx   *pulumi.Context
	name  string
	args  vpcArgs
	zones []string

	vpc          *ec2.Vpc
	gateway      *ec2.InternetGateway
	subnets      ec2.SubnetArray
	tables       ec2.RouteTableArray
	associations ec2.RouteTableAssociationArray
	routes       ec2.RouteArray
	nats         ec2.NatGatewayArray
	natIDs       pulumi.StringArray
	addresses    ec2.EipArray
	allocations  []pulumi.StringInput
	ids          map[subnets.Type]pulumi.StringArray
}

// build registers every child: the VPC, its internet gateway (even when nothing is public), endpoints, then zone by zone
// the subnets with what belongs to them.
func build(
	ctx *pulumi.Context, component pulumi.Resource, name string, args vpcArgs, request subnets.Request, plan subnets.Plan,
) (*vpc, error) {
	v := &vpc{ctx: ctx, name: name, args: args, zones: request.Zones, allocations: args.allocations(), ids: map[subnets.Type]pulumi.StringArray{}}
	if err := v.addVPC(component, request.VPCBlock); err != nil {
		return nil, err
	}
	if err := v.addEndpoints(); err != nil {
		return nil, err
	}
	for zone, zoneName := range request.Zones {
		for _, planned := range plan.InZone(zoneName) {
			if err := v.addSubnet(zone, planned); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func (v *vpc) outputs(layout []subnets.Spec) pulumi.Map {
	return pulumi.Map{
		"vpc": v.vpc, "vpcId": v.vpc.ID().ToStringOutput(), "internetGateway": v.gateway,
		"subnets": list(v.subnets), "routeTables": list(v.tables), "routeTableAssociations": list(v.associations),
		"routes": list(v.routes), "natGateways": list(v.nats), "eips": list(v.addresses),
		"publicSubnetIds":   list(v.ids[subnets.Public]),
		"privateSubnetIds":  list(v.ids[subnets.Private]),
		"isolatedSubnetIds": list(v.ids[subnets.Isolated]),
		// awsx 2.22.0 makes the endpoints and returns an empty list of them.
		"vpcEndpoints": pulumi.Array{},
		"subnetLayout": pulumi.ToOutput(resolved(layout)),
	}
}

// list is never nil: a list without elements is an empty list, not an absent output.
func list[Element pulumi.Input, List ~[]Element](elements List) pulumi.Array {
	found := pulumi.Array{}
	for _, element := range elements {
		found = append(found, element)
	}
	return found
}

// resolvedSpec is an element of the subnetLayout output.
type resolvedSpec struct {
	CidrBlocks []string `json:"cidrBlocks,omitempty" pulumi:"cidrBlocks"`
	CidrMask   *int     `json:"cidrMask,omitempty" pulumi:"cidrMask"`
	Name       *string  `json:"name,omitempty" pulumi:"name"`
	Size       *int     `json:"size,omitempty" pulumi:"size"`
	Type       string   `json:"type" pulumi:"type"`
}

func resolved(layout []subnets.Spec) []resolvedSpec {
	specs := make([]resolvedSpec, len(layout))
	for index, spec := range layout {
		specs[index] = resolvedSpec{
			CidrBlocks: spec.CIDRBlocks, CidrMask: spec.CIDRMask, Name: spec.Name, Size: spec.Size, Type: string(spec.Type),
		}
	}
	return specs
}
