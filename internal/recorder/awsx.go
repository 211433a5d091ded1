package recorder

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// What the strategies of awsx are called.
const (
	natNone     = "None"
	natSingle   = "Single"
	natOnePerAZ = "OnePerAz"
)

// awsxSpec is one entry of subnetSpecs.
type awsxSpec struct {
	kind, name string
	cidrs      []netip.Prefix
}

const awsxVPCToken = "awsx:ec2:Vpc"

// builtVPC answers the remote component awsx:ec2:Vpc as its plugin would in zones that are named and with blocks that are
// given: ids by type in the order of the zones, and the route tables. Its other lists of resources (vpc, subnets, natGateways)
// stay unset: use the ids.
// Source: https://github.com/pulumi/pulumi-awsx/blob/v2.22.0/awsx/ec2/vpc.ts
func (m *monitor) builtVPC(p place) (string, resource.PropertyMap, error) {
	id, answer, err := awsxVPC(p)
	if err != nil {
		return "", nil, err
	}
	answer["routeTables"], err = m.routeTables(p.Resource, answer["vpcId"].StringValue())
	return id, answer, err
}

func awsxVPC(p place) (string, resource.PropertyMap, error) {
	zones, err := p.zones()
	if err != nil {
		return "", nil, err
	}
	specs, err := p.specs(len(zones))
	if err != nil {
		return "", nil, err
	}
	if err := p.checkNAT(specs); err != nil {
		return "", nil, err
	}
	ids := map[string][]string{"Public": {}, "Private": {}, "Isolated": {}}
	for index := range zones {
		for _, spec := range specs {
			if spec.kind != "Unused" {
				ids[spec.kind] = append(ids[spec.kind], p.subnetID(spec, index))
			}
		}
	}
	answer := p.layout()
	answer["vpcId"] = resource.NewProperty(p.ec2ID("vpc"))
	answer["publicSubnetIds"] = texts(ids["Public"])
	answer["privateSubnetIds"] = texts(ids["Private"])
	answer["isolatedSubnetIds"] = texts(ids["Isolated"])
	return "", answer, nil
}

func (p place) subnetID(spec awsxSpec, zone int) string {
	return "subnet-0" + p.hex(subnetName(p.Name, spec, zone), 16)
}

// ZoneOf is the Availability Zone of a subnet that one of the recorded VPCs answered with, by the subnet's id.
func (r *Recording) ZoneOf(t TB, subnet string) string {
	t.Helper()
	for _, vpc := range r.OfType(awsxVPCToken) {
		p := place{Resource: vpc}
		zones, _ := p.zones()
		specs, _ := p.specs(len(zones)) // a VPC without either was refused when it was registered
		for index, zone := range zones {
			for _, spec := range specs {
				if p.subnetID(spec, index) == subnet {
					return zone
				}
			}
		}
	}
	t.Fatalf("no VPC of the recording has a subnet %s", subnet)
	return ""
}

// subnetName is what the plugin calls a subnet, and its route table too.
func subnetName(vpc string, spec awsxSpec, zone int) string {
	return vpc + "-" + spec.name + "-" + strconv.Itoa(zone+1)
}

// previewed is what a preview knows of a remote component: nothing with an id in it but how many route tables there will be.
func (m *monitor) previewed(r *Resource) (resource.PropertyMap, error) {
	if r.Type != awsxVPCToken {
		return nil, nil
	}
	known := place{Resource: r}.layout()
	tables, err := m.routeTables(r, "")
	known["routeTables"] = tables
	return known, err
}

// layout is what the component says about its subnets without having created any.
func (p place) layout() resource.PropertyMap {
	layout := []resource.PropertyValue{}
	if specs, _ := p.find("subnetSpecs"); specs.exists && specs.value.IsArray() {
		layout = specs.value.ArrayValue()
	}
	return resource.PropertyMap{
		"subnetLayout": resource.NewProperty(layout),
		"vpcEndpoints": resource.NewProperty([]resource.PropertyValue{}),
	}
}

func (p place) zones() ([]string, error) {
	names := p.list("availabilityZoneNames")
	if count, _ := p.find("numberOfAvailabilityZones"); count.exists {
		if len(names) > 0 {
			return nil, errors.New("only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified")
		}
		return nil, errors.New("the recorder knows no zones: name them in availabilityZoneNames")
	}
	if len(names) == 0 {
		return nil, errors.New("the recorder knows no zones: name them in availabilityZoneNames")
	}
	return names, nil
}

// specs reads subnetSpecs, in the order in which the component creates the subnets of a zone.
func (p place) specs(zones int) ([]awsxSpec, error) {
	entries, _ := p.find("subnetSpecs")
	if !entries.exists || !entries.value.IsArray() {
		return nil, errors.New("the recorder computes no blocks: state subnetSpecs with cidrBlocks")
	}
	if strategy := p.text("subnetStrategy"); strategy != "Auto" && strategy != "Exact" {
		return nil, fmt.Errorf("subnetStrategy %q ignores cidrBlocks; state Auto", strategy)
	}
	byKind := map[string][]awsxSpec{}
	var all []awsxSpec
	for index := range entries.value.ArrayValue() {
		spec, err := p.spec(fmt.Sprintf("subnetSpecs[%d]", index), zones)
		if err != nil {
			return nil, err
		}
		byKind[spec.kind] = append(byKind[spec.kind], spec)
		all = append(all, spec)
	}
	if err := overlap(all); err != nil {
		return nil, err
	}
	var ordered []awsxSpec
	for _, kind := range []string{"Public", "Private", "Isolated"} {
		ordered = append(ordered, byKind[kind]...)
	}
	return ordered, nil
}

func (p place) spec(path string, zones int) (awsxSpec, error) {
	spec := awsxSpec{kind: p.text(path + ".type"), name: p.text(path + ".name")}
	switch spec.kind {
	case "Public", "Private", "Isolated", "Unused":
	default:
		return spec, fmt.Errorf("%s.type %q is not a type of subnet", path, spec.kind)
	}
	if spec.name == "" {
		spec.name = strings.ToLower(spec.kind)
	}
	blocks := p.list(path + ".cidrBlocks")
	if len(blocks) == 0 {
		return spec, errors.New("if any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks")
	}
	if len(blocks) != zones {
		return spec, fmt.Errorf("the number of CIDR blocks in %s must match the number of availability zones (%d)", path, zones)
	}
	for _, block := range blocks {
		prefix, err := netip.ParsePrefix(block)
		if err != nil {
			return spec, fmt.Errorf("%s.cidrBlocks: %w", path, err)
		}
		spec.cidrs = append(spec.cidrs, prefix)
	}
	return spec, nil
}

func overlap(specs []awsxSpec) error {
	var all []netip.Prefix
	for _, spec := range specs {
		for _, block := range spec.cidrs {
			for _, other := range all {
				if other.Overlaps(block) {
					return fmt.Errorf("the blocks %s and %s of the subnets overlap", other, block)
				}
			}
			all = append(all, block)
		}
	}
	return nil
}

func (p place) checkNAT(specs []awsxSpec) error {
	strategy := p.text("natGateways.strategy")
	switch strategy {
	case natNone:
		return nil
	case natSingle, natOnePerAZ, "":
	default:
		return fmt.Errorf("natGateways.strategy %q is not a strategy", strategy)
	}
	public, private := false, false
	for _, spec := range specs {
		public = public || spec.kind == "Public"
		private = private || spec.kind == "Private"
	}
	if !public || !private {
		return errors.New("NAT gateways need at least one public and one private subnet; state the strategy None")
	}
	return nil
}

// list is the strings at path, or nil.
func (r *Resource) list(path string) []string {
	found, err := r.find(path)
	if err != nil || !found.exists || !found.value.IsArray() {
		return nil
	}
	var values []string
	for _, element := range found.value.ArrayValue() {
		if element.IsString() {
			values = append(values, element.StringValue())
		}
	}
	return values
}
