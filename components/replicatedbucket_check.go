package components

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

// Check lists everything that is wrong with the arguments of the bucket called name; nothing when it can be built. It looks at plain
// values only and registers nothing.
func (a *ReplicatedBucketArgs) Check(name string) []check.Failure {
	c := check.New()
	checkBucketName(c, name)
	if strings.HasSuffix(name, replicaSuffix) {
		c.Fail("name", name, "is what the copy of another bucket is called", "end it with another word")
	}
	if a == nil {
		c.Missing("args", "a bucket needs arguments", "give account, Regions and what a deletion does to the copy")
		return c.Failures()
	}
	args := a.withDefaults()
	checkAccount(c, args.AccountID)
	checkRegion(c, "region", args.Region, "policies name the Region")
	checkRecoveryRegion(c, args.Region, args.RecoveryRegion)
	if args.RecoveryProvider == nil {
		c.Missing("recoveryProvider", "the copy is built by a provider of the recovery Region", "give an aws provider of that Region")
	}
	if args.DeleteMarkers == "" {
		c.Missing("deleteMarkers", "there is no default for what a deletion does to the copy", "state replicated, or ignored for what nobody should delete")
	} else if limit := oneOf(args.DeleteMarkers, DeleteMarkersChoices()); limit != "" {
		c.Fail("deleteMarkers", string(args.DeleteMarkers), limit, "choose one")
	}
	args.Lifecycle.check(c.At("lifecycle"))
	if class := args.ReplicaStorageClass; class != "" {
		if limit := oneOf(class, StorageClasses()); limit != "" {
			c.Fail("replicaStorageClass", string(class), limit, "choose one, or leave it out for the object's own")
		}
	}
	args.ObjectLock.check(c.At("objectLock"))
	if args.AccessLogs != nil && args.AccessLogs.Bucket == nil {
		c.At("accessLogs").Missing("bucket", "logs are written to a bucket", "give the BucketName of a LogBucket")
	}
	checkEmptying(c, args.EmptyOnDelete, args.Protect)
	if args.EmptyOnDelete && args.ObjectLock != nil && args.ObjectLock.Mode == LockCompliance {
		c.Fail("emptyOnDelete", true, "contradicts COMPLIANCE, under which nobody can delete what a bucket holds", "drop one of the two")
	}
	checkTags(c, args.Tags)
	return c.Failures()
}

// checkBucketName also keeps away from the beginnings that S3 reserves
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
func checkBucketName(c *check.Checker, name string) {
	checkName(c, name, naming.MaxBucketName)
	for _, reserved := range []string{"sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name+"-", reserved) {
			c.Fail("name", name, "begins with "+reserved+", which AWS reserves", "begin it with another word")
		}
	}
}

func checkEmptying(c *check.Checker, empty, protect bool) {
	if empty && protect {
		c.Fail("emptyOnDelete", true, "contradicts protect: what is protected is not emptied", "drop one of the two")
	}
}

func (l *ObjectLockArgs) check(c *check.Checker) {
	if l == nil {
		return
	}
	if l.Days == 0 {
		c.Missing("days", "a lock holds for some time", "give the number of days")
	} else if l.Days < 1 || l.Days > longestDays {
		c.Fail("days", l.Days, fmt.Sprintf("must be from 1 to %d days", longestDays), "change it")
	}
	mode := orDefault(l.Mode, LockGovernance)
	switch {
	case mode != LockGovernance && mode != LockCompliance:
		c.Fail("mode", string(l.Mode), oneOf(l.Mode, ObjectLockModes()), "choose one, or leave it out for GOVERNANCE")
	case mode == LockCompliance && !l.NobodyCanUndoCompliance:
		c.Fail("mode", string(l.Mode), "can be undone by nobody until the time is over, AWS included", "state nobodyCanUndoCompliance, or use GOVERNANCE")
	case mode == LockGovernance && l.NobodyCanUndoCompliance:
		c.Fail("nobodyCanUndoCompliance", true, "is stated without COMPLIANCE", "drop it, or set mode")
	}
}

// withDefaults is a copy in which every zero value is its default.
func (a ReplicatedBucketArgs) withDefaults() ReplicatedBucketArgs {
	a.Lifecycle = a.Lifecycle.withDefaults()
	return a
}
