// Package subnets_test holds awsx's subnet arithmetic to its documented layouts. Layer: rules (plain values, no engine).
package subnets_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/sandbox/awsx/subnets"
)

var threeZones = []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}

func request(change func(*subnets.Request)) subnets.Request {
	request := subnets.Request{
		VPCName: "net", VPCBlock: "10.0.0.0/16", Zones: threeZones, Strategy: subnets.Auto, NAT: subnets.NATNone,
	}
	change(&request)
	return request
}

func blocksByName(plan subnets.Plan) map[string]string {
	blocks := map[string]string{}
	for _, subnet := range plan.Subnets {
		blocks[subnet.Name] = subnet.CIDRBlock
	}
	return blocks
}

func names(planned []subnets.Subnet) []string {
	var found []string
	for _, subnet := range planned {
		found = append(found, subnet.Name)
	}
	return found
}

func number(value int) *int { return &value }

func text(value string) *string { return &value }

// byLetter is what this project's network asks for: each zone an eighth of the VPC by its letter, in it a private half,
// a public quarter and an isolated eighth.
func byLetter(zones int) subnets.Request {
	private := []string{"10.0.0.0/20", "10.0.32.0/20", "10.0.64.0/20", "10.0.96.0/20"}
	public := []string{"10.0.16.0/21", "10.0.48.0/21", "10.0.80.0/21", "10.0.112.0/21"}
	isolated := []string{"10.0.24.0/22", "10.0.56.0/22", "10.0.88.0/22", "10.0.120.0/22"}
	return request(func(r *subnets.Request) {
		r.Zones = append(append([]string{}, threeZones...), "eu-central-1d")[:zones]
		r.Specs = []subnets.Spec{
			{Type: subnets.Private, CIDRBlocks: private[:zones]},
			{Type: subnets.Public, CIDRBlocks: public[:zones]},
			{Type: subnets.Isolated, Name: text("data"), CIDRBlocks: isolated[:zones]},
		}
	})
}

func TestStatedBlocksAreUsedAsTheyAre(t *testing.T) {
	plan, err := subnets.New(byLetter(3))
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"net-private-1": "10.0.0.0/20", "net-public-1": "10.0.16.0/21", "net-data-1": "10.0.24.0/22",
		"net-private-2": "10.0.32.0/20", "net-public-2": "10.0.48.0/21", "net-data-2": "10.0.56.0/22",
		"net-private-3": "10.0.64.0/20", "net-public-3": "10.0.80.0/21", "net-data-3": "10.0.88.0/22",
	}, blocksByName(plan))
	require.Equal(t, byLetter(3).Specs, plan.Layout)
	require.Equal(t, []string{"net-public-2", "net-private-2", "net-data-2"}, names(plan.InZone("eu-central-1b")))
}

func TestAppendingAZoneRenumbersNoSubnet(t *testing.T) {
	three, err := subnets.New(byLetter(3))
	require.NoError(t, err)
	four, err := subnets.New(byLetter(4))
	require.NoError(t, err)
	require.Len(t, four.Subnets, 12)
	require.Equal(t, three.Subnets, four.Subnets[:9])
}

func TestExactRefusesTheGapsThatAutoAllows(t *testing.T) {
	exact := byLetter(3)
	exact.Strategy = subnets.Exact
	_, err := subnets.New(exact)
	require.EqualError(t, err, "there are gaps in the subnet ranges; please fix the following gaps: "+
		"net-data-1 (10.0.24.0/22) <=> net-private-2 (10.0.32.0/20), "+
		"net-data-2 (10.0.56.0/22) <=> net-private-3 (10.0.64.0/20), "+
		"net-data-3 (ending 10.0.91.255) ends before VPC ends (at 10.0.255.255)")
}

func TestExactRefusesAStartAfterTheVPCs(t *testing.T) {
	_, err := subnets.New(request(func(r *subnets.Request) {
		r.Strategy, r.Zones = subnets.Exact, threeZones[:1]
		r.Specs = []subnets.Spec{{Type: subnets.Private, CIDRBlocks: []string{"10.0.128.0/17"}}}
	}))
	require.EqualError(t, err, "there are gaps in the subnet ranges; please fix the following gaps: "+
		"net-private-1 (10.0.128.0/17) does not start at the beginning of the VPC (10.0.0.0/16)")
}

func TestExactAcceptsUnusedSpaceThatIsStated(t *testing.T) {
	plan, err := subnets.New(request(func(r *subnets.Request) {
		r.Strategy, r.Zones = subnets.Exact, threeZones[:2]
		r.Specs = []subnets.Spec{
			{Type: subnets.Private, CIDRMask: number(18)}, {Type: subnets.Public, Size: number(8192)}, {Type: subnets.Unused, CIDRMask: number(19)},
		}
	}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"net-private-1": "10.0.0.0/18", "net-public-1": "10.0.64.0/19", "net-unused-1": "10.0.96.0/19",
		"net-private-2": "10.0.128.0/18", "net-public-2": "10.0.192.0/19", "net-unused-2": "10.0.224.0/19",
	}, blocksByName(plan))
	require.Equal(t, []string{"net-public-2", "net-private-2"}, names(plan.InZone("eu-central-1b")))
}

// The figures are those of the comment at the head of the strategy's documentation: a private /19 and a public /20 in
// each /18 of a /16.
func TestWithoutSpecsEachZoneHasAPrivateHalfAndAPublicQuarter(t *testing.T) {
	want := map[string]string{
		"net-private-1": "10.0.0.0/19", "net-public-1": "10.0.32.0/20",
		"net-private-2": "10.0.64.0/19", "net-public-2": "10.0.96.0/20",
		"net-private-3": "10.0.128.0/19", "net-public-3": "10.0.160.0/20",
	}
	for _, strategy := range []subnets.Strategy{subnets.Legacy, subnets.Auto} {
		plan, err := subnets.New(request(func(r *subnets.Request) { r.Strategy, r.NAT = strategy, subnets.NATOnePerAz }))
		require.NoError(t, err)
		require.Equal(t, want, blocksByName(plan), "strategy %s", strategy)
		require.Equal(t, []string{"net-public-1", "net-private-1"}, names(plan.InZone("eu-central-1a")))
	}
}

func TestAutoStartsASubnetOnABoundaryOfItsOwnSize(t *testing.T) {
	plan, err := subnets.New(request(func(r *subnets.Request) {
		r.Zones = threeZones[:1]
		r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRMask: number(24)}, {Type: subnets.Private, CIDRMask: number(20)}}
	}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"net-public-1": "10.0.0.0/24", "net-private-1": "10.0.16.0/20"}, blocksByName(plan))
}

func TestAZoneMaskSpacesTheZones(t *testing.T) {
	plan, err := subnets.New(request(func(r *subnets.Request) {
		r.ZoneMask = number(20)
		r.Specs = []subnets.Spec{{Type: subnets.Isolated}}
	}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"net-isolated-1": "10.0.0.0/20", "net-isolated-2": "10.0.16.0/20", "net-isolated-3": "10.0.32.0/20",
	}, blocksByName(plan))
}

func TestLegacyAllocatesByTypeAndIgnoresStatedBlocks(t *testing.T) {
	plan, err := subnets.New(request(func(r *subnets.Request) {
		r.Strategy, r.Zones = subnets.Legacy, threeZones[:2]
		r.Specs = []subnets.Spec{
			{Type: subnets.Isolated, CIDRBlocks: []string{"10.0.200.0/24", "10.0.201.0/24"}},
			{Type: subnets.Public, CIDRBlocks: []string{"10.0.202.0/24", "10.0.203.0/24"}},
			{Type: subnets.Private, CIDRBlocks: []string{"10.0.204.0/24", "10.0.205.0/24"}},
		}
	}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"net-private-1": "10.0.0.0/19", "net-public-1": "10.0.32.0/20", "net-isolated-1": "10.0.48.0/24",
		"net-private-2": "10.0.128.0/19", "net-public-2": "10.0.160.0/20", "net-isolated-2": "10.0.176.0/24",
	}, blocksByName(plan))
	require.Equal(t, []subnets.Spec{
		{Type: subnets.Private, CIDRMask: number(19)}, {Type: subnets.Public, CIDRMask: number(20)}, {Type: subnets.Isolated, CIDRMask: number(24)},
	}, plan.Layout)
}

func TestLegacyMovesALargerSubnetPastASmallerOne(t *testing.T) {
	plan, err := subnets.New(request(func(r *subnets.Request) {
		r.Strategy, r.Zones = subnets.Legacy, threeZones[:1]
		r.Specs = []subnets.Spec{
			{Type: subnets.Private, Name: text("small"), CIDRMask: number(24)},
			{Type: subnets.Private, Name: text("large"), CIDRMask: number(20)},
			{Type: subnets.Public, CIDRMask: number(18)},
		}
	}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"net-small-1": "10.0.0.0/24", "net-large-1": "10.0.16.0/20", "net-public-1": "10.0.64.0/18",
	}, blocksByName(plan))
	require.Equal(t, []subnets.Type{subnets.Private, subnets.Unused, subnets.Unused, subnets.Unused, subnets.Unused, subnets.Private, subnets.Unused, subnets.Public},
		typesOf(plan.Layout), "the layout states the gaps that Auto needs to reproduce it")
}

func typesOf(layout []subnets.Spec) []subnets.Type {
	var types []subnets.Type
	for _, spec := range layout {
		types = append(types, spec.Type)
	}
	return types
}

func TestContradictionsAreRefused(t *testing.T) {
	cases := []struct {
		name   string
		change func(*subnets.Request)
		want   string
	}{
		{"blocks for some specs only", func(r *subnets.Request) {
			r.Zones = threeZones[:1]
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRBlocks: []string{"10.0.0.0/24"}}, {Type: subnets.Private}}
		}, "all subnets must have explicit cidrBlocks"},
		{"fewer blocks than zones", func(r *subnets.Request) {
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRBlocks: []string{"10.0.0.0/24"}}}
		}, "subnetSpecs[0] must match the number of availability zones (3)"},
		{"a mask that differs from the block's", func(r *subnets.Request) {
			r.Zones = threeZones[:1]
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRMask: number(25), CIDRBlocks: []string{"10.0.0.0/24"}}}
		}, "cidrMask in subnetSpecs[0] must match all cidrBlocks"},
		{"a size that differs from the block's", func(r *subnets.Request) {
			r.Zones = threeZones[:1]
			r.Specs = []subnets.Spec{{Type: subnets.Public, Size: number(128), CIDRBlocks: []string{"10.0.0.0/24"}}}
		}, "size in subnetSpecs[0] must match all cidrBlocks"},
		{"a malformed block", func(r *subnets.Request) {
			r.Zones = threeZones[:1]
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRBlocks: []string{"10.0.0/24"}}}
		}, `invalid CIDR block "10.0.0/24"`},
		{"a size that is no power of two", func(r *subnets.Request) {
			r.Specs = []subnets.Spec{{Type: subnets.Public, Size: number(100)}}
		}, "following subnet sizes are invalid: 100"},
		{"a mask and a size that disagree", func(r *subnets.Request) {
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRMask: number(24), Size: number(128)}}
		}, "Subnet size 128 does not match the expected size for a /24 subnet (256)"},
		{"subnets larger than the zone", func(r *subnets.Request) {
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRMask: number(18)}, {Type: subnets.Isolated, CIDRMask: number(28)}}
		}, "each zone has 16384 addresses, but its subnets require 16400 addresses"},
		{"no spec in the list", func(r *subnets.Request) { r.Specs = []subnets.Spec{} }, "no subnets specified"},
		{"overlapping blocks", func(r *subnets.Request) {
			r.Zones = threeZones[:2]
			r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRBlocks: []string{"10.0.0.0/24", "10.0.0.128/25"}}}
		}, "1. net-public-1: 10.0.0.0/24\n2. net-public-2: 10.0.0.128/25"},
		{"a VPC too small to divide by itself", func(r *subnets.Request) { r.VPCBlock = "10.0.0.0/26" }, "at least /26 available per AZ, but only /28"},
		{"an unknown type", func(r *subnets.Request) { r.Specs = []subnets.Spec{{Type: "public"}} }, `subnetSpecs[0].type: "public" is not one of`},
		{"an unknown strategy", func(r *subnets.Request) { r.Strategy = "Even" }, `"Even" is not one of Legacy, Auto, Exact`},
		{"an unknown NAT strategy", func(r *subnets.Request) { r.NAT = "Two" }, "unknown NatGatewayStrategy 'Two'"},
		{"NAT gateways without a public subnet", func(r *subnets.Request) {
			r.NAT = subnets.NATSingle
			r.Specs = []subnets.Spec{{Type: subnets.Private}}
		}, "both private and public subnets must be declared"},
		{"a malformed VPC block", func(r *subnets.Request) { r.VPCBlock = "10.0.0.0" }, `invalid CIDR block "10.0.0.0"`},
		{"zones past the end of the address space", func(r *subnets.Request) {
			r.VPCBlock, r.ZoneMask = "255.255.0.0/16", number(17)
		}, "past 255.255.255.255"},
		{"no zones under Legacy", func(r *subnets.Request) { r.Strategy, r.Zones = subnets.Legacy, nil }, "no availability zones"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := subnets.New(request(c.change))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestEveryContradictionIsReportedAtOnce(t *testing.T) {
	_, err := subnets.New(request(func(r *subnets.Request) {
		r.Specs = []subnets.Spec{{Type: subnets.Public, CIDRBlocks: []string{"10.0.0.0/24"}}, {Type: subnets.Private, Size: number(3)}}
	}))
	require.EqualError(t, err, "invalid subnet specifications:\n"+
		" - the following subnet sizes are invalid: 3; valid sizes are the powers of two from 4 to 4294967296\n"+
		" - The number of CIDR blocks in subnetSpecs[0] must match the number of availability zones (3).\n"+
		" - If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks.")
}

func TestTheNumberOfAddressesFitsTheNATStrategy(t *testing.T) {
	cases := []struct {
		strategy subnets.NATStrategy
		given    int
		refused  bool
	}{
		{subnets.NATNone, 0, false}, {subnets.NATNone, 1, true},
		{subnets.NATSingle, 0, false}, {subnets.NATSingle, 1, false}, {subnets.NATSingle, 2, true},
		{subnets.NATOnePerAz, 0, false}, {subnets.NATOnePerAz, 2, true}, {subnets.NATOnePerAz, 3, false},
		{"onePerAZ", 3, false}, {"Two", 0, true},
	}
	for _, c := range cases {
		err := c.strategy.ValidAllocations(c.given, 3)
		require.Equal(t, c.refused, err != nil, "%s with %d: %v", c.strategy, c.given, err)
	}
}

func TestANATGatewayIsMadeOncePerZoneOrOnceInAll(t *testing.T) {
	require.True(t, subnets.NATOnePerAz.Wants(0, 0))
	require.False(t, subnets.NATOnePerAz.Wants(1, 0), "a second public subnet of a zone needs no second gateway")
	require.True(t, subnets.NATOnePerAz.Wants(1, 1))
	require.True(t, subnets.NATSingle.Wants(0, 0))
	require.False(t, subnets.NATSingle.Wants(1, 1))
	require.False(t, subnets.NATNone.Wants(0, 0))
}

// Whatever is planned has one subnet per zone and spec, each in the VPC and none overlapping another.
func TestEveryPlanPartitionsTheVPC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked := drawRequest(t)
		plan, err := subnets.New(asked)
		if err != nil {
			t.Skip(err) // a request that does not fit its VPC; rapid fails when too few of those that it draws do
		}
		require.Len(t, plan.Subnets, len(asked.Zones)*len(asked.Specs))
		vpc := netip.MustParsePrefix(asked.VPCBlock)
		seen := map[string]bool{}
		for index, subnet := range plan.Subnets {
			block := netip.MustParsePrefix(subnet.CIDRBlock)
			require.Equal(t, block.Masked(), block, "%s has host bits", subnet.Name)
			require.True(t, vpc.Contains(block.Addr()) && block.Bits() >= vpc.Bits(), "%s outside %s", subnet.CIDRBlock, vpc)
			require.False(t, seen[subnet.Name], "%s twice", subnet.Name)
			seen[subnet.Name] = true
			for _, other := range plan.Subnets[:index] {
				require.False(t, block.Overlaps(netip.MustParsePrefix(other.CIDRBlock)), "%s and %s", subnet.Name, other.Name)
			}
		}
	})
}

func drawRequest(t *rapid.T) subnets.Request {
	zones := make([]string, rapid.IntRange(1, 6).Draw(t, "zones"))
	for index := range zones {
		zones[index] = "eu-central-1" + string(rune('a'+index))
	}
	vpc := rapid.IntRange(16, 22).Draw(t, "vpc mask")
	specs := make([]subnets.Spec, rapid.IntRange(1, 4).Draw(t, "specs"))
	for index := range specs {
		name := "s" + string(rune('a'+index))
		specs[index] = subnets.Spec{
			Type: rapid.SampledFrom([]subnets.Type{subnets.Public, subnets.Private, subnets.Isolated, subnets.Unused}).Draw(t, "type"),
			Name: &name,
		}
		if rapid.Bool().Draw(t, "masked") {
			specs[index].CIDRMask = number(rapid.IntRange(vpc+3, 28).Draw(t, "mask"))
		}
	}
	return subnets.Request{
		VPCName: "net", VPCBlock: netip.PrefixFrom(netip.MustParseAddr("10.64.0.0"), vpc).String(),
		Zones: zones, Specs: specs, Strategy: subnets.Auto, NAT: subnets.NATNone,
	}
}

func FuzzParseBlock(f *testing.F) {
	for _, seed := range []string{"10.0.0.0/16", "10.0.0.7/24", "255.255.255.255/32", "0.0.0.0/0", "::/0", "10.0.0.0/33", "", "10.0.0.0/08"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		block, err := subnets.ParseBlock(written)
		if err != nil {
			return
		}
		again, err := subnets.ParseBlock(block.String())
		require.NoError(t, err)
		require.Equal(t, block, again)
		require.Equal(t, block.Size(), block.Last()-block.First()+1)
	})
}
