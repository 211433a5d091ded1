package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// isRegion says whether a text is the name of a Region, such as eu-central-1.
func isRegion(name string) bool {
	_, err := zones.Parse(name + "a")
	return err == nil
}

func checkRegion(c *check.Checker, path, region, why string) {
	switch {
	case region == "":
		c.Missing(path, why, "give the name of a Region, such as eu-central-1")
	case !isRegion(region):
		c.Fail(path, region, "is not the name of a Region", "write a name such as eu-central-1")
	}
}

// checkRecoveryRegion holds the Region in which copies are kept against the one they are copies of.
func checkRecoveryRegion(c *check.Checker, region, recovery string) {
	checkRegion(c, "recoveryRegion", recovery, "what the loss of a Region must not take away is kept in a second one")
	switch {
	case recovery == "":
	case recovery == region:
		c.Fail("recoveryRegion", recovery, "is the Region itself, whose loss would take the copy along", "choose another Region")
	case isRegion(region) && isRegion(recovery) && naming.Partition(region) != naming.Partition(recovery):
		c.Fail("recoveryRegion", recovery, fmt.Sprintf("is in the partition %s, and %s in %s: nothing is copied between partitions",
			naming.Partition(recovery), region, naming.Partition(region)), "choose a Region of the same partition")
	}
}
