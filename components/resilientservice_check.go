package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// maxTargets is AWS's default quota of targets for a load balancer and for a target group
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
const maxTargets = 1000

// Check lists everything that is wrong with the arguments of the service called name; nothing when it can be built. It looks at
// plain values only and registers nothing, so that a configuration can be checked before the engine starts.
func (a *ResilientServiceArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if a == nil {
		c.Missing("args", "a service needs arguments", "give placement, image, AMI, instance types and peak")
		return c.Failures()
	}
	args := a.withDefaults()
	args.ClientCIDRs = a.ClientCIDRs // the default is the VPC's block, which fails as such
	args.Placement.check(c.At("placement"))
	args.Placement.checkWaysOut(c.At("placement"))
	args.checkImage(c)
	args.checkMachine(c)
	args.checkCapacity(c)
	args.HealthCheck.check(c.At("healthCheck"))
	args.checkProbe(c)
	args.checkTraffic(c)
	args.checkClients(c)
	args.checkCertificate(c)
	args.checkNames(c)
	args.AccessLogs.check(c.At("accessLogs"))
	args.WAF.check(c.At("waf"))
	args.checkAccelerator(c)
	args.checkEgress(c)
	args.checkEnvironment(c)
	args.checkSecrets(c)
	if limit := oneOf(args.LogRetention, LogRetentions()); limit != "" {
		c.Fail("logRetention", int(args.LogRetention), limit, "choose a number of days that CloudWatch Logs offers")
	}
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a ResilientServiceArgs) checkCapacity(c *check.Checker) {
	zoneCount := len(a.Placement.Zones)
	fleet := zones.FleetSize(zoneCount, a.PeakInstances)
	switch {
	case a.PeakInstances < 1:
		c.Fail("peakInstances", a.PeakInstances, "must be at least 1", "state how many instances carry the service at its peak")
	case zoneCount >= zones.MinZones && fleet > maxTargets:
		c.Fail("peakInstances", a.PeakInstances,
			fmt.Sprintf("takes %d instances to survive a zone, more than the %d targets of a load balancer", fleet, maxTargets),
			fmt.Sprintf("lower it to %d or less, or use larger instances", maxTargets/zoneCount*(zoneCount-1)))
	case a.MaxInstances < fleet:
		c.Fail("maxInstances", a.MaxInstances, fmt.Sprintf("is below the %d instances that must always run", fleet), "raise it, or leave it out for twice that number")
	case a.MaxInstances > maxTargets && fleet <= maxTargets:
		c.Fail("maxInstances", a.MaxInstances, fmt.Sprintf("is above the %d targets of a load balancer", maxTargets), "lower it")
	}
	checkRange(c, "targetCPU", a.TargetCPU, 10, 90, "percent")
	checkRange(c, "startupSeconds", a.StartupSeconds, 60, 7200, "s")
	checkRange(c, "warmupSeconds", a.WarmupSeconds, 1, 3600, "s")
}

func checkRange(c *check.Checker, path string, value, low, high int, unit string) {
	if value < low || value > high {
		c.Fail(path, value, fmt.Sprintf("must be from %d to %d %s", low, high, unit), "change it, or leave it out for the default")
	}
}
