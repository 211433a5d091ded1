// Layer: rules (pure).
package where_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/cmd/aplomb/internal/where"
	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type resource map[string]any

const prefix = "urn:pulumi:prod::aplomb::"

// in is a resource of the component that is its parent.
func in(parent, typ, id string, outputs map[string]any) resource {
	return resource{
		"urn": prefix + typ + "::" + id, "type": typ, "id": id, "custom": true, "parent": parent, "outputs": outputs,
	}
}

func component(typ, name string) resource {
	return resource{"urn": prefix + typ + "::" + name, "type": typ, "parent": prefix + "pulumi:pulumi:Stack::aplomb-prod"}
}

func (r resource) urn() string { return r["urn"].(string) }

func stateOf(t require.TestingT, resources ...resource) *deploy.State {
	root := resource{"urn": prefix + "pulumi:pulumi:Stack::aplomb-prod", "type": "pulumi:pulumi:Stack"}
	text, err := json.Marshal(map[string]any{
		"version": 3, "deployment": map[string]any{"resources": append([]resource{root}, resources...)},
	})
	require.NoError(t, err)
	state, err := deploy.ParseState(text)
	require.NoError(t, err)
	return state
}

// twoZones is a network of two zones that share the gateway of the first, and a service over both.
func twoZones() []resource {
	network := component("aplomb:components:Network", "network")
	web := component("aplomb:components:ResilientService", "web")
	all := []resource{
		network, web,
		in(network.urn(), "aws:ec2/vpc:Vpc", "vpc-0a1b2c3d4e5f67890", map[string]any{"cidrBlock": "10.44.0.0/16"}),
	}
	for i, zone := range []string{"eu-central-1b", "eu-central-1a"} {
		for j, tier := range []string{"Public", "Private"} {
			all = append(all, in(network.urn(), "aws:ec2/subnet:Subnet", fmt.Sprintf("subnet-%s-%d", tier, i), map[string]any{
				"availabilityZone": zone, "cidrBlock": fmt.Sprintf("10.44.%d.0/24", 10*j+i), "tags": map[string]any{"SubnetType": tier},
			}))
		}
		all = append(all, in(network.urn(), "aws:ec2/routeTableAssociation:RouteTableAssociation", fmt.Sprintf("assoc-%d", i), map[string]any{
			"subnetId": fmt.Sprintf("subnet-Private-%d", i), "routeTableId": fmt.Sprintf("rtb-%d", i),
		}), in(network.urn(), "aws:ec2/route:Route", fmt.Sprintf("route-%d", i), map[string]any{
			"routeTableId": fmt.Sprintf("rtb-%d", i), "natGatewayId": "nat-0123456789abcdef0",
		}))
	}
	return append(all,
		in(network.urn(), "aws:ec2/natGateway:NatGateway", "nat-0123456789abcdef0", map[string]any{"subnetId": "subnet-Public-1"}),
		in(web.urn(), "aws:lb/loadBalancer:LoadBalancer", "web-alb", map[string]any{
			"internal": true, "dnsName": "internal-web.example", "subnets": []string{"subnet-Private-0", "subnet-Private-1"},
		}),
		in(web.urn(), "aws:autoscaling/group:Group", "web-asg", map[string]any{
			"vpcZoneIdentifiers": []string{"subnet-Private-0", "subnet-Private-1"}, "minSize": 2, "desiredCapacity": 4,
			"mixedInstancesPolicy": map[string]any{"launchTemplate": map[string]any{
				"overrides": []map[string]any{{"instanceType": "t4g.small"}, {"instanceType": "t4g.medium"}},
			}},
		}),
	)
}

func TestTheMapIsWhatTheStateSays(t *testing.T) {
	stands, err := where.FromState(stateOf(t, twoZones()...))
	require.NoError(t, err)
	require.Equal(t, []string{"eu-central-1a", "eu-central-1b"}, stands.Zones)
	require.Equal(t, where.VPC{ID: "vpc-0a1b2c3d4e5f67890", CIDR: "10.44.0.0/16"}, stands.VPC)
	require.Equal(t, []where.Tier{
		{Name: "Public", CIDRs: []string{"10.44.1.0/24", "10.44.0.0/24"}}, {Name: "Private", CIDRs: []string{"10.44.11.0/24", "10.44.10.0/24"}},
	}, stands.Tiers)
	shared := where.NAT{Gateway: "nat-0123456789abcdef0", Zone: "eu-central-1a"}
	require.Equal(t, []where.NAT{shared, shared}, stands.WayOut)
	require.Equal(t, []where.Service{{
		Name: "web", Internal: true, DNS: "internal-web.example", Nodes: []bool{true, true}, Spread: []bool{true, true},
		Fleet: 4, Least: 2, Types: []string{"t4g.small", "t4g.medium"},
	}}, stands.Services)
	require.Equal(t, 12, stands.Resources)
	require.Equal(t, 14, stands.All, "the two components count, the stack does not")
}

func TestTheDrawingShowsEachZoneAsAColumn(t *testing.T) {
	stands, err := where.FromState(stateOf(t, twoZones()...))
	require.NoError(t, err)
	outputs := &stacks.Outputs{Services: map[string]stacks.ServiceOutputs{"web": {PeakInstances: 1}}}
	require.Equal(t, strings.TrimPrefix(`
             eu-central-1a         eu-central-1b
─────────────────────────────────────────────────────────
network      10.44.0.0/16  vpc-0a1b2c3d4e5f67890
  public     10.44.1.0/24          10.44.0.0/24
  private    10.44.11.0/24         10.44.10.0/24
  way out    nat-0123456789abcdef0 via eu-central-1a
web          internal, needs 1 at its peak, keeps 2 without any one zone
  balancer   ● node                ● node
  instances  ■■ 2                  ■■ 2
             runs 4 now, 2 at least
             t4g.small, else t4g.medium
─────────────────────────────────────────────────────────
1 service with 4 instances over 2 zones: 14 resources, 12 of them AWS's
`, "\n"), stands.Draw(outputs, where.Plain()))
}

func TestAZoneThatALoadBalancerOrAGroupMissesIsShownAsNone(t *testing.T) {
	resources := twoZones()
	for _, found := range resources {
		switch found["type"] {
		case "aws:lb/loadBalancer:LoadBalancer":
			found["outputs"].(map[string]any)["subnets"] = []string{"subnet-Private-1"}
		case "aws:autoscaling/group:Group":
			found["outputs"].(map[string]any)["vpcZoneIdentifiers"] = []string{"subnet-Private-0"}
		}
	}
	stands, err := where.FromState(stateOf(t, resources...))
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, stands.Services[0].Nodes)
	require.Equal(t, 0, stands.Services[0].LeftWithoutOneZone(), "all four stand in one zone")
	drawn := stands.Draw(nil, where.Plain())
	require.Contains(t, drawn, "  balancer   ● node                none\n")
	require.Contains(t, drawn, "  instances  none                  ■■■■ 4\n")
}

func TestAnEmptyStackHasAnEmptyMap(t *testing.T) {
	stands, err := where.FromState(stateOf(t))
	require.NoError(t, err)
	require.Empty(t, stands.Zones)
	require.Contains(t, stands.Draw(nil, where.Plain()), "0 services with 0 instances over 0 zones")
}

func TestAResourceOfAnotherShapeIsAnErrorThatNamesIt(t *testing.T) {
	_, err := where.FromState(stateOf(t, in("", "aws:ec2/subnet:Subnet", "odd", map[string]any{"availabilityZone": 7})))
	require.ErrorContains(t, err, "odd in the state")
}

func TestTheInstancesOfAllZonesAddUpToTheFleet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zones, fleet := rapid.IntRange(1, 8).Draw(t, "zones"), rapid.IntRange(0, 500).Draw(t, "fleet")
		service := where.Service{Fleet: fleet, Spread: make([]bool, zones)}
		for i := range service.Spread {
			service.Spread[i] = true
		}
		low, high := service.PerZone()
		require.LessOrEqual(t, low*zones, fleet)
		require.GreaterOrEqual(t, high*zones, fleet)
		require.LessOrEqual(t, high-low, 1)
		require.Equal(t, fleet-high, service.LeftWithoutOneZone())
	})
}

func TestANetworkThatWaitsInAnotherRegionIsNotOnTheMap(t *testing.T) {
	want, err := where.FromState(stateOf(t, twoZones()...))
	require.NoError(t, err)
	site := component("aplomb:components:RecoverySite", "recovery")
	got, err := where.FromState(stateOf(t, append(twoZones(), site,
		in(site.urn(), "aws:ec2/vpc:Vpc", "vpc-0f9e8d7c6b5a43210", map[string]any{"cidrBlock": "10.48.0.0/16"}),
		in(site.urn(), "aws:ec2/subnet:Subnet", "subnet-there", map[string]any{"availabilityZone": "eu-west-1a", "cidrBlock": "10.48.0.0/20"}),
	)...))
	require.NoError(t, err)
	require.Equal(t, want.Zones, got.Zones)
	require.Equal(t, want.VPC, got.VPC)
	require.Equal(t, want.Tiers, got.Tiers)
	require.Equal(t, want.Resources+2, got.Resources)
}
