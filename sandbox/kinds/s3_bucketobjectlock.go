package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

// mostLockDays and mostLockYears are the longest retention. Source:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
const (
	mostLockDays  = 36500
	mostLockYears = 100
)

const defaultRetention = "rule.defaultRetention"

// Object Lock cannot be taken from a bucket again: deleting the resource takes the default retention away only.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
var _ = register(&Kind{
	Token:    BucketObjectLock,
	Args:     s3.BucketObjectLockConfigurationV2Args{},
	Resource: &s3.BucketObjectLockConfigurationV2{},
	API: API{Service: "S3", Noun: "S3 Bucket Object Lock Configuration", Create: "PutObjectLockConfiguration",
		Update: "PutObjectLockConfiguration", Delete: "PutObjectLockConfiguration"},
	Defaults: []Default{{Path: "objectLockEnabled", Value: Text("Enabled")}},
	Secrets:  []string{"token"},
	Rules: slices.Concat(ofBucket(true), []Rule{
		OneOf("objectLockEnabled", "Enabled"), OneOf(defaultRetention+".mode", "GOVERNANCE", "COMPLIANCE"),
		Conflicting(defaultRetention+".days", defaultRetention+".years"),
		{Name: "a mode and a period", Stage: AtApply, Code: "MalformedXML", Broken: func(d *Draft) *Refusal {
			retention := d.At(defaultRetention)
			if retention.Exists() && (retention.At("mode").Text() == "" || !retention.At("days").Exists() && !retention.At("years").Exists()) {
				return Refuse(defaultRetention, "%s", malformedXML)
			}
			return nil
		}},
		{Name: "a period in range", Stage: AtApply, Code: "InvalidArgument", Broken: func(d *Draft) *Refusal {
			for _, limit := range []struct {
				path    string
				longest int
			}{{defaultRetention + ".days", mostLockDays}, {defaultRetention + ".years", mostLockYears}} {
				switch value := d.At(limit.path); {
				case value.Exists() && value.Int() < 1:
					return Refuse(limit.path, "Default retention period must be a positive integer value.")
				case value.Int() > limit.longest:
					return Refuse(limit.path, "Default retention period too large.")
				}
			}
			return nil
		}},
		{Name: "a bucket with versions", Stage: AtApply, Code: "InvalidBucketState", Broken: func(d *Draft) *Refusal {
			bucket := ownBucket(d)
			if bucket == nil || bucket.At("objectLockEnabled").Bool() {
				return nil
			}
			if versioning := companion(d, BucketVersioning, bucket); versioning == nil || versioning.Text("versioningConfiguration.status") != "Enabled" {
				return Refuse("bucket", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
			}
			return nil
		}},
	}),
	Replaces: []string{"bucket", "expectedBucketOwner", "objectLockEnabled"},
	ID:       bucketID,
})
