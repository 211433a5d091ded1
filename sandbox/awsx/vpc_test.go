// Package awsx_test runs programs that use the real awsx SDK against a stand-in engine which hands the component to the
// provider over gRPC, and looks at every registration. Layer: recorder.
package awsx_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/aplomb-iac/aplomb/sandbox/awsx"
)

const (
	vpcType         = "aws:ec2/vpc:Vpc"
	gatewayType     = "aws:ec2/internetGateway:InternetGateway"
	subnetType      = "aws:ec2/subnet:Subnet"
	tableType       = "aws:ec2/routeTable:RouteTable"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	routeType       = "aws:ec2/route:Route"
	eipType         = "aws:ec2/eip:Eip"
	natType         = "aws:ec2/natGateway:NatGateway"
	endpointType    = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

func threeByThree(nat awsxec2.NatGatewayStrategy) *awsxec2.VpcArgs {
	auto := awsxec2.SubnetAllocationStrategyAuto
	return &awsxec2.VpcArgs{
		CidrBlock:             pulumi.StringRef("10.0.0.0/16"),
		AvailabilityZoneNames: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
		EnableDnsHostnames:    pulumi.Bool(true),
		SubnetStrategy:        &auto,
		SubnetSpecs: []awsxec2.SubnetSpecArgs{
			{Type: awsxec2.SubnetTypePrivate, CidrBlocks: []string{"10.0.0.0/20", "10.0.32.0/20", "10.0.64.0/20"}},
			{Type: awsxec2.SubnetTypeIsolated, CidrBlocks: []string{"10.0.24.0/22", "10.0.56.0/22", "10.0.88.0/22"}, Tags: pulumi.StringMap{"Tier": pulumi.String("data")}},
			{Type: awsxec2.SubnetTypePublic, CidrBlocks: []string{"10.0.16.0/21", "10.0.48.0/21", "10.0.80.0/21"}},
		},
		NatGateways: &awsxec2.NatGatewayConfigurationArgs{Strategy: nat},
		Tags:        pulumi.StringMap{"Team": pulumi.String("platform")},
	}
}

func newVPC(args *awsxec2.VpcArgs, options ...pulumi.ResourceOption) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		_, err := awsxec2.NewVpc(ctx, "net", args, options...)
		return err
	}
}

func eachOf(kinds ...string) []string {
	var names []string
	for _, kind := range kinds {
		for _, zone := range []string{"1", "2", "3"} {
			names = append(names, "net-"+kind+"-"+zone)
		}
	}
	return names
}

func tagsOf(one registered) map[string]string {
	tags := map[string]string{}
	for key, value := range one.Inputs["tags"].ObjectValue() {
		tags[string(key)] = value.StringValue()
	}
	return tags
}

func TestEveryZoneGetsItsSubnetsTablesAndRoutes(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, newVPC(threeByThree(awsxec2.NatGatewayStrategyOnePerAz))))

	everySubnet := eachOf("isolated", "private", "public")
	require.Equal(t, []string{"net"}, e.named("awsx:ec2:Vpc"))
	require.Equal(t, []string{"net"}, e.named(vpcType))
	require.Equal(t, []string{"net"}, e.named(gatewayType))
	require.Equal(t, everySubnet, e.named(subnetType))
	require.Equal(t, everySubnet, e.named(tableType))
	require.Equal(t, everySubnet, e.named(associationType))
	require.Equal(t, eachOf("private", "public"), e.named(routeType))
	require.Equal(t, []string{"net-1", "net-2", "net-3"}, e.named(eipType))
	require.Equal(t, []string{"net-1", "net-2", "net-3"}, e.named(natType))

	total := 0
	for kind, all := range e.all {
		if strings.HasPrefix(kind, "aws:") {
			total += len(all)
		}
	}
	require.Equal(t, 41, total)
}

func TestAChildIsParentedToAndWaitsForWhatItBelongsTo(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, newVPC(threeByThree(awsxec2.NatGatewayStrategyOnePerAz))))
	parents := []struct{ kind, name, parent string }{
		{vpcType, "net", "Vpc net"},
		{gatewayType, "net", "Vpc net"},
		{subnetType, "net-private-2", "Vpc net"},
		{tableType, "net-private-2", "Subnet net-private-2"},
		{associationType, "net-private-2", "RouteTable net-private-2"},
		{routeType, "net-private-2", "RouteTable net-private-2"},
		{eipType, "net-2", "Subnet net-public-2"},
		{natType, "net-2", "Subnet net-public-2"},
	}
	for _, want := range parents {
		child := e.only(t, want.kind, want.name)
		require.Equal(t, want.parent, child.Parent, "%s %s", want.kind, want.name)
		if want.kind != vpcType {
			require.Contains(t, child.Dependencies, want.parent, "%s %s", want.kind, want.name)
		}
	}
	require.Equal(t, "urn:pulumi:test::proj::awsx:ec2:Vpc$aws:ec2/vpc:Vpc$aws:ec2/subnet:Subnet$aws:ec2/routeTable:RouteTable$aws:ec2/route:Route::net-private-2",
		e.only(t, routeType, "net-private-2").urn)
	require.Equal(t, 1, e.outputs["urn:pulumi:test::proj::awsx:ec2:Vpc::net"], "the component is registered as complete")
}

func TestChildrenHaveTheInputsThatAwsxGivesThem(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, newVPC(threeByThree(awsxec2.NatGatewayStrategyOnePerAz))))

	vpc := e.only(t, vpcType, "net")
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true, "tags": map[string]any{"Name": "net", "Team": "platform"},
	}), vpc.Inputs)
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"vpcId": "vpc/net", "tags": map[string]any{"Name": "net", "Team": "platform"},
	}), e.only(t, gatewayType, "net").Inputs)
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"vpcId": "vpc/net", "availabilityZone": "eu-central-1b", "cidrBlock": "10.0.56.0/22", "mapPublicIpOnLaunch": false,
		"tags": map[string]any{"Name": "net-isolated-2", "SubnetType": "Isolated", "Team": "platform", "Tier": "data"},
	}), e.only(t, subnetType, "net-isolated-2").Inputs)
	require.True(t, e.only(t, subnetType, "net-public-3").Inputs["mapPublicIpOnLaunch"].BoolValue())
	require.Equal(t, map[string]string{"Name": "net-isolated-2", "SubnetType": "Isolated", "Team": "platform"},
		tagsOf(e.only(t, tableType, "net-isolated-2")), "a route table has no tags of the spec")
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"routeTableId": "routetable/net-private-1", "subnetId": "subnet/net-private-1",
	}), e.only(t, associationType, "net-private-1").Inputs)
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"routeTableId": "routetable/net-public-2", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "internetgateway/net",
	}), e.only(t, routeType, "net-public-2").Inputs)
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"routeTableId": "routetable/net-private-2", "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "natgateway/net-2",
	}), e.only(t, routeType, "net-private-2").Inputs)
	require.Equal(t, map[string]string{"Name": "net-3", "Team": "platform"}, tagsOf(e.only(t, eipType, "net-3")))
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"subnetId": "subnet/net-public-3", "allocationId": "eipalloc-net-3", "tags": map[string]any{"Name": "net-3", "Team": "platform"},
	}), e.only(t, natType, "net-3").Inputs)
}

func TestANameTagOfTheComponentNamesTheVPCAndTheGatewayOnly(t *testing.T) {
	e := start(t)
	args := threeByThree(awsxec2.NatGatewayStrategyNone)
	args.Tags = pulumi.StringMap{"Name": pulumi.String("other")}
	require.NoError(t, e.run(t, newVPC(args)))
	require.Equal(t, map[string]string{"Name": "other"}, tagsOf(e.only(t, vpcType, "net")))
	require.Equal(t, map[string]string{"Name": "other"}, tagsOf(e.only(t, gatewayType, "net")))
	require.Equal(t, "net-public-1", tagsOf(e.only(t, subnetType, "net-public-1"))["Name"])
}

func TestTagsThatResolveLaterAreMergedAllTheSame(t *testing.T) {
	e := start(t)
	args := threeByThree(awsxec2.NatGatewayStrategyNone)
	args.Tags = pulumi.ToSecret(pulumi.StringMap{"Team": pulumi.String("platform")}).(pulumi.StringMapOutput)
	require.NoError(t, e.run(t, newVPC(args)))
	tags := e.only(t, subnetType, "net-isolated-2").Inputs["tags"]
	require.True(t, tags.IsSecret())
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"Name": "net-isolated-2", "SubnetType": "Isolated", "Team": "platform", "Tier": "data",
	}), tags.SecretValue().Element.ObjectValue())
}

func TestASingleGatewayServesEveryZoneFromTheFirst(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, newVPC(threeByThree(awsxec2.NatGatewayStrategySingle))))
	require.Equal(t, []string{"net-1"}, e.named(natType))
	require.Equal(t, []string{"net-1"}, e.named(eipType))
	for _, name := range eachOf("private") {
		require.Equal(t, "natgateway/net-1", e.only(t, routeType, name).Inputs["natGatewayId"].StringValue())
	}
}

func TestWithoutGatewaysOnlyPublicSubnetsHaveARoute(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, newVPC(threeByThree(awsxec2.NatGatewayStrategyNone))))
	require.Empty(t, e.named(natType))
	require.Empty(t, e.named(eipType))
	require.Equal(t, eachOf("public"), e.named(routeType))
}

func TestGivenAddressesAreUsedInZoneOrder(t *testing.T) {
	e := start(t)
	args := threeByThree(awsxec2.NatGatewayStrategyOnePerAz)
	args.NatGateways.ElasticIpAllocationIds = []pulumi.StringInput{
		pulumi.String("eipalloc-a"), pulumi.String("eipalloc-b"), pulumi.ToSecret(pulumi.String("eipalloc-c")).(pulumi.StringOutput),
	}
	require.NoError(t, e.run(t, newVPC(args)))
	require.Empty(t, e.named(eipType))
	require.Equal(t, "eipalloc-b", e.only(t, natType, "net-2").Inputs["allocationId"].StringValue())
	require.Equal(t, "eipalloc-c", e.only(t, natType, "net-3").Inputs["allocationId"].SecretValue().Element.StringValue())
}

func TestOutputsComeInZoneOrder(t *testing.T) {
	e := start(t)
	var mu sync.Mutex
	ids := map[string][]string{}
	collect := func(name string, output pulumi.StringArrayOutput) {
		output.ApplyT(func(found []string) int {
			mu.Lock()
			defer mu.Unlock()
			ids[name] = found
			return 0
		})
	}
	var layout []awsxec2.ResolvedSubnetSpec
	var arnOfFirst, vpcID string
	require.NoError(t, e.run(t, func(ctx *pulumi.Context) error {
		v, err := awsxec2.NewVpc(ctx, "net", threeByThree(awsxec2.NatGatewayStrategyOnePerAz))
		if err != nil {
			return err
		}
		collect("public", v.PublicSubnetIds)
		collect("private", v.PrivateSubnetIds)
		collect("isolated", v.IsolatedSubnetIds)
		v.SubnetLayout.ApplyT(func(found []awsxec2.ResolvedSubnetSpec) int { layout = found; return 0 })
		pulumi.All(v.Subnets.Index(pulumi.Int(0)).CidrBlock(), v.VpcId, v.VpcEndpoints).ApplyT(func(found []any) int {
			arnOfFirst, vpcID = *found[0].(*string), found[1].(string)
			return 0
		})
		return nil
	}))
	require.Equal(t, map[string][]string{
		"public":   {"subnet/net-public-1", "subnet/net-public-2", "subnet/net-public-3"},
		"private":  {"subnet/net-private-1", "subnet/net-private-2", "subnet/net-private-3"},
		"isolated": {"subnet/net-isolated-1", "subnet/net-isolated-2", "subnet/net-isolated-3"},
	}, ids)
	require.Equal(t, "10.0.16.0/21", arnOfFirst, "in a zone the public subnet comes first")
	require.Equal(t, "vpc/net", vpcID)
	require.Equal(t, []awsxec2.ResolvedSubnetSpec{
		{Type: "Private", CidrBlocks: []string{"10.0.0.0/20", "10.0.32.0/20", "10.0.64.0/20"}},
		{Type: "Isolated", CidrBlocks: []string{"10.0.24.0/22", "10.0.56.0/22", "10.0.88.0/22"}},
		{Type: "Public", CidrBlocks: []string{"10.0.16.0/21", "10.0.48.0/21", "10.0.80.0/21"}},
	}, layout)
}

func TestWithoutZonesTheRegionsFirstThreeAreTaken(t *testing.T) {
	e := start(t)
	e.zones = append(e.zones, "eu-central-1d")
	require.NoError(t, e.run(t, newVPC(nil)))
	require.Equal(t, eachOf("private", "public"), e.named(subnetType))
	require.Equal(t, "10.0.0.0/16", e.only(t, vpcType, "net").Inputs["cidrBlock"].StringValue())
	require.Equal(t, "eu-central-1c", e.only(t, subnetType, "net-public-3").Inputs["availabilityZone"].StringValue())
	require.Len(t, e.named(natType), 3)
}

func TestARegionWithTooFewZonesIsRefused(t *testing.T) {
	e := start(t)
	four := 4
	err := e.run(t, newVPC(&awsxec2.VpcArgs{NumberOfAvailabilityZones: &four}))
	require.ErrorContains(t, err, "does not have at least 4 Availability Zones")
}

func TestChildrenUseTheProvidersOfTheComponent(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, func(ctx *pulumi.Context) error {
		frankfurt, err := aws.NewProvider(ctx, "frankfurt", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
		if err != nil {
			return err
		}
		_, err = awsxec2.NewVpc(ctx, "net", threeByThree(awsxec2.NatGatewayStrategyOnePerAz), pulumi.Providers(frankfurt))
		return err
	}))
	for _, one := range append(slices.Clone(e.all[natType]), e.all[vpcType]...) {
		require.Equal(t, "urn:pulumi:test::proj::pulumi:providers:aws::frankfurt::aws/frankfurt", one.Provider, one.Name)
	}
}

func TestEndpointsAreNamedAfterTheirService(t *testing.T) {
	e := start(t)
	args := threeByThree(awsxec2.NatGatewayStrategyNone)
	args.VpcEndpointSpecs = []awsxec2.VpcEndpointSpecArgs{{ServiceName: "com.amazonaws.eu-central-1.s3", VpcEndpointType: pulumi.String("Gateway")}}
	require.NoError(t, e.run(t, newVPC(args)))
	endpoint := e.only(t, endpointType, "com.amazonaws.eu-central-1.s3")
	require.Equal(t, "Vpc net", endpoint.Parent)
	require.Equal(t, resource.NewPropertyMapFromMap(map[string]any{
		"serviceName": "com.amazonaws.eu-central-1.s3", "vpcEndpointType": "Gateway", "vpcId": "vpc/net",
	}), endpoint.Inputs)
}

func TestSpecsWithoutAStrategyAreWarnedOf(t *testing.T) {
	e := start(t)
	require.NoError(t, e.run(t, newVPC(&awsxec2.VpcArgs{SubnetSpecs: []awsxec2.SubnetSpecArgs{
		{Type: awsxec2.SubnetTypePublic}, {Type: awsxec2.SubnetTypePrivate},
	}})))
	require.Len(t, e.logs, 1)
	require.Contains(t, e.logs[0], "WARNING: The default subnetStrategy will change")
	require.Contains(t, e.logs[0], `[{"cidrMask":19,"type":"Private"},{"cidrMask":20,"type":"Public"}]`)
}

func TestUnacceptableArgumentsRegisterNoChild(t *testing.T) {
	three := 3
	pool := pulumi.String("ipam-pool-0123456789abcdef0")
	cases := []struct {
		name   string
		change func(*awsxec2.VpcArgs)
		want   string
	}{
		{"zones by name and by number", func(a *awsxec2.VpcArgs) { a.NumberOfAvailabilityZones = &three }, "only one of [availabilityZoneNames] and [numberOfAvailabilityZones]"},
		{"too few addresses", func(a *awsxec2.VpcArgs) {
			a.NatGateways.ElasticIpAllocationIds = []pulumi.StringInput{pulumi.String("eipalloc-a")}
		}, "must match the number of availability zones for the VPC (3)"},
		{"too few blocks", func(a *awsxec2.VpcArgs) { a.SubnetSpecs[1].CidrBlocks = []string{"10.0.0.0/24"} }, "subnetSpecs[1] must match the number of availability zones (3)"},
		{"a pool with a block and a length", func(a *awsxec2.VpcArgs) { a.Ipv4IpamPoolId, a.Ipv4NetmaskLength = pool, pulumi.Int(16) }, "only one of 'cidrBlock', 'ipv4NetmaskLength'"},
		{"a pool without either", func(a *awsxec2.VpcArgs) { a.Ipv4IpamPoolId, a.CidrBlock = pool, nil }, "must also be specified"},
		{"a pool", func(a *awsxec2.VpcArgs) { a.Ipv4IpamPoolId = pool }, "the sandbox has no IPAM pools"},
		{"an endpoint option that awsx drops", func(a *awsxec2.VpcArgs) {
			a.VpcEndpointSpecs = []awsxec2.VpcEndpointSpecArgs{{ServiceName: "s", IpAddressType: pulumi.String("ipv4")}}
		}, "vpcEndpointSpecs[0]: awsx 2.22.0 drops"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := start(t)
			args := threeByThree(awsxec2.NatGatewayStrategyOnePerAz)
			c.change(args)
			require.ErrorContains(t, e.run(t, newVPC(args)), c.want)
			require.Empty(t, e.named(vpcType))
		})
	}
}

func TestAnUnknownTypeIsRefusedByName(t *testing.T) {
	e := start(t)
	_, err := e.provider.Construct(t.Context(), &pulumirpc.ConstructRequest{Type: "awsx:ecs:FargateService", Name: "web"})
	require.ErrorContains(t, err, `unknown component type "awsx:ecs:FargateService": the sandbox's awsx provider builds awsx:ec2:Vpc only`)
}

func TestAnUnknownArgumentIsRefusedAtAnyDepth(t *testing.T) {
	e := start(t)
	cases := map[string]map[string]any{
		"unknown argument cidrBlok:":               {"cidrBlok": "10.0.0.0/16"},
		"unknown argument natGateways.kind:":       {"natGateways": map[string]any{"kind": "Single"}},
		"unknown argument subnetSpecs[1].cidrMsk:": {"subnetSpecs": []any{map[string]any{"type": "Public"}, map[string]any{"cidrMsk": 20}}},
	}
	for want, given := range cases {
		inputs, err := structpb.NewStruct(given)
		require.NoError(t, err)
		_, err = e.provider.Construct(t.Context(), &pulumirpc.ConstructRequest{Type: "awsx:ec2:Vpc", Name: "net", Inputs: inputs})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "awsx 2.22.0 has")
	}
}

func TestConstructionNeedsAnAttachedEngine(t *testing.T) {
	_, err := awsx.NewServer().Construct(t.Context(), &pulumirpc.ConstructRequest{Type: "awsx:ec2:Vpc", Name: "net"})
	require.ErrorContains(t, err, "no engine is attached to this connection")
}

// The arguments that are decoded here are those of the SDK that programs use: the same names, at every depth.
func TestTheArgumentsAreThoseOfTheSDK(t *testing.T) {
	want := propertiesOf(awsxec2.VpcArgs{}.ElementType(), "")
	require.Len(t, want, 41)
	e := start(t)
	for _, path := range want {
		_, err := e.provider.Construct(t.Context(), &pulumirpc.ConstructRequest{Type: "awsx:ec2:Vpc", Name: "net", Inputs: nested(path), DryRun: true, MonitorEndpoint: e.address})
		if err != nil {
			require.NotContains(t, err.Error(), "unknown argument", path)
		}
	}
}

// propertiesOf is the path of every property of an argument struct of the SDK; a list's elements are one level deeper.
func propertiesOf(args reflect.Type, prefix string) []string {
	var paths []string
	for index := range args.NumField() {
		name := prefix + args.Field(index).Tag.Get("pulumi")
		paths = append(paths, name)
		inner := args.Field(index).Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && strings.HasPrefix(inner.PkgPath(), "github.com/pulumi/pulumi-awsx/") {
			paths = append(paths, propertiesOf(inner, name+".")...)
		}
	}
	return paths
}

// nested is inputs with a null at the path.
func nested(path string) *structpb.Struct {
	outer, inner, deeper := strings.Cut(path, ".")
	value := structpb.NewNullValue()
	if deeper {
		value = structpb.NewStructValue(nested(inner))
		if strings.HasSuffix(outer, "Specs") {
			value = structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{value}})
		}
	}
	return &structpb.Struct{Fields: map[string]*structpb.Value{outer: value}}
}
