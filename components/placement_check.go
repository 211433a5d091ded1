package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func checkName(c *check.Checker, name string, max int) {
	if name == "" {
		c.Missing("name", "every component needs one", "name it")
		return
	}
	if problem := naming.CheckName(name, max); problem.Limit != "" {
		c.Fail("name", name, problem.Limit, problem.Remedy)
	}
}

func checkAccount(c *check.Checker, account string) {
	switch {
	case account == "":
		c.Missing("accountID", "policies name the account", "give the 12 digits of the AWS account, in quotes")
	case !naming.IsAccountID(account):
		c.Fail("accountID", account, "is not an AWS account id of 12 digits", "give all 12 digits, in quotes so that leading zeros stay")
	}
}

// checkZones holds a list of zones against what every multi-AZ component needs.
func checkZones(c *check.Checker, names []string) {
	switch {
	case len(names) == 0:
		c.Missing("zones", "the loss of one zone must leave another", "name at least two zones of one Region, such as eu-central-1a")
	case len(names) < zones.MinZones:
		c.Fail("zones", names, fmt.Sprintf("must be at least %d zones: the loss of one must leave another", zones.MinZones), "add a zone of the same Region")
	case len(names) > zones.MaxZones:
		c.Fail("zones", names, fmt.Sprintf("are more than the %d that a VPC's address plan has room for", zones.MaxZones), "remove zones from the end")
	}
	first := map[string]int{}
	region := zones.Region(names)
	for index, name := range names {
		path := fmt.Sprintf("zones[%d]", index)
		zone, err := zones.Parse(name)
		if err != nil {
			c.Fail(path, name, err.Error(), "give a Region and a letter from a to h, such as eu-central-1a")
			continue
		}
		if earlier, taken := first[name]; taken {
			c.Fail(path, name, fmt.Sprintf("is zones[%d] too", earlier), "name each zone once")
		} else {
			first[name] = index
		}
		if region != "" && zone.Region != region {
			c.Fail(path, name, fmt.Sprintf("is not in %s, the Region of zones[0]", region), "use zones of one Region")
		}
	}
}

func (p PlacementArgs) check(c *check.Checker) {
	checkAccount(c, p.AccountID)
	checkZones(c, p.Zones)
	if p.VPCID == nil {
		c.Missing("vpcID", "a service runs in a VPC", "use Network.Placement or give the id of a VPC")
	}
	if p.VPCCIDR == "" {
		c.Missing("vpcCIDR", "internal services admit it by default", "give the VPC's block, such as 10.20.0.0/16")
	} else {
		checkBlock(c, "vpcCIDR", p.VPCCIDR)
	}
	if p.PrivateSubnetIDs == nil {
		c.Missing("privateSubnetIDs", "instances run in private subnets", "give one subnet for each zone, in the order of the zones")
	}
	checkSubnets(c, "privateSubnetIDs", p.PrivateSubnetIDs, len(p.Zones))
	checkSubnets(c, "publicSubnetIDs", p.PublicSubnetIDs, len(p.Zones))
}

// checkWaysOut is for those who run instances.
func (p PlacementArgs) checkWaysOut(c *check.Checker) {
	if p.EndpointSecurityGroupID == nil {
		c.Missing("endpointSecurityGroupID", "instances reach AWS's services through endpoints", "use Network.Placement or give the endpoints' security group")
	}
	if p.S3PrefixListID == nil {
		c.Missing("s3PrefixListID", "instances pull image layers from S3 through its gateway endpoint", "use Network.Placement or give the Region's prefix list of S3")
	}
	if p.NAT == "" {
		c.Missing("nat", "whether a destination outside the VPC can be reached depends on it", "state "+string(NATNone)+" where private subnets have no way out")
	} else if limit := oneOf(p.NAT, NATStrategies()); limit != "" {
		c.Fail("nat", string(p.NAT), limit, "state what the private subnets have")
	}
}

// checkSubnets counts the subnets where their number is known already.
func checkSubnets(c *check.Checker, path string, subnets pulumi.StringArrayInput, zoneCount int) {
	if list, known := subnets.(pulumi.StringArray); known && len(list) != zoneCount {
		c.Fail(path, len(list), fmt.Sprintf("subnets do not fit %d zones", zoneCount), "give one subnet for each zone, in the order of the zones")
	}
}

// region is the Region of the placement. Args have been checked before.
func (p PlacementArgs) region() string { return zones.Region(p.Zones) }
