// Package subnets decides which subnets awsx:ec2:Vpc of pulumi-awsx 2.22.0 makes of a VPC: their CIDR blocks, names and
// order, and the arguments it refuses. It is plain arithmetic over plain values.
//
// Behaviour documented at https://www.pulumi.com/registry/packages/awsx/api-docs/ec2/vpc/ (Subnet Layout Strategies).
package subnets

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Type is what a subnet's route to the internet is.
type Type string

// The types of a subnet spec. Unused names address space that stays empty.
const (
	Public   Type = "Public"
	Private  Type = "Private"
	Isolated Type = "Isolated"
	Unused   Type = "Unused"
)

// Strategy is how address space is divided among the subnets of a zone.
type Strategy string

// The strategies. Legacy is the default: private, then public, then isolated subnets, whatever blocks were stated. Auto
// follows the order of the specs, or the stated blocks. Exact is Auto that leaves no gap.
const (
	Legacy Strategy = "Legacy"
	Auto   Strategy = "Auto"
	Exact  Strategy = "Exact"
)

// Spec is one subnet in every zone.
type Spec struct {
	Type Type
	// Name is the middle part of the subnets' names; nil is the type in lower case.
	Name *string
	// CIDRBlocks has one block a zone. When any spec has blocks, all must.
	CIDRBlocks []string
	// CIDRMask and Size state the same thing: the bits of the network mask, and the number of addresses.
	CIDRMask, Size *int
}

// Request is the part of the component's arguments that decides the subnets.
type Request struct {
	// VPCName begins every name; VPCBlock is the VPC's CIDR block.
	VPCName, VPCBlock string
	// Zones are in the order that numbers the subnets: the first zone's end in -1.
	Zones []string
	// Specs is nil when none were given: then a private and a public subnet a zone are made.
	Specs    []Spec
	Strategy Strategy
	// ZoneMask is the mask of a zone's block under Auto and Exact; nil divides the VPC evenly.
	ZoneMask *int
	NAT      NATStrategy
}

// Subnet is one subnet, or one unused block, of one zone.
type Subnet struct {
	Name      string
	Zone      string
	Type      Type
	CIDRBlock string
	// Spec is the index of the spec it came from, or -1 when none were given.
	Spec int
}

// Plan is what awsx makes of a Request.
type Plan struct {
	// Subnets are in order of allocation, unused ones included.
	Subnets []Subnet
	// Layout is the component's subnetLayout output.
	Layout []Spec
}

// InZone is the subnets that exist in a zone in the order of their creation: public, private, isolated, and within a
// type the order of allocation. Unused blocks are left out.
func (p Plan) InZone(zone string) []Subnet {
	var found []Subnet
	for _, subnet := range p.Subnets {
		if subnet.Zone == zone && subnet.Type != Unused {
			found = append(found, subnet)
		}
	}
	slices.SortStableFunc(found, func(a, b Subnet) int { return rank(a.Type) - rank(b.Type) })
	return found
}

func rank(kind Type) int { return slices.Index([]Type{Public, Private, Isolated}, kind) }

// New is the plan for a request, or an error in the words of awsx: specs that contradict themselves or the zones,
// subnets too large for the VPC, overlaps, gaps under Exact, and NAT gateways without the subnets that they need.
func New(request Request) (Plan, error) {
	if err := validTypes(request); err != nil {
		return Plan{}, err
	}
	specs, explicit, err := normalize(request.Specs, len(request.Zones))
	if err != nil {
		return Plan{}, err
	}
	request.Specs = specs
	plan, err := allocate(request, explicit)
	if err != nil {
		return Plan{}, err
	}
	if err := refuseOverlaps(plan.Subnets); err != nil {
		return Plan{}, err
	}
	if request.Strategy == Exact {
		if err := refuseGaps(request.VPCBlock, plan.Subnets); err != nil {
			return Plan{}, err
		}
	}
	return plan, validNAT(request.NAT, plan.Subnets)
}

// allocate picks the allocator as awsx does: with no specs, only Auto uses the new one.
func allocate(request Request, explicit bool) (Plan, error) {
	legacy := request.Strategy == Legacy || (request.Specs == nil && request.Strategy != Auto)
	if len(request.Zones) == 0 && (legacy || request.Strategy == Exact) {
		return Plan{}, errors.New("no availability zones: give at least one in availabilityZoneNames")
	}
	var plan Plan
	var err error
	switch {
	case legacy:
		plan.Subnets, err = allocateLegacy(request)
	case explicit:
		plan.Subnets = allocateExplicit(request)
	default:
		plan.Subnets, err = allocateInOrder(request)
	}
	if err != nil {
		return Plan{}, err
	}
	plan.Layout = request.Specs
	if legacy || request.Specs == nil {
		plan.Layout, err = layoutOf(plan.Subnets, len(request.Zones))
	}
	return plan, err
}

// allocateExplicit uses the stated blocks, zone by zone.
func allocateExplicit(request Request) []Subnet {
	var planned []Subnet
	for zone := range request.Zones {
		for index, spec := range request.Specs {
			planned = append(planned, request.subnet(zone, index, spec, spec.CIDRBlocks[zone]))
		}
	}
	return planned
}

// subnet is the subnet of a spec in a zone. Its name counts zones by position from 1, so a zone appended at the end
// renames nothing.
func (r Request) subnet(zone, index int, spec Spec, block string) Subnet {
	middle := strings.ToLower(string(spec.Type))
	if spec.Name != nil {
		middle = *spec.Name
	}
	return Subnet{
		Name:      fmt.Sprintf("%s-%s-%d", r.VPCName, middle, zone+1),
		Zone:      r.Zones[zone],
		Type:      spec.Type,
		CIDRBlock: block,
		Spec:      index,
	}
}
