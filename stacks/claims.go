package stacks

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
)

// claim is a variable in which a service finds something of the stack.
type claim struct {
	variable string
	// path and value are what asks for it, at the service; what is what stands there.
	path, value, what string
}

// claims are the variables that a service finds beside those of its own environment and its secrets.
func (s *ServiceConfig) claims() []claim {
	var all []claim
	for i, callee := range s.Calls {
		all = append(all, claim{urlVariable(callee), fmt.Sprintf("calls[%d]", i), callee, "the URL of service " + callee})
	}
	for i, grant := range s.Buckets {
		all = append(all, claim{bucketVariable(grant.Bucket), fmt.Sprintf("buckets[%d].bucket", i), grant.Bucket, "the name of bucket " + grant.Bucket})
	}
	for i, connect := range s.Databases {
		for _, name := range components.ConnectionVariables() {
			all = append(all, claim{s.prefixOf(i) + name, fmt.Sprintf("databases[%d].database", i), connect.Database,
				fmt.Sprintf("%s of database %s for user %s", name, connect.Database, s.userOf(connect))})
		}
	}
	for i, job := range s.Jobs {
		all = append(all, claim{queueVariable(job), fmt.Sprintf("jobs[%d]", i), job, "the URL of the queue of job " + job})
	}
	return all
}

// secretClaims are the variables in which a service finds its secrets.
func (s *ServiceConfig) secretClaims() []claim {
	var all []claim
	for i, secret := range s.Secrets {
		all = append(all, claim{variable(secret) + "_SECRET_ARN", fmt.Sprintf("secrets[%d]", i), secret, "the ARN of secret " + secret})
	}
	return all
}

// queueVariable is where a service finds the queue of a job.
func queueVariable(job string) string { return variable(job) + "_QUEUE_URL" }

// checkClaims refuses a variable that would have two values.
func (c *Config) checkClaims(index int, all *check.Checker) {
	service := &c.Services[index]
	at := all.At(fmt.Sprintf("services[%d]", index))
	first := map[string]claim{}
	for _, each := range append(service.claims(), service.secretClaims()...) {
		if value, given := service.Environment[each.variable]; given {
			at.Fail("environment."+each.variable, value, "is where "+each.what+" stands", "rename it")
		}
		switch earlier, taken := first[each.variable]; {
		case !taken:
			first[each.variable] = each
		case earlier.what != each.what:
			at.Fail(each.path, each.value, fmt.Sprintf("is found at %s, where %s stands", each.variable, earlier.what), "rename one of the two")
		}
	}
}

// What the policies of grants take of a role, in characters. IAM allows 10,240 for all of a role's policies together
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), of which its own take up to 5,400.
const (
	roomForGrants     = 4800
	roomOfBucketGrant = 1200
	roomOfJob         = 750
	roomOfDatabase    = 350
)

// checkRoom refuses what would only be refused once the service is built.
func (c *Config) checkRoom(index int, all *check.Checker) {
	service := &c.Services[index]
	const most = roomForGrants / roomOfBucketGrant
	if len(service.Buckets) > most {
		all.Fail(fmt.Sprintf("services[%d].buckets", index), len(service.Buckets),
			fmt.Sprintf("grants are more than the %d that a role has room for", most), "grant a folder that holds the others")
		return
	}
	room := len(service.Buckets)*roomOfBucketGrant + len(service.Jobs)*roomOfJob + len(service.Databases)*roomOfDatabase
	if room > roomForGrants {
		all.Fail(fmt.Sprintf("services[%d]", index), service.Name,
			fmt.Sprintf("is granted more than its role has room for: %d buckets, %d databases and %d jobs take %d of %d characters",
				len(service.Buckets), len(service.Databases), len(service.Jobs), room, roomForGrants),
			"let another service do some of it")
	}
}
