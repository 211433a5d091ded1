// Package zones_test is of the rules layer: pure functions, every claim for generated inputs where it holds for all.
package zones_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestZoneNamesOfEveryPartitionAreRead(t *testing.T) {
	for name, want := range map[string]zones.Zone{
		"eu-central-1a":    {Name: "eu-central-1a", Region: "eu-central-1", Index: 0},
		"ap-southeast-2c":  {Name: "ap-southeast-2c", Region: "ap-southeast-2", Index: 2},
		"us-gov-west-1b":   {Name: "us-gov-west-1b", Region: "us-gov-west-1", Index: 1},
		"cn-northwest-1a":  {Name: "cn-northwest-1a", Region: "cn-northwest-1", Index: 0},
		"us-east-1f":       {Name: "us-east-1f", Region: "us-east-1", Index: 5},
		"ap-northeast-1h":  {Name: "ap-northeast-1h", Region: "ap-northeast-1", Index: 7},
		"il-central-1a":    {Name: "il-central-1a", Region: "il-central-1", Index: 0},
		"mx-central-1c":    {Name: "mx-central-1c", Region: "mx-central-1", Index: 2},
		"ap-southeast-10a": {},
	} {
		zone, err := zones.Parse(name)
		if want.Name == "" {
			require.Error(t, err, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, want, zone)
	}
}

func TestWhatIsNoAvailabilityZoneIsRefused(t *testing.T) {
	for _, name := range []string{
		"", "eu-central-1", "eu-central-a", "EU-CENTRAL-1A", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1", "euc1-az1", " eu-central-1a", "eu-central-1aa",
	} {
		_, err := zones.Parse(name)
		require.EqualError(t, err, "is not the name of an Availability Zone", name)
	}
	_, err := zones.Parse("eu-central-1i")
	require.EqualError(t, err, "is beyond h, the last zone that an address plan has room for")
}

func TestRegionIsThatOfTheFirstZone(t *testing.T) {
	require.Equal(t, "eu-west-1", zones.Region([]string{"eu-west-1b", "eu-west-1a"}))
	require.Empty(t, zones.Region(nil))
	require.Empty(t, zones.Region([]string{"nowhere"}))
}

func TestBlocksOfAZoneAreAsDocumented(t *testing.T) {
	vpc := netip.MustParsePrefix("10.20.0.0/16")
	table := map[string]zones.Subnets{}
	for _, name := range []string{"eu-central-1a", "eu-central-1b", "eu-central-1h"} {
		zone, err := zones.Parse(name)
		require.NoError(t, err)
		table[name], err = zones.Plan(vpc, zone)
		require.NoError(t, err)
	}
	require.Equal(t, map[string]zones.Subnets{
		"eu-central-1a": subnets("10.20.0.0/20", "10.20.16.0/21", "10.20.24.0/22", "10.20.28.0/22"),
		"eu-central-1b": subnets("10.20.32.0/20", "10.20.48.0/21", "10.20.56.0/22", "10.20.60.0/22"),
		"eu-central-1h": subnets("10.20.224.0/20", "10.20.240.0/21", "10.20.248.0/22", "10.20.252.0/22"),
	}, table)
}

func subnets(private, public, isolated, spare string) zones.Subnets {
	return zones.Subnets{
		Private: netip.MustParsePrefix(private), Public: netip.MustParsePrefix(public),
		Isolated: netip.MustParsePrefix(isolated), Spare: netip.MustParsePrefix(spare),
	}
}

// drawVPC is any block that can be planned.
func drawVPC(t *rapid.T) netip.Prefix {
	bits := rapid.IntRange(zones.WidestVPC, zones.NarrowestVPC).Draw(t, "bits")
	second := rapid.IntRange(0, 255).Draw(t, "second")
	third := rapid.IntRange(0, 255).Draw(t, "third")
	prefix := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(second), byte(third), 0}), bits).Masked()
	vpc, err := zones.ParseVPC(prefix.String())
	require.NoError(t, err)
	return vpc
}

func zoneAt(index int) zones.Zone {
	letter := string(rune('a' + index))
	return zones.Zone{Name: "eu-central-1" + letter, Region: "eu-central-1", Index: index}
}

func blocks(t require.TestingT, vpc netip.Prefix, index int) []netip.Prefix {
	plan, err := zones.Plan(vpc, zoneAt(index))
	require.NoError(t, err)
	return []netip.Prefix{plan.Private, plan.Public, plan.Isolated, plan.Spare}
}

func TestBlocksOfAllZonesFillTheVPCWithoutOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vpc := drawVPC(t)
		var all []netip.Prefix
		addresses := 0
		for index := range zones.MaxZones {
			for _, block := range blocks(t, vpc, index) {
				require.True(t, vpc.Contains(block.Addr()) && block.Bits() > vpc.Bits(), "%s is not inside %s", block, vpc)
				require.Equal(t, block.Masked(), block)
				for _, other := range all {
					require.False(t, other.Overlaps(block), "%s overlaps %s", other, block)
				}
				all = append(all, block)
				addresses += 1 << (32 - block.Bits())
			}
		}
		require.Equal(t, 1<<(32-vpc.Bits()), addresses)
	})
}

func TestEveryPublicAndPrivateSubnetHasRoomForALoadBalancer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, block := range blocks(t, drawVPC(t), rapid.IntRange(0, zones.MaxZones-1).Draw(t, "zone")) {
			require.LessOrEqual(t, block.Bits(), 27, "AWS wants at least a /27")
		}
	})
}

func TestBlocksHangOnTheLetterAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vpc, letter := drawVPC(t), rapid.RuneFrom([]rune("abcdefgh")).Draw(t, "letter")
		var plans []zones.Subnets
		for _, region := range []string{"eu-central-1", "us-east-1", "ap-southeast-2"} {
			zone, err := zones.Parse(region + string(letter))
			require.NoError(t, err)
			plan, err := zones.Plan(vpc, zone)
			require.NoError(t, err)
			plans = append(plans, plan)
		}
		require.Equal(t, plans[0], plans[1])
		require.Equal(t, plans[0], plans[2])
	})
}

func TestBlocksThatCannotBePlannedAreRefused(t *testing.T) {
	for cidr, want := range map[string]string{
		"":               "is not a block in CIDR notation",
		"10.0.0.0":       "is not a block in CIDR notation",
		"10.0.0.0/33":    "is not a block in CIDR notation",
		"10.0.0.0/15":    "is not between /16 and /20 in size",
		"10.0.0.0/21":    "is not between /16 and /20 in size",
		"10.0.1.0/16":    "has host bits set: the block would be 10.0.0.0/16",
		"fd00::/16":      "is not IPv4",
		"11.0.0.0/16":    "is not private address space (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)",
		"172.32.0.0/16":  "is not private address space (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)",
		"192.168.0.0/16": "",
		"172.31.0.0/20":  "",
	} {
		_, err := zones.ParseVPC(cidr)
		if want == "" {
			require.NoError(t, err, cidr)
			continue
		}
		require.EqualError(t, err, want, cidr)
	}
	_, err := zones.Plan(netip.MustParsePrefix("10.0.0.0/24"), zoneAt(0))
	require.ErrorContains(t, err, "10.0.0.0/24 cannot be planned")
	_, err = zones.Plan(netip.Prefix{}, zoneAt(0))
	require.Error(t, err)
	_, err = zones.Plan(netip.MustParsePrefix("10.0.0.0/16"), zones.Zone{Name: "x", Index: 8})
	require.ErrorContains(t, err, `zone "x" has no block`)
}

func TestFleetSizesAreThoseOfTheArithmetic(t *testing.T) {
	for _, each := range []struct{ zones, peak, fleet int }{
		{2, 1, 2}, {2, 2, 4}, {2, 5, 10}, {3, 1, 3}, {3, 2, 3}, {3, 3, 6}, {3, 4, 6}, {3, 30, 45}, {4, 9, 12}, {8, 7, 8}, {8, 8, 16},
		{1, 5, 0}, {0, 5, 0}, {3, 0, 0}, {3, -1, 0},
	} {
		require.Equal(t, each.fleet, zones.FleetSize(each.zones, each.peak), "%d zones, peak %d", each.zones, each.peak)
	}
	require.Equal(t, 30, zones.AfterZoneLoss(3, 45))
	require.Equal(t, 4, zones.AfterZoneLoss(3, 7), "the fullest zone holds three")
	require.Equal(t, 0, zones.AfterZoneLoss(0, 7))
	require.Equal(t, 0, zones.AfterZoneLoss(3, 0))
}

func TestLosingAnyZoneLeavesThePeakAndNoSmallerEvenFleetDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(zones.MinZones, zones.MaxZones).Draw(t, "zones")
		peak := rapid.IntRange(1, 100_000).Draw(t, "peak")
		fleet := zones.FleetSize(count, peak)
		require.Zero(t, fleet%count, "the fleet spreads evenly")
		require.GreaterOrEqual(t, zones.AfterZoneLoss(count, fleet), peak)
		require.Less(t, zones.AfterZoneLoss(count, fleet-count), peak, "one instance fewer in each zone would not do")
		require.GreaterOrEqual(t, zones.FleetSize(count, peak+1), fleet, "more peak never takes fewer instances")
	})
}

func TestTheFullestZoneIsTheOneThatCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, zones.MaxZones).Draw(t, "zones")
		fleet := rapid.IntRange(1, 10_000).Draw(t, "fleet")
		perZone := make([]int, count)
		for instance := range fleet {
			perZone[instance%count]++
		}
		require.Equal(t, fleet-perZone[0], zones.AfterZoneLoss(count, fleet))
	})
}

func FuzzParse(f *testing.F) {
	f.Add("eu-central-1a")
	f.Add("us-west-2-lax-1a")
	f.Fuzz(func(t *testing.T, name string) {
		zone, err := zones.Parse(name)
		if err != nil {
			require.Equal(t, zones.Zone{}, zone)
			return
		}
		require.Equal(t, name, fmt.Sprintf("%s%c", zone.Region, 'a'+zone.Index))
		require.False(t, strings.ContainsAny(name, " \n\t/"))
	})
}
