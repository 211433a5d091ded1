package components

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
)

// maxTargets is AWS's default quota of targets for a load balancer and for a target group
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
const maxTargets = 1000

var amiSyntax = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)

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
	args.checkImage(c)
	args.checkMachine(c)
	args.checkCapacity(c)
	args.HealthCheck.check(c.At("healthCheck"))
	args.checkTraffic(c)
	args.checkClients(c)
	args.checkCertificate(c)
	args.checkEgress(c)
	args.checkEnvironment(c)
	args.checkSecrets(c)
	if limit := oneOf(args.LogRetention, LogRetentions()); limit != "" {
		c.Fail("logRetention", int(args.LogRetention), limit, "choose a number of days that CloudWatch Logs offers")
	}
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a ResilientServiceArgs) checkImage(c *check.Checker) {
	const remedy = "give registry/repository@sha256:digest, which docker buildx imagetools inspect prints"
	if a.Image == "" {
		c.Missing("image", "a service runs a container image", remedy)
		return
	}
	image, err := naming.ParseImage(a.Image)
	switch {
	case err != nil:
		c.Fail("image", a.Image, err.Error(), remedy)
	case image.Digest == "" && !a.AllowImageTags:
		c.Fail("image", a.Image, "names a tag, whose content can change between two launches", remedy+", or set allowImageTags in development")
	}
}

func (a ResilientServiceArgs) checkMachine(c *check.Checker) {
	if a.AMI == "" {
		c.Missing("ami", "instances boot from an image that is pinned", "give the id of an AMI, such as ami-0abcdef1234567890")
	} else if !amiSyntax.MatchString(a.AMI) {
		c.Fail("ami", a.AMI, "is not the id of an AMI", "give ami- and 17 hexadecimal digits, not a name or a parameter")
	}
	if a.Architecture == "" {
		c.Missing("architecture", "it ties AMI, image and instance types together", "choose arm64 or x86_64")
	} else if limit := oneOf(a.Architecture, Architectures()); limit != "" {
		c.Fail("architecture", string(a.Architecture), limit, "use the AMI's")
	}
	checkRange(c, "rootVolumeGiB", a.RootVolumeGiB, defaultRootVolumeGiB, 16384, "GiB")
	if len(a.InstanceTypes) == 0 {
		c.Missing("instanceTypes", "instances are of some type", "name several of one size, such as m7g.large and m6g.large")
	}
	// "The maximum number of instance types that can be associated with an Auto Scaling group is 40"
	// (https://docs.aws.amazon.com/cdk/api/v1/python/aws_cdk.aws_autoscaling/MixedInstancesPolicy.html).
	if len(a.InstanceTypes) > 40 {
		c.Fail("instanceTypes", len(a.InstanceTypes), "types are more than the 40 that a group may list", "keep the best ones")
	}
	for index, instanceType := range a.InstanceTypes {
		a.checkInstanceType(c, index, instanceType)
	}
}

func (a ResilientServiceArgs) checkInstanceType(c *check.Checker, index int, instanceType InstanceType) {
	path := fmt.Sprintf("instanceTypes[%d]", index)
	value := string(instanceType)
	if first := slices.Index(a.InstanceTypes, instanceType); first != index {
		c.Fail(path, value, fmt.Sprintf("is instanceTypes[%d] too", first), "name each type once")
		return
	}
	family := instanceType.Family()
	if family == "" {
		c.Fail(path, value, "is not an instance type that can be used", "give family.size, such as m7g.large; bare metal starts too slowly")
		return
	}
	architecture := architectureOf(family)
	switch {
	case architecture == "":
		c.Fail(path, value, fmt.Sprintf("is of the family %q, which is not a known Nitro family without accelerators", family), "use a type such as m7g.large or m7i.large")
	case slices.Contains(Architectures(), a.Architecture) && architecture != a.Architecture:
		c.Fail(path, value, fmt.Sprintf("is %s, and the AMI is %s", architecture, a.Architecture), "use types of the AMI's architecture")
	}
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
