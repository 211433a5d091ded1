package components

import (
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// Check lists everything that is wrong with the arguments of the runner called name; nothing when it can be built. It registers nothing.
func (a *SQLRunnerArgs) Check(name string) []check.Failure {
	c := check.New()
	checkName(c, name, naming.MaxServiceName)
	if a == nil {
		c.Missing("args", "a runner needs arguments", "give placement and image")
		return c.Failures()
	}
	args := a.withDefaults()
	args.checkPlacement(c.At("placement"))
	args.checkImage(c)
	if limit := oneOf(args.Architecture, Architectures()); limit != "" {
		c.Fail("architecture", string(args.Architecture), limit, "state what the image was built for")
	}
	if limit := oneOf(args.LogRetention, LogRetentions()); limit != "" {
		c.Fail("logRetention", int(args.LogRetention), limit, "choose a number of days that CloudWatch Logs offers")
	}
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a SQLRunnerArgs) checkPlacement(c *check.Checker) {
	a.Placement.check(c)
	if a.Placement.IsolatedSubnetIDs == nil {
		c.Missing("isolatedSubnetIDs", "what opens a database runs where there is no way out", "give one subnet for each zone, in the order of the zones")
	}
	checkSubnets(c, "isolatedSubnetIDs", a.Placement.IsolatedSubnetIDs, len(a.Placement.Zones))
	if a.Placement.EndpointSecurityGroupID == nil {
		c.Missing("endpointSecurityGroupID", "the runner reads passwords through the endpoint of Secrets Manager", "use Network.Placement or give the endpoints' security group")
	}
}

func (a SQLRunnerArgs) checkImage(c *check.Checker) {
	const remedy = "push aplomb-sql to Amazon ECR in the runner's Region and give the image by its digest"
	if a.Image == "" {
		c.Missing("image", "a function is made from an image", remedy)
		return
	}
	image, err := naming.ParseImage(a.Image)
	region := a.Placement.region()
	switch {
	case err != nil:
		c.Fail("image", a.Image, err.Error(), remedy)
	case !image.IsECR():
		c.Fail("image", a.Image, "is not in Amazon ECR, and Lambda takes images from nowhere else", remedy)
	case region != "" && image.Region != region:
		c.Fail("image", a.Image, "is in "+image.Region+", and Lambda takes only images of its own Region, "+region, remedy)
	case image.Digest == "":
		c.Fail("image", a.Image, "is given by a tag, which may move", remedy)
	}
}

// withDefaults is a copy in which every zero value is its default.
func (a SQLRunnerArgs) withDefaults() SQLRunnerArgs {
	a.Architecture = orDefault(a.Architecture, ARM64)
	a.LogRetention = orDefault(a.LogRetention, Retain1Month)
	return a
}
