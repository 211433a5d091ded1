package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
var _ = register(&Kind{
	Token:    BucketLogging,
	Args:     s3.BucketLoggingV2Args{},
	Resource: &s3.BucketLoggingV2{},
	API:      API{Service: "S3", Noun: "S3 Bucket Logging", Create: "PutBucketLogging", Update: "PutBucketLogging", Delete: "PutBucketLogging"},
	Rules: slices.Concat(ofBucket(true), []Rule{
		OneOf("targetGrants[].permission", "FULL_CONTROL", "READ", "WRITE"),
		OneOf("targetGrants[].grantee.type", "CanonicalUser", "AmazonCustomerByEmail", "Group"),
		OneOf("targetObjectKeyFormat.partitionedPrefix.partitionDateSource", "EventTime", "DeliveryTime"),
		{Name: "one key format", Broken: func(d *Draft) *Refusal {
			if format := d.At("targetObjectKeyFormat"); format.Exists() && format.At("partitionedPrefix").Exists() == format.At("simplePrefix").Exists() {
				return Refuse("targetObjectKeyFormat", "exactly one of partitionedPrefix, simplePrefix must be specified")
			}
			return nil
		}},
		{Name: "a target that exists", Stage: AtApply, Code: "InvalidTargetBucketForLogging", Broken: func(d *Draft) *Refusal {
			if bucketNamed(d, d.Text("targetBucket")) == nil {
				return Refuse("targetBucket", "The target bucket for logging does not exist")
			}
			return nil
		}},
		{Name: "a target of this account", Stage: AtApply, Code: "InvalidTargetBucketForLogging", Broken: func(d *Draft) *Refusal {
			if target := bucketNamed(d, d.Text("targetBucket")); target != nil && target.Account != d.Account {
				return Refuse("targetBucket", "The owner for the bucket to be logged and the target bucket must be the same.")
			}
			return nil
		}},
		{Name: "a target of this Region", Stage: AtApply, Code: "CrossLocationLoggingProhibitted", Broken: func(d *Draft) *Refusal {
			if target := bucketNamed(d, d.Text("targetBucket")); target != nil && target.Account == d.Account && target.Region != d.Region {
				return Refuse("targetBucket", "Cross S3 location logging not allowed.")
			}
			return nil
		}},
		{Name: "grants to a bucket without ACLs", Stage: AtApply, Code: "AccessControlListNotSupported", Broken: func(d *Draft) *Refusal {
			target := logTarget(d)
			if target == nil || len(d.Each("targetGrants[]")) == 0 {
				return nil
			}
			if ownership := companion(d, BucketOwnership, target); ownership == nil || ownership.Text("rule.objectOwnership") == "BucketOwnerEnforced" {
				return Refuse("targetGrants", "Target grants not allowed for bucket owner enforced buckets")
			}
			return nil
		}},
		{Name: "a target that may be written", Stage: AtApply, Code: "InvalidTargetBucketForLogging", Broken: func(d *Draft) *Refusal {
			target := logTarget(d)
			if target == nil || len(d.Each("targetGrants[]")) > 0 {
				return nil
			}
			context := keyContext{"aws:sourceaccount": d.Account, "aws:sourcearn": bucketARN(d, d.Text("bucket")), "aws:securetransport": "true"}
			if !bucketLets(d, target, "logging.s3.amazonaws.com", d.Text("targetPrefix")+"log", context) {
				return Refuse("targetBucket", "The policy of %s does not let logging.s3.amazonaws.com put objects at %s%s", target.ID, d.Text("targetPrefix"), acceptedByAWS)
			}
			return nil
		}},
		{Name: "a target under S3's own keys", Stage: AtApply, Code: "InvalidTargetBucketForLogging", Broken: func(d *Draft) *Refusal {
			if target := logTarget(d); target != nil && encryptedWithKMS(d, target) {
				return Refuse("targetBucket", "%s is encrypted with SSE-KMS, under which no server access logs are delivered%s", target.ID, acceptedByAWS)
			}
			return nil
		}},
		{Name: "a target without Object Lock", Stage: AtApply, Code: "InvalidTargetBucketForLogging", Broken: func(d *Draft) *Refusal {
			if target := logTarget(d); target != nil && hasObjectLock(d, target) {
				return Refuse("targetBucket", "%s has Object Lock, under which no server access logs are delivered%s", target.ID, acceptedByAWS)
			}
			return nil
		}},
	}),
	Replaces: []string{"bucket", "expectedBucketOwner"},
	Sets:     []string{"targetGrants"},
	ID:       bucketID,
})

// logTarget is the bucket that receives the logs, where AWS admits it at all, or nil.
func logTarget(d *Draft) *Thing { return d.Find(Bucket, d.Text("targetBucket")) }
