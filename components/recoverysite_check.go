package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// Check lists everything that is wrong with the arguments of the recovery site called name; nothing when it can be built. It looks at
// plain values only and registers nothing.
func (a *RecoverySiteArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxNetworkName)
	if a == nil {
		c.Missing("args", "a recovery site needs arguments", "give account, Region, zones and CIDR block")
		return c.Failures()
	}
	checkAccount(c, a.AccountID)
	checkRegion(c, "region", a.Region, "what is restored lies in the second Region")
	checkZones(c, a.Zones)
	if region := zones.Region(a.Zones); region != "" && isRegion(a.Region) && region != a.Region {
		c.Fail("zones", a.Zones, fmt.Sprintf("are not in %s, the site's Region", a.Region), "name zones of that Region")
	}
	checkVPCBlock(c, a.CIDR)
	if a.Provider == nil {
		c.Missing("provider", "everything in the site is made in its Region", "pass the aws provider of the recovery Region")
	}
	checkTags(c, a.Tags)
	return c.Failures()
}
