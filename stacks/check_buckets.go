package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/aplomb-iac/aplomb/internal/zones"
	"github.com/aplomb-iac/aplomb/stacks/internal/strict"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// checkStorage looks at the log bucket, the recovery Region, the buckets, and what services may do in them.
func (c *Config) checkStorage(all *check.Checker) {
	if c.AccessLogs != nil {
		c.checkAccessLogs(all)
	}
	if c.RecoveryRegion != "" {
		c.checkRecoveryRegion(all)
	} else if len(c.Buckets) > 0 {
		all.Missing("recoveryRegion", "a bucket has its copy in another Region", "name one, such as "+c.anotherRegion())
	}
	for i := range c.Buckets {
		c.checkBucket(&c.Buckets[i], fmt.Sprintf("buckets[%d]", i), all)
	}
	for i := range c.Services {
		c.checkGrants(i, all)
	}
}

func (c *Config) checkAccessLogs(all *check.Checker) {
	if c.LogBucket != "" {
		all.Fail("logBucket", c.LogBucket, "is stated beside accessLogs, and logs go to one bucket", "remove one of the two")
	}
	zeros(c.AccessLogs, all.At("accessLogs"))
	for _, failure := range c.logBucketArgs().Check(logBucketName) {
		if path, mine := partKey("accessLogs", failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
}

// checkBucket applies the stack's rules to one bucket, and then the component's.
func (c *Config) checkBucket(bucket *BucketConfig, at string, all *check.Checker) {
	zeros(bucket, all.At(at))
	if lock := bucket.ObjectLock; lock != nil && lock.Mode == components.LockCompliance && c.profile().EmptyBuckets {
		all.Fail(at+".objectLock.mode", string(lock.Mode), "keeps development from being taken down until its time is over", "use GOVERNANCE")
	}
	for _, failure := range c.bucketArgs(bucket, &aws.Provider{}, pulumi.String(logBucketName)).Check(bucket.Name) {
		if path, mine := partKey(at, failure.Path); mine {
			failure.Path = path
			all.Add(failure)
		}
	}
}

// partKey is the configuration's key for what a component of the part at calls path. Account and Region are the stack's matter, and
// what follows from the environment is nobody's fault.
func partKey(at, path string) (key string, mine bool) {
	switch path {
	case "accountID":
		return "account", true
	case "region", "emptyOnDelete":
		return "", false
	case "recoveryRegion":
		return path, true
	}
	return at + "." + path, true
}

// directions are the last words of every Region's name so far
// (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html). What names none is a slip of the pen, which AWS would take for an
// address that does not exist.
var directions = []string{"north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"}

// checkRecoveryRegion says what the component would, in the stack's own words, also while there is nothing to keep there.
func (c *Config) checkRecoveryRegion(all *check.Checker) {
	const path = "recoveryRegion"
	name := c.RecoveryRegion
	if zones.Region([]string{name + "a"}) == "" {
		all.Fail(path, name, "is not the name of a Region", "write a name such as "+c.anotherRegion())
		return
	}
	words := strings.Split(name, "-")
	number, direction, area := words[len(words)-1], words[len(words)-2], strings.Join(words[:len(words)-2], "-")
	home := c.homeRegion()
	switch {
	case !slices.Contains(directions, direction):
		remedy := "write a name such as " + c.anotherRegion()
		if near := strict.Nearest(direction, directions); near != "" {
			remedy = fmt.Sprintf("did you mean %s-%s-%s?", area, near, number)
		}
		all.Fail(path, name, "is not the name of a Region", remedy)
	case name == home:
		all.Fail(path, name, "is the Region of the stack, whose loss would take the copies along", "choose another one, such as "+c.anotherRegion())
	case home != "" && naming.Partition(name) != naming.Partition(home):
		all.Fail(path, name, fmt.Sprintf("is in the partition %s and the stack in %s, between which nothing is copied", naming.Partition(name), naming.Partition(home)), "choose a Region of the same partition")
	}
}

// anotherRegion is an example that is not the Region of the stack.
func (c *Config) anotherRegion() string {
	if c.homeRegion() == "eu-west-1" {
		return "eu-central-1"
	}
	return "eu-west-1"
}

// checkGrants refuses what no bucket can grant to a service, and what would only be refused once the service is built.
func (c *Config) checkGrants(index int, all *check.Checker) {
	service := &c.Services[index]
	names := make([]string, len(c.Buckets))
	for i, bucket := range c.Buckets {
		names[i] = bucket.Name
	}
	at := all.At(fmt.Sprintf("services[%d].buckets", index))
	for i, grant := range service.Buckets {
		path := fmt.Sprintf("[%d]", i)
		if !slices.Contains(names, grant.Bucket) && grant.Bucket != "" {
			at.Fail(path+".bucket", grant.Bucket, "is no bucket of this stack", which(grant.Bucket, "buckets", names))
		}
		if problem := components.PrefixProblem(grant.Prefix); problem != "" {
			at.Fail(path+".prefix", grant.Prefix, problem, "name a folder, such as exports/")
		}
		for j, earlier := range service.Buckets[:i] {
			if earlier.Bucket == grant.Bucket && grant.Access.Overlaps(grant.Prefix, earlier.Access, earlier.Prefix) {
				at.Fail(path, grantText(grant), fmt.Sprintf("is granted by services[%d].buckets[%d] already, in the whole or in part", index, j), "remove one, or make them one")
				break
			}
		}
	}
}

// which helps somebody who named something that the stack does not have among its names at key.
func which(name, key string, names []string) string {
	if len(names) == 0 {
		return "add it to " + key
	}
	if near := strict.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "the " + key + " are " + strings.Join(names, ", ")
}

func grantText(grant GrantConfig) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", grant.Access, grant.Bucket, grant.Prefix))
}

// bucketVariable is where a service finds the name of a bucket.
func bucketVariable(bucket string) string { return variable(bucket) + "_BUCKET" }
