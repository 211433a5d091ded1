// Package naming knows the names that AWS and Pulumi's auto-naming derive from ours, how long and of which characters they may
// be, and how ARNs and image references are spelt. Standard library only.
package naming

import (
	"fmt"
	"regexp"
	"strings"
)

// MaxServiceName is the length limit of a service's name in characters. A load balancer's name may have 32
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html); ours is called
// "<service>-alb", to which Pulumi's auto-naming adds a hyphen and 7 characters
// (https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming): 32 - 4 - 8 = 20.
const MaxServiceName = 20

// MaxNetworkName is the length limit of a network's name in characters. Its longest auto-named resource is the role
// "<network>-flow-logs-" and 7 characters, and a role's name may have 64
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), but nobody reads names that long: the
// limit is the services' one, so that both kinds read alike.
const MaxNetworkName = 20

// MaxBucketName is the length limit of a bucket component's name in characters. A bucket's name may have 63
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html), of which "-replica-" and 7 characters are not its
// own; the limit is the services' one, so that all kinds read alike.
const MaxBucketName = 20

var (
	nameSyntax    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	accountSyntax = regexp.MustCompile(`^[0-9]{12}$`)
)

// Problem is what is wrong with a component's name, and what to do about it. The zero value means that nothing is.
type Problem struct{ Limit, Remedy string }

// CheckName looks at a component's name: lower-case letters, digits and single hyphens, a letter first, at most max
// characters, and none of the beginnings that AWS reserves.
func CheckName(name string, max int) Problem {
	switch {
	case len(name) > max:
		return Problem{
			Limit:  fmt.Sprintf("must have at most %d characters, not %d", max, len(name)),
			Remedy: "shorten it: AWS limits the names that are derived from it",
		}
	case !nameSyntax.MatchString(name):
		return Problem{
			Limit:  "must be lower-case letters, digits and single hyphens, a letter first",
			Remedy: "rename it, such as tickets-api",
		}
	}
	// Load balancers may not begin with "internal-", security groups not with "sg-"
	// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html).
	for _, reserved := range []string{"internal", "sg"} {
		if name == reserved || strings.HasPrefix(name, reserved+"-") {
			return Problem{
				Limit:  fmt.Sprintf("begins with %q, which AWS reserves", reserved+"-"),
				Remedy: "begin it with another word",
			}
		}
	}
	return Problem{}
}

// IsAccountID says whether id is an AWS account id: 12 digits, leading zeros included.
func IsAccountID(id string) bool { return accountSyntax.MatchString(id) }
