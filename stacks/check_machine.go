package stacks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// isMachine says whether the service component's argument at path stands in a machine here.
func isMachine(path string) bool {
	argument, _, _ := strings.Cut(path, "[")
	return slices.Contains([]string{"ami", "amiParameter", "architecture", "instanceTypes", "rootVolumeGiB"}, argument)
}

// homeRegion is the Region that services run in: the zones', or the configured one while the zones are no good.
func (c *Config) homeRegion() string {
	if region := zones.Region(c.Zones); region != "" {
		return region
	}
	return c.Region
}

// checkMachines looks at the machine images of the stack and of every service that has its own.
func (c *Config) checkMachines(found *check.Checker) {
	if c.Machine != nil {
		c.Machine.checkAMIs(c.homeRegion(), found.At("machine.amis"))
	}
	for i, service := range c.Services {
		if service.Machine != nil && service.Machine != c.Machine {
			service.Machine.checkAMIs(c.homeRegion(), found.At(fmt.Sprintf("services[%d].machine.amis", i)))
		}
	}
}

func (m *MachineConfig) checkAMIs(region string, found *check.Checker) {
	given := slices.Sorted(maps.Keys(m.AMIs))
	if region != "" && m.AMIs[region] == "" && !slices.Contains(given, region) {
		remedy := "add the image's id there"
		if len(given) > 0 {
			remedy = "add the image's id there; the Regions given are " + strings.Join(given, ", ")
		}
		found.Missing(region, "the stack's Region has no machine image", remedy)
	}
	first := map[string]string{}
	for _, each := range given {
		id := m.AMIs[each]
		switch {
		case zones.Region([]string{each + "a"}) == "":
			found.Fail(each, id, "is at a key that is not the name of a Region", "write a name such as eu-central-1")
		case !naming.IsAMI(id):
			found.Fail(each, id, "is not the id of an AMI", "give ami- and 17 hexadecimal digits, not a name or a parameter")
		case first[id] != "":
			// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/CopyingAMIs.html: a copy has an id of its own.
			found.Fail(each, id, "is the id in "+first[id]+" too, and an AMI has another id in every Region", "give the id that it has in "+each)
		default:
			first[id] = each
		}
	}
}
