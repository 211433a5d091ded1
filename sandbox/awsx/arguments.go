package awsx

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/aplomb-iac/aplomb/sandbox/awsx/subnets"
)

const (
	vpcType = "awsx:ec2:Vpc"
	// defaultBlock and defaultZones are what awsx uses when neither blocks nor zones are given.
	defaultBlock = "10.0.0.0/16"
	defaultZones = 3
)

// vpcArgs is the arguments of awsx:ec2:Vpc. It stands beside the SDK's own VpcArgs because decoding a Construct request
// goes by `pulumi` tags, which generated argument structs lack: decoding into those sets nothing and reports nothing. A
// test holds its properties equal to the SDK's.
type vpcArgs struct {
	AssignGeneratedIpv6CidrBlock     pulumi.BoolPtrInput   `pulumi:"assignGeneratedIpv6CidrBlock"`
	AvailabilityZoneCidrMask         *int                  `pulumi:"availabilityZoneCidrMask"`
	AvailabilityZoneNames            []string              `pulumi:"availabilityZoneNames"`
	CidrBlock                        *string               `pulumi:"cidrBlock"`
	EnableDnsHostnames               pulumi.BoolPtrInput   `pulumi:"enableDnsHostnames"`
	EnableDnsSupport                 pulumi.BoolPtrInput   `pulumi:"enableDnsSupport"`
	EnableNetworkAddressUsageMetrics pulumi.BoolPtrInput   `pulumi:"enableNetworkAddressUsageMetrics"`
	InstanceTenancy                  pulumi.StringPtrInput `pulumi:"instanceTenancy"`
	Ipv4IpamPoolId                   pulumi.StringPtrInput `pulumi:"ipv4IpamPoolId"`
	Ipv4NetmaskLength                pulumi.IntPtrInput    `pulumi:"ipv4NetmaskLength"`
	Ipv6CidrBlock                    pulumi.StringPtrInput `pulumi:"ipv6CidrBlock"`
	Ipv6CidrBlockNetworkBorderGroup  pulumi.StringPtrInput `pulumi:"ipv6CidrBlockNetworkBorderGroup"`
	Ipv6IpamPoolId                   pulumi.StringPtrInput `pulumi:"ipv6IpamPoolId"`
	Ipv6NetmaskLength                pulumi.IntPtrInput    `pulumi:"ipv6NetmaskLength"`
	NatGateways                      *natArgs              `pulumi:"natGateways"`
	NumberOfAvailabilityZones        *int                  `pulumi:"numberOfAvailabilityZones"`
	SubnetSpecs                      []specArgs            `pulumi:"subnetSpecs"`
	SubnetStrategy                   *string               `pulumi:"subnetStrategy"`
	Tags                             pulumi.StringMapInput `pulumi:"tags"`
	VpcEndpointSpecs                 []endpointArgs        `pulumi:"vpcEndpointSpecs"`
}

// natArgs is the natGateways argument.
type natArgs struct {
	ElasticIpAllocationIds []pulumi.StringInput `pulumi:"elasticIpAllocationIds"`
	Strategy               *string              `pulumi:"strategy"`
}

// specArgs is an element of the subnetSpecs argument.
type specArgs struct {
	CidrBlocks []string              `pulumi:"cidrBlocks"`
	CidrMask   *int                  `pulumi:"cidrMask"`
	Name       *string               `pulumi:"name"`
	Size       *int                  `pulumi:"size"`
	Tags       pulumi.StringMapInput `pulumi:"tags"`
	Type       string                `pulumi:"type"`
}

// endpointArgs is an element of the vpcEndpointSpecs argument.
type endpointArgs struct {
	AutoAccept           *bool                   `pulumi:"autoAccept"`
	DnsOptions           pulumi.MapInput         `pulumi:"dnsOptions"`
	IpAddressType        pulumi.StringPtrInput   `pulumi:"ipAddressType"`
	Policy               pulumi.StringPtrInput   `pulumi:"policy"`
	PrivateDnsEnabled    *bool                   `pulumi:"privateDnsEnabled"`
	RouteTableIds        pulumi.StringArrayInput `pulumi:"routeTableIds"`
	SecurityGroupIds     pulumi.StringArrayInput `pulumi:"securityGroupIds"`
	ServiceName          string                  `pulumi:"serviceName"`
	ServiceRegion        pulumi.StringPtrInput   `pulumi:"serviceRegion"`
	SubnetConfigurations pulumi.ArrayInput       `pulumi:"subnetConfigurations"`
	SubnetIds            pulumi.StringArrayInput `pulumi:"subnetIds"`
	Tags                 pulumi.StringMapInput   `pulumi:"tags"`
	VpcEndpointType      pulumi.StringPtrInput   `pulumi:"vpcEndpointType"`
}

// validate refuses the combinations that awsx refuses before it looks at subnets, and what the sandbox cannot answer: an
// address pool of IPAM, and the endpoint options that awsx 2.22.0 accepts but never hands on.
func (a vpcArgs) validate() error {
	if a.Ipv4IpamPoolId != nil {
		if a.CidrBlock != nil && a.Ipv4NetmaskLength != nil {
			return errors.New("only one of 'cidrBlock', 'ipv4NetmaskLength' is allowed")
		}
		if a.CidrBlock == nil && a.Ipv4NetmaskLength == nil {
			return errors.New("if 'ipv4IpamPoolId' is specified, 'ipv4NetmaskLength' or 'cidrBlock' must also be specified")
		}
		return errors.New("ipv4IpamPoolId: the sandbox has no IPAM pools; state the VPC's cidrBlock instead")
	}
	if a.AvailabilityZoneNames != nil && a.NumberOfAvailabilityZones != nil && *a.NumberOfAvailabilityZones != 0 {
		return errors.New("only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified")
	}
	for index, endpoint := range a.VpcEndpointSpecs {
		if endpoint.DnsOptions != nil || endpoint.IpAddressType != nil || endpoint.ServiceRegion != nil || endpoint.SubnetConfigurations != nil {
			return fmt.Errorf("vpcEndpointSpecs[%d]: awsx %s drops dnsOptions, ipAddressType, serviceRegion and subnetConfigurations silently; create the aws.ec2.VpcEndpoint itself", index, Version)
		}
	}
	return nil
}

// request is the part of the arguments that decides the subnets, defaults filled in.
func (a vpcArgs) request(name string, zones []string) subnets.Request {
	request := subnets.Request{
		VPCName: name, VPCBlock: defaultBlock, Zones: zones,
		Strategy: subnets.Legacy, ZoneMask: a.AvailabilityZoneCidrMask, NAT: a.natStrategy(),
	}
	if a.CidrBlock != nil {
		request.VPCBlock = *a.CidrBlock
	}
	if a.SubnetStrategy != nil {
		request.Strategy = subnets.Strategy(*a.SubnetStrategy)
	}
	if a.SubnetSpecs != nil {
		request.Specs = make([]subnets.Spec, len(a.SubnetSpecs))
	}
	for index, spec := range a.SubnetSpecs {
		request.Specs[index] = subnets.Spec{
			Type: subnets.Type(spec.Type), Name: spec.Name, CIDRBlocks: spec.CidrBlocks, CIDRMask: spec.CidrMask, Size: spec.Size,
		}
	}
	return request
}

func (a vpcArgs) natStrategy() subnets.NATStrategy {
	if a.NatGateways == nil || a.NatGateways.Strategy == nil {
		return subnets.NATOnePerAz
	}
	return subnets.NATStrategy(*a.NatGateways.Strategy)
}

func (a vpcArgs) allocations() []pulumi.StringInput {
	if a.NatGateways == nil {
		return nil
	}
	return a.NatGateways.ElasticIpAllocationIds
}

// refuseUnknownArguments is an error for the first argument, at any depth, that awsx:ec2:Vpc does not have. Decoding
// alone would pass over it in silence.
func refuseUnknownArguments(given *structpb.Struct) error {
	return refuseUnknown(given, reflect.TypeFor[vpcArgs](), "")
}

func refuseUnknown(given *structpb.Struct, known reflect.Type, path string) error {
	names := make([]string, 0, known.NumField())
	types := map[string]reflect.Type{}
	for index := range known.NumField() {
		name := known.Field(index).Tag.Get("pulumi")
		names = append(names, name)
		types[name] = known.Field(index).Type
	}
	for _, name := range slices.Sorted(maps.Keys(given.GetFields())) {
		if strings.HasPrefix(name, "__") {
			continue // the engine's own keys, not arguments
		}
		if types[name] == nil {
			return fmt.Errorf("unknown argument %s: awsx %s has %s", path+name, Version, strings.Join(names, ", "))
		}
		if err := refuseUnknownIn(given.GetFields()[name], types[name], path+name); err != nil {
			return err
		}
	}
	return nil
}

// refuseUnknownIn descends into the structs of this package, plain or in a list. Everything else is decoded by type.
func refuseUnknownIn(value *structpb.Value, known reflect.Type, path string) error {
	switch known.Kind() {
	case reflect.Pointer:
		return refuseUnknownIn(value, known.Elem(), path)
	case reflect.Slice:
		for index, element := range value.GetListValue().GetValues() {
			if err := refuseUnknownIn(element, known.Elem(), fmt.Sprintf("%s[%d]", path, index)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if value.GetStructValue() != nil {
			return refuseUnknown(value.GetStructValue(), known, path+".")
		}
	default: // a scalar or an Input of the SDK
	}
	return nil
}
