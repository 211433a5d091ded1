package stacks

import (
	"strconv"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// CheckChange refuses what cannot or must not become of a stack that stands, as its outputs tell: another account, Region or
// address range, and zones in another order, of which AWS would take some of the steps and refuse others; and production that
// is called development, which would protect nothing any more; and what AWS would only make of a database by
// replacing it with an empty one. The error is a *check.Error with every failure.
func (c *Config) CheckChange(old *Outputs) error {
	found := check.New()
	const start = "destroy the stack first, or configure a new one beside it"
	if c.Account != old.Account {
		found.Fail("account", c.Account, "is not the account "+old.Account+" in which the stack stands", start)
	}
	if c.Region != old.Region {
		found.Fail("region", c.Region, "is not the Region "+old.Region+" in which the stack stands", start)
	}
	if old.Environment == string(Production) && c.Environment != Production {
		found.Fail("environment", string(c.Environment), "would take the protection off everything in a production stack",
			"set retiring on the services that may go, or destroy the stack")
	}
	if c.Network.CIDR != old.Network.CIDR {
		// A new VPC takes new NAT gateways, and those need the addresses that the old ones hold until they are gone.
		found.Fail("network.cidr", c.Network.CIDR, "is not the range "+old.Network.CIDR+" of the network that stands", start)
	}
	if old.keepsCopies() && (len(c.Buckets) > 0 || len(c.Databases) > 0) && c.RecoveryRegion != old.RecoveryRegion {
		found.Fail("recoveryRegion", c.RecoveryRegion, "is not the Region "+old.RecoveryRegion+" in which copies stand",
			"keep it, or retire and remove first what has its copy there")
	}
	c.checkDatabaseChanges(old, found)
	for i := range min(len(c.Zones), len(old.Zones)) {
		if c.Region == old.Region && c.Zones[i] != old.Zones[i] {
			found.Fail("zones["+strconv.Itoa(i)+"]", c.Zones[i], "stands where the network has "+old.Zones[i]+": subnets are named by position",
				"keep "+strings.Join(old.Zones, ", ")+" in this order; append new zones, or remove them, at the end")
			break
		}
	}
	return found.Err(KeyConfig)
}
