// Package where tells what stands in which Availability Zone, from a stack's state alone: what was configured does not count,
// only what the engine says is there.
package where

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/deploy"
)

// Map is what stands where. Zones are sorted; everything by zone is in their order.
type Map struct {
	Zones    []string  `json:"zones"`
	VPC      VPC       `json:"vpc"`
	Tiers    []Tier    `json:"tiers"`
	WayOut   []NAT     `json:"wayOut"`
	Services []Service `json:"services"`
	// Resources is how many AWS resources the stack has, and All how many in all: with its components and its provider, which
	// are what an up counts.
	Resources int `json:"resources"`
	All       int `json:"all"`
}

// VPC is the network.
type VPC struct {
	ID   string `json:"id"`
	CIDR string `json:"cidr"`
}

// Tier is one kind of subnet.
type Tier struct {
	Name string `json:"name"`
	// CIDRs are the subnets' blocks by zone, empty where there is none.
	CIDRs []string `json:"cidrs"`
}

// NAT is how the instances of one zone reach the internet.
type NAT struct {
	// Gateway is the id of the NAT gateway that the zone's private subnet is routed to, empty when it has none.
	Gateway string `json:"gateway,omitempty"`
	// Zone is where that gateway stands. It is another zone's when they share one.
	Zone string `json:"zone,omitempty"`
}

// Service is a load balancer and the fleet behind it.
type Service struct {
	Name     string `json:"name"`
	Internal bool   `json:"internal"`
	DNS      string `json:"dns"`
	// Nodes says in which zones the load balancer has a node.
	Nodes []bool `json:"nodes"`
	// Spread says over which zones the group launches instances.
	Spread []bool `json:"spread"`
	// Fleet is how many instances the group keeps running, Least how few its configuration allows, and Types are what it
	// launches, most wanted first. After a lower peak the group runs more than it must until its scaling lets some go.
	Fleet int      `json:"fleet"`
	Least int      `json:"least"`
	Types []string `json:"types"`
}

// PerZone is how many instances one zone holds: at least low, and high in as many zones as the division leaves over. A group
// balances its instances over its zones.
func (s Service) PerZone() (low, high int) {
	zones := s.zones()
	if zones == 0 {
		return 0, 0
	}
	low = s.Fleet / zones
	if s.Fleet%zones == 0 {
		return low, low
	}
	return low, low + 1
}

// LeftWithoutOneZone is how many instances are left when the zone that holds most of them is lost.
func (s Service) LeftWithoutOneZone() int {
	_, high := s.PerZone()
	return s.Fleet - high
}

func (s Service) zones() int {
	zones := 0
	for _, spread := range s.Spread {
		if spread {
			zones++
		}
	}
	return zones
}

const (
	// siteType is the component whose network waits in another Region, where nothing of the map stands.
	siteType        = "aplomb:components:RecoverySite"
	vpcType         = "aws:ec2/vpc:Vpc"
	subnetType      = "aws:ec2/subnet:Subnet"
	natType         = "aws:ec2/natGateway:NatGateway"
	routeType       = "aws:ec2/route:Route"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	balancerType    = "aws:lb/loadBalancer:LoadBalancer"
	groupType       = "aws:autoscaling/group:Group"
)

type subnet struct {
	Zone string            `json:"availabilityZone"`
	CIDR string            `json:"cidrBlock"`
	Tags map[string]string `json:"tags"`
	id   string
}

type balancer struct {
	Internal bool     `json:"internal"`
	DNS      string   `json:"dnsName"`
	Subnets  []string `json:"subnets"`
}

type group struct {
	Subnets []string `json:"vpcZoneIdentifiers"`
	Min     int      `json:"minSize"`
	Desired int      `json:"desiredCapacity"`
	Mixed   *struct {
		LaunchTemplate struct {
			Overrides []struct {
				InstanceType string `json:"instanceType"`
			} `json:"overrides"`
		} `json:"launchTemplate"`
	} `json:"mixedInstancesPolicy"`
}

// FromState reads a stack's state. A resource whose properties are not what AWS's types say is an error that names it.
func FromState(state *deploy.State) (*Map, error) {
	found := &reader{state: state, subnets: map[string]subnet{}}
	if err := found.readNetwork(); err != nil {
		return nil, err
	}
	made := &found.made
	made.Zones, made.All = found.zones(), state.Counted()
	found.tiers()
	if err := found.wayOut(); err != nil {
		return nil, err
	}
	return made, found.services()
}

type reader struct {
	state   *deploy.State
	made    Map
	subnets map[string]subnet // by id
	order   []subnet          // as in the state
}

func decode(resource deploy.Resource, into any) error {
	if err := json.Unmarshal(resource.Outputs, into); err != nil {
		return fmt.Errorf("%s in the state: %w", resource.Name(), err)
	}
	return nil
}

func (r *reader) readNetwork() error {
	for _, resource := range r.state.Resources {
		if resource.Delete {
			continue
		}
		if resource.Custom && len(resource.Type) > 4 && resource.Type[:4] == "aws:" {
			r.made.Resources++
		}
		if _, component := r.state.Component(resource.URN); component == siteType {
			continue
		}
		switch resource.Type {
		case vpcType:
			vpc := struct {
				CIDR string `json:"cidrBlock"`
			}{}
			if err := decode(resource, &vpc); err != nil {
				return err
			}
			r.made.VPC = VPC{ID: resource.ID, CIDR: vpc.CIDR}
		case subnetType:
			subnet := subnet{id: resource.ID}
			if err := decode(resource, &subnet); err != nil {
				return err
			}
			r.subnets[resource.ID] = subnet
			r.order = append(r.order, subnet)
		}
	}
	return nil
}

func (r *reader) zones() []string {
	zones := []string{}
	for _, subnet := range r.order {
		zones = append(zones, subnet.Zone)
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// tierNames are the kinds of subnet that awsx marks with the tag SubnetType, from the outside in.
var tierNames = []string{"Public", "Private", "Isolated"}

func (r *reader) tiers() {
	for _, name := range tierNames {
		tier, any := Tier{Name: name, CIDRs: make([]string, len(r.made.Zones))}, false
		for _, subnet := range r.order {
			if subnet.Tags["SubnetType"] == name {
				tier.CIDRs[slices.Index(r.made.Zones, subnet.Zone)], any = subnet.CIDR, true
			}
		}
		if any {
			r.made.Tiers = append(r.made.Tiers, tier)
		}
	}
}

// wayOut follows each private subnet's route table to its NAT gateway.
func (r *reader) wayOut() error {
	zoneOfGateway, gatewayOfTable, tableOfSubnet := map[string]string{}, map[string]string{}, map[string]string{}
	for _, resource := range r.state.Resources {
		var link struct {
			Subnet  string `json:"subnetId"`
			Table   string `json:"routeTableId"`
			Gateway string `json:"natGatewayId"`
		}
		switch resource.Type {
		case natType, routeType, associationType:
			if err := decode(resource, &link); err != nil {
				return err
			}
		}
		switch resource.Type {
		case natType:
			zoneOfGateway[resource.ID] = r.subnets[link.Subnet].Zone
		case routeType:
			if link.Gateway != "" {
				gatewayOfTable[link.Table] = link.Gateway
			}
		case associationType:
			tableOfSubnet[link.Subnet] = link.Table
		}
	}
	r.made.WayOut = make([]NAT, len(r.made.Zones))
	for _, subnet := range r.order {
		if gateway := gatewayOfTable[tableOfSubnet[subnet.id]]; gateway != "" {
			r.made.WayOut[slices.Index(r.made.Zones, subnet.Zone)] = NAT{Gateway: gateway, Zone: zoneOfGateway[gateway]}
		}
	}
	return nil
}

// services pairs the load balancers and the groups of each component.
func (r *reader) services() error {
	byName := map[string]*Service{}
	service := func(resource deploy.Resource) *Service {
		name, _ := r.state.Component(resource.URN)
		if name == "" {
			name = resource.Name()
		}
		if byName[name] == nil {
			byName[name] = &Service{Name: name, Nodes: make([]bool, len(r.made.Zones)), Spread: make([]bool, len(r.made.Zones))}
		}
		return byName[name]
	}
	for _, resource := range r.state.Resources {
		switch {
		case resource.Delete:
		case resource.Type == balancerType:
			var is balancer
			if err := decode(resource, &is); err != nil {
				return err
			}
			into := service(resource)
			into.Internal, into.DNS = is.Internal, is.DNS
			r.mark(into.Nodes, is.Subnets)
		case resource.Type == groupType:
			var is group
			if err := decode(resource, &is); err != nil {
				return err
			}
			into := service(resource)
			into.Fleet, into.Least = max(is.Min, is.Desired), is.Min
			into.Types = is.types()
			r.mark(into.Spread, is.Subnets)
		}
	}
	for _, service := range byName {
		r.made.Services = append(r.made.Services, *service)
	}
	slices.SortFunc(r.made.Services, func(a, b Service) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

func (r *reader) mark(zones []bool, subnets []string) {
	for _, id := range subnets {
		if at := slices.Index(r.made.Zones, r.subnets[id].Zone); at >= 0 {
			zones[at] = true
		}
	}
}

func (g group) types() []string {
	types := []string{}
	if g.Mixed != nil {
		for _, override := range g.Mixed.LaunchTemplate.Overrides {
			types = append(types, override.InstanceType)
		}
	}
	return types
}
