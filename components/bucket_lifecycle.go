package components

import (
	"fmt"
	"slices"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// StorageClass is what S3 charges for keeping an object and for touching it, in S3's words
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html). One Zone-IA is not among them: it is lost with
// its zone.
type StorageClass string

// The storage classes that objects may move to, warmest first: an object moves down this list only.
const (
	// StandardIA costs less to keep and something to read. Objects below 128 KB do not move.
	StandardIA StorageClass = "STANDARD_IA"
	// IntelligentTiering moves an object by itself, by how often it is read, for a fee per object.
	IntelligentTiering StorageClass = "INTELLIGENT_TIERING"
	// GlacierInstantRetrieval is for what is read a few times a year, and at once when it is.
	GlacierInstantRetrieval StorageClass = "GLACIER_IR"
	// GlacierFlexibleRetrieval must be restored before it can be read, which takes minutes to hours.
	GlacierFlexibleRetrieval StorageClass = "GLACIER"
	// GlacierDeepArchive must be restored before it can be read, which takes hours.
	GlacierDeepArchive StorageClass = "DEEP_ARCHIVE"
)

// StorageClasses lists every StorageClass, warmest first.
func StorageClasses() []StorageClass {
	return []StorageClass{StandardIA, IntelligentTiering, GlacierInstantRetrieval, GlacierFlexibleRetrieval, GlacierDeepArchive}
}

// stayDays is for how long S3 charges for an object in a class whether it is there or not; within one rule it may not move on
// earlier. Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html and
// the minimum storage durations of https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html.
var stayDays = map[StorageClass]int{StandardIA: 30, GlacierInstantRetrieval: 90, GlacierFlexibleRetrieval: 90, GlacierDeepArchive: 180}

// Limits of lifecycle rules. S3 moves nothing to Standard-IA in an object's first 30 days (same source). The longest is ours: ten years,
// more than any retention here needs, and less than a misplaced digit makes of it.
const (
	warmDays    = 30
	longestDays = 3650
)

// BucketLifecycleArgs is how long objects are kept, and where. It holds for both buckets of a ReplicatedBucket: S3 replicates no
// lifecycle (https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html).
type BucketLifecycleArgs struct {
	// Transitions move objects that are current to cheaper storage classes.
	Transitions []TransitionArgs `pulumi:"transitions,optional"`
	// ExpireDays is the age in days at which an object is deleted, as if somebody had: its versions stay for NoncurrentDays
	// more. By default objects are kept until somebody deletes them. At most 3650.
	ExpireDays int `pulumi:"expireDays,optional"`
	// NoncurrentDays is for how many days what was overwritten or deleted can be brought back: 30 by default, 1 to 3650.
	NoncurrentDays int `pulumi:"noncurrentDays,optional"`
	// AbortUploadDays is after how many days the parts of an upload that was never finished are removed: 7 by default, 1 to
	// 365. They are in no listing, and charged for.
	AbortUploadDays int `pulumi:"abortUploadDays,optional"`
}

// TransitionArgs moves objects to a storage class.
type TransitionArgs struct {
	// StorageClass is where they move.
	StorageClass StorageClass `pulumi:"storageClass"`
	// AfterDays is the age in days at which they do.
	AfterDays int `pulumi:"afterDays"`
}

func (a BucketLifecycleArgs) withDefaults() BucketLifecycleArgs {
	a.NoncurrentDays = orDefault(a.NoncurrentDays, 30)
	a.AbortUploadDays = orDefault(a.AbortUploadDays, 7)
	return a
}

func (a BucketLifecycleArgs) check(c *check.Checker) {
	checkRange(c, "noncurrentDays", a.NoncurrentDays, 1, longestDays, "days")
	checkRange(c, "abortUploadDays", a.AbortUploadDays, 1, 365, "days")
	if a.ExpireDays != 0 {
		checkRange(c, "expireDays", a.ExpireDays, 1, longestDays, "days")
	}
	for index, each := range a.Transitions {
		a.checkTransition(c.At("transitions").At(fmt.Sprintf("[%d]", index)), index, each)
	}
}

// checkTransition holds one transition against S3's rules and against those before it.
func (a BucketLifecycleArgs) checkTransition(c *check.Checker, index int, each TransitionArgs) {
	if limit := oneOf(each.StorageClass, StorageClasses()); limit != "" {
		c.Fail("storageClass", string(each.StorageClass), limit, "choose one; One Zone-IA would be lost with its zone")
		return
	}
	least, why := 1, "in days"
	if each.StorageClass == StandardIA {
		least, why = warmDays, "before S3 moves an object there"
	}
	if index > 0 {
		before := a.Transitions[index-1]
		if slices.Index(StorageClasses(), before.StorageClass) >= slices.Index(StorageClasses(), each.StorageClass) {
			c.Fail("storageClass", string(each.StorageClass), fmt.Sprintf("comes after %s, and objects move to colder classes only", before.StorageClass), "put the warmest first, and name each class once")
			return
		}
		if earliest := before.AfterDays + max(1, stayDays[before.StorageClass]); earliest > least {
			least, why = earliest, fmt.Sprintf("since an object must stay in %s for %d", before.StorageClass, max(1, stayDays[before.StorageClass]))
		}
	}
	switch {
	case each.AfterDays < least:
		c.Fail("afterDays", each.AfterDays, fmt.Sprintf("must be at least %d, %s", least, why), fmt.Sprintf("raise it to %d", least))
	case a.ExpireDays > 0 && each.AfterDays >= a.ExpireDays:
		c.Fail("afterDays", each.AfterDays, fmt.Sprintf("must be below the %d days at which objects expire", a.ExpireDays), "drop the transition, or keep objects for longer")
	case each.AfterDays > longestDays:
		c.Fail("afterDays", each.AfterDays, fmt.Sprintf("must be at most %d", longestDays), "lower it")
	}
}

// rules are the lifecycle rules of a bucket. Where nothing expires, delete markers are removed that have no version behind them any
// more: they hold nothing, and slow listings down.
func (a BucketLifecycleArgs) rules() s3.BucketLifecycleConfigurationV2RuleArray {
	var transitions s3.BucketLifecycleConfigurationV2RuleTransitionArray
	for _, each := range a.Transitions {
		transitions = append(transitions, s3.BucketLifecycleConfigurationV2RuleTransitionArgs{
			StorageClass: pulumi.String(string(each.StorageClass)), Days: pulumi.Int(each.AfterDays),
		})
	}
	expiration := &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{ExpiredObjectDeleteMarker: pulumi.Bool(true)}
	if a.ExpireDays > 0 {
		expiration = &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(a.ExpireDays)}
	}
	return s3.BucketLifecycleConfigurationV2RuleArray{&s3.BucketLifecycleConfigurationV2RuleArgs{
		Id: pulumi.String("everything"), Status: pulumi.String("Enabled"),
		Filter:      &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		Transitions: transitions, Expiration: expiration,
		NoncurrentVersionExpiration:    &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(a.NoncurrentDays)},
		AbortIncompleteMultipartUpload: &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(a.AbortUploadDays)},
	}}
}
