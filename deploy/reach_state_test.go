package deploy_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/internal/iameval"
)

// reachable is what an exported state says about who can open connections to what. It reads the resources' outputs alone and
// knows nothing of the components that asked for them.
type reachable struct {
	subnets   map[string]subnetMade
	tables    map[string]string // subnet -> route table
	endpoints []endpointMade
	ingress   []ruleMade
	egress    []ruleMade
	groups    []groupMade
	policies  map[string][]iameval.Policy // role -> its policies
	roles     map[string]roleMade         // component -> role
}

type subnetMade struct {
	Zone  string            `json:"availabilityZone"`
	VPC   string            `json:"vpcId"`
	Block string            `json:"cidrBlock"`
	Tags  map[string]string `json:"tags"`
}

type endpointMade struct {
	id         string
	Service    string   `json:"serviceName"`
	Type       string   `json:"vpcEndpointType"`
	VPC        string   `json:"vpcId"`
	Subnets    []string `json:"subnetIds"`
	Groups     []string `json:"securityGroupIds"`
	Tables     []string `json:"routeTableIds"`
	PrivateDNS bool     `json:"privateDnsEnabled"`
	PrefixList string   `json:"prefixListId"`
	Policy     string   `json:"policy"`
}

type ruleMade struct {
	Group      string `json:"securityGroupId"`
	Block      string `json:"cidrIpv4"`
	Other      string `json:"referencedSecurityGroupId"`
	PrefixList string `json:"prefixListId"`
	Protocol   string `json:"ipProtocol"`
	From       int    `json:"fromPort"`
	To         int    `json:"toPort"`
}

// groupMade is the instances of one service: where they stand, and with which security groups.
type groupMade struct {
	component string
	Subnets   []string `json:"vpcZoneIdentifiers"`
	Mixed     struct {
		Template struct {
			Specification struct {
				ID string `json:"launchTemplateId"`
			} `json:"launchTemplateSpecification"`
		} `json:"launchTemplate"`
	} `json:"mixedInstancesPolicy"`
	securityGroups []string
}

type roleMade struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

func readReachable(state *deploy.State) (*reachable, error) {
	r := &reachable{
		subnets: map[string]subnetMade{}, tables: map[string]string{}, policies: map[string][]iameval.Policy{}, roles: map[string]roleMade{},
	}
	templates := map[string][]string{}
	for _, resource := range state.Resources {
		if err := r.read(state, resource, templates); err != nil {
			return nil, err
		}
	}
	for i, group := range r.groups {
		r.groups[i].securityGroups = templates[group.Mixed.Template.Specification.ID]
	}
	return r, nil
}

func (r *reachable) read(state *deploy.State, resource deploy.Resource, templates map[string][]string) (err error) {
	into := func(target any) bool {
		err = json.Unmarshal(resource.Outputs, target)
		return err == nil
	}
	component, _ := state.Component(resource.URN)
	switch resource.Type {
	case "aws:ec2/subnet:Subnet":
		if made := (subnetMade{}); into(&made) {
			r.subnets[resource.ID] = made
		}
	case "aws:ec2/routeTableAssociation:RouteTableAssociation":
		if made := (struct{ SubnetID, RouteTableID string }{}); into(&made) {
			r.tables[made.SubnetID] = made.RouteTableID
		}
	case "aws:ec2/vpcEndpoint:VpcEndpoint":
		if made := (endpointMade{id: resource.ID}); into(&made) {
			r.endpoints = append(r.endpoints, made)
		}
	case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
		if made := (ruleMade{}); into(&made) {
			r.ingress = append(r.ingress, made)
		}
	case "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":
		if made := (ruleMade{}); into(&made) {
			r.egress = append(r.egress, made)
		}
	case "aws:autoscaling/group:Group":
		if made := (groupMade{component: component}); into(&made) {
			r.groups = append(r.groups, made)
		}
	case "aws:ec2/launchTemplate:LaunchTemplate":
		made := struct {
			NetworkInterfaces []struct{ SecurityGroups []string }
		}{}
		if into(&made) {
			for _, each := range made.NetworkInterfaces {
				templates[resource.ID] = append(templates[resource.ID], each.SecurityGroups...)
			}
		}
	case "aws:iam/role:Role":
		if made := (roleMade{}); into(&made) {
			r.roles[component] = made
		}
	case "aws:iam/rolePolicy:RolePolicy":
		made := struct{ Role, Policy string }{}
		if into(&made) {
			var policy iameval.Policy
			policy, err = iameval.ParseIdentity(made.Policy)
			r.policies[made.Role] = append(r.policies[made.Role], policy)
		}
	}
	return err
}

// zonesOf are the zones in which a VPC has private subnets.
func (r *reachable) zonesOf(vpc string) []string {
	var zones []string
	for _, subnet := range r.subnets {
		if subnet.VPC == vpc && subnet.Tags["SubnetType"] == "Private" {
			zones = append(zones, subnet.Zone)
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// endpoint is the endpoint of a service in a VPC, by the last part of the service's name.
func (r *reachable) endpoint(vpc, service, kind string) (endpointMade, bool) {
	for _, each := range r.endpoints {
		if each.VPC == vpc && each.Type == kind && strings.HasSuffix(each.Service, ".amazonaws.eu-central-1."+service) {
			return each, true
		}
	}
	return endpointMade{}, false
}

func (rule ruleMade) admitsHTTPS() bool {
	return rule.Protocol == "tcp" && rule.From <= 443 && 443 <= rule.To
}

// opens says whether instances with some of the groups, at an address of the block, can open HTTPS connections to interfaces that
// have the endpoint's groups: their own groups must let them out, and the endpoint's must let them in.
func (r *reachable) opens(groups []string, block string, endpoint endpointMade) bool {
	out := slices.ContainsFunc(r.egress, func(rule ruleMade) bool {
		return slices.Contains(groups, rule.Group) && rule.admitsHTTPS() && slices.Contains(endpoint.Groups, rule.Other)
	})
	in := slices.ContainsFunc(r.ingress, func(rule ruleMade) bool {
		return slices.Contains(endpoint.Groups, rule.Group) && rule.admitsHTTPS() &&
			(slices.Contains(groups, rule.Other) || covers(rule.Block, block))
	})
	return out && in
}

// opensList says whether instances with some of the groups can open HTTPS connections to the addresses of a prefix list.
func (r *reachable) opensList(groups []string, list string) bool {
	return list != "" && slices.ContainsFunc(r.egress, func(rule ruleMade) bool {
		return slices.Contains(groups, rule.Group) && rule.admitsHTTPS() && rule.PrefixList == list
	})
}

func covers(outer, inner string) bool {
	whole, err := netip.ParsePrefix(outer)
	part, errPart := netip.ParsePrefix(inner)
	return err == nil && errPart == nil && whole.Bits() <= part.Bits() && whole.Contains(part.Addr())
}
