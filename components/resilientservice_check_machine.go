package components

import (
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

func (a ResilientServiceArgs) checkMachine(c *check.Checker) {
	if a.AMI == "" {
		c.Missing("ami", "instances boot from an image that is pinned", "give the id of an AMI, such as ami-0abcdef1234567890")
	} else if !naming.IsAMI(a.AMI) {
		c.Fail("ami", a.AMI, "is not the id of an AMI", "give ami- and 17 hexadecimal digits, not a name or a parameter")
	}
	if a.Architecture == "" {
		c.Missing("architecture", "it ties AMI, image and instance types together", "choose arm64 or x86_64")
	} else if limit := oneOf(a.Architecture, Architectures()); limit != "" {
		c.Fail("architecture", string(a.Architecture), limit, "use the AMI's")
	}
	a.checkAMIParameter(c)
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

// checkAMIParameter holds the path against what the image must be. A parameter of your own is believed.
func (a ResilientServiceArgs) checkAMIParameter(c *check.Checker) {
	const path = "amiParameter"
	architecture := naming.ECSParameterArchitecture(a.AMIParameter)
	switch {
	case a.AMIParameter == "":
	case !naming.IsParameterPath(a.AMIParameter):
		c.Fail(path, a.AMIParameter, "is not the path of an SSM parameter", "give a path such as "+ecsParameter(ARM64))
	case naming.IsPublicParameter(a.AMIParameter) && architecture == "":
		c.Fail(path, a.AMIParameter, "is not of the ECS-optimized Amazon Linux 2023, the only image of AWS that has all that the boot needs",
			"use "+ecsParameter(a.Architecture))
	case architecture != "" && slices.Contains(Architectures(), a.Architecture) && architecture != string(a.Architecture):
		c.Fail(path, a.AMIParameter, fmt.Sprintf("holds an image for %s, and the architecture is %s", architecture, a.Architecture),
			"use "+ecsParameter(a.Architecture))
	}
}

// ecsParameter is where AWS publishes the id of the newest ECS-optimized Amazon Linux 2023 image.
func ecsParameter(architecture Architecture) string {
	variant := ""
	if architecture == ARM64 {
		variant = "arm64/"
	}
	return "/aws/service/ecs/optimized-ami/amazon-linux-2023/" + variant + "recommended/image_id"
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
