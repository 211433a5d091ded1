package kinds

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

const (
	lockedVersioning     = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
	replicatedVersioning = "A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning state, first delete the replication configuration."
)

// Deleting the resource suspends versioning, which a bucket never loses again; with Object Lock the provider then only forgets it.
// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
var _ = register(&Kind{
	Token:    BucketVersioning,
	Args:     s3.BucketVersioningV2Args{},
	Resource: &s3.BucketVersioningV2{},
	API:      API{Service: "S3", Noun: "S3 Bucket Versioning", Create: "PutBucketVersioning", Update: "PutBucketVersioning", Delete: "PutBucketVersioning"},
	Rules: slices.Concat(ofBucket(true), statusIn("versioningConfiguration.mfaDelete"), []Rule{
		OneOf("versioningConfiguration.status", "Enabled", "Suspended", "Disabled"),
		{Name: "versioning that is switched off again", When: OnUpdate, Broken: func(d *Draft) *Refusal {
			was, is := d.Was("versioningConfiguration.status").Text(), d.Text("versioningConfiguration.status")
			if is == "Disabled" && was != "Disabled" {
				return Refuse("versioningConfiguration.status", "versioning_configuration.status cannot be updated from '%s' to '%s'", was, is)
			}
			return nil
		}},
		{Name: "versioning under Object Lock", Stage: AtApply, Code: "InvalidBucketState", Broken: func(d *Draft) *Refusal {
			if bucket := ownBucket(d); bucket != nil && hasObjectLock(d, bucket) && d.Text("versioningConfiguration.status") == "Suspended" {
				return Refuse("versioningConfiguration.status", lockedVersioning)
			}
			return nil
		}},
		{Name: "versioning under replication", Stage: AtApply, Code: "InvalidBucketState", Broken: func(d *Draft) *Refusal {
			if d.Text("versioningConfiguration.status") == "Suspended" && len(d.UsedBy(BucketReplication, "bucket", d.Text("bucket"))) > 0 {
				return Refuse("versioningConfiguration.status", replicatedVersioning)
			}
			return nil
		}},
	}),
	DeleteRules: []DeleteRule{
		{Name: "a replication configuration", Code: "InvalidBucketState", Blocked: func(d *Draft) string {
			bucket := ownBucket(d)
			if bucket == nil || hasObjectLock(d, bucket) || len(d.UsedBy(BucketReplication, "bucket", d.Text("bucket"))) == 0 {
				return ""
			}
			return replicatedVersioning
		}},
	},
	Replaces: []string{"bucket", "expectedBucketOwner"},
	ID:       bucketID,
})
