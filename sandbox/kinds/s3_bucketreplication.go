package kinds

import (
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

const v2Schema = " for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information."

// replicaClasses are the storage classes that replicas may have.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html
var replicaClasses = []string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
	"DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE"}

// S3 does not look at the role and the keys when it takes the configuration; what it does then is told by
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html. Other sources:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
var _ = register(&Kind{
	Token:         BucketReplication,
	Args:          s3.BucketReplicationConfigArgs{},
	Resource:      &s3.BucketReplicationConfig{},
	RequiredLists: []string{"rules"},
	API: API{Service: "S3", Noun: "S3 Bucket Replication Configuration", Create: "PutBucketReplication",
		Update: "PutBucketReplication", Delete: "DeleteBucketReplication"},
	Secrets: []string{"token"},
	Rules: slices.Concat(ofBucket(false), replicationSyntax(), []Rule{
		{Name: "a bucket with versions", Stage: AtApply, Code: "InvalidRequest", Broken: func(d *Draft) *Refusal {
			if bucket := ownBucket(d); bucket != nil && !isVersioned(d, bucket) {
				return Refuse("bucket", "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
			}
			return nil
		}},
	}, replicationSchema(), replicationDestination(), replicationTime(), replicationFailures()),
	Replaces: []string{"bucket"},
	Sets:     []string{"rules"},
	ID:       bucketID,
})

// replicationSyntax is what the provider looks at.
func replicationSyntax() []Rule {
	return slices.Concat([]Rule{
		LengthIn("rules[].id", 0, 255), LengthIn("rules[].prefix", 0, 1024), LengthIn("rules[].filter.prefix", 0, 1024),
		OneOf("rules[].destination.storageClass", replicaClasses...),
		OneOf("rules[].destination.accessControlTranslation.owner", "Destination"),
		{Name: "ARN in role", Broken: func(d *Draft) *Refusal {
			if role := d.Text("role"); !d.At("role").Unknown() && !isARN(role) {
				return Refuse("role", "\"role\" (%s) is an invalid ARN: arn: invalid prefix", role)
			}
			return nil
		}},
		{Name: "ARN in rules[].destination.bucket", Broken: func(d *Draft) *Refusal {
			for _, bucket := range d.Each("rules[].destination.bucket") {
				if !bucket.Unknown() && !isARN(bucket.Text()) {
					return Refuse(bucket.Path(), "%q (%s) is an invalid ARN: arn: invalid prefix", bucket.Path(), bucket.Text())
				}
			}
			return nil
		}},
	}, statusIn("rules[].status", "rules[].deleteMarkerReplication.status",
		"rules[].destination.metrics.status", "rules[].destination.replicationTime.status",
		"rules[].sourceSelectionCriteria.sseKmsEncryptedObjects.status", "rules[].sourceSelectionCriteria.replicaModifications.status"))
}

// eachRule makes a rule of S3 that looks at every replication rule.
func eachRule(name, code string, broken func(d *Draft, rule Value) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: code, Broken: func(d *Draft) *Refusal {
		for _, rule := range d.Each("rules[]") {
			if refusal := broken(d, rule); refusal != nil {
				return refusal
			}
		}
		return nil
	}}
}

// replicationSchema tells the two versions of the schema apart: with a filter there must be what without one must not be.
func replicationSchema() []Rule {
	return []Rule{
		eachRule("a filter needs deleteMarkerReplication", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			if rule.At("filter").Exists() && !rule.At("deleteMarkerReplication").Exists() {
				return Refuse(rule.Path(), "DeleteMarkerReplication must be specified"+v2Schema)
			}
			return nil
		}),
		eachRule("deleteMarkerReplication needs a filter", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			if !rule.At("filter").Exists() && rule.At("deleteMarkerReplication").Exists() {
				return Refuse(rule.Path(), "DeleteMarkerReplication cannot be used"+v2Schema)
			}
			return nil
		}),
		eachRule("a priority needs a filter", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			if !rule.At("filter").Exists() && rule.At("priority").Exists() {
				return Refuse(rule.Path(), "Priority cannot be used"+v2Schema)
			}
			return nil
		}),
		eachRule("delete markers of tagged objects", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			tagged := rule.At("filter.tag").Exists() || len(rule.At("filter.and.tags").Keys()) > 0
			if tagged && enabled(rule.At("deleteMarkerReplication.status")) {
				return Refuse(rule.Path(), "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.")
			}
			return nil
		}),
		eachRule("existing objects", "MalformedXML", func(_ *Draft, rule Value) *Refusal {
			if rule.At("existingObjectReplication").Exists() {
				return Refuse(rule.Path(), "%s", malformedXML)
			}
			return nil
		}),
		{Name: "unique ids", Stage: AtApply, Code: "InvalidArgument", Broken: func(d *Draft) *Refusal {
			if duplicate(textsOf(d.Each("rules[].id"))) != "" {
				return Refuse("rules", "Rule Id must be unique")
			}
			return nil
		}},
		{Name: "unique priorities", Stage: AtApply, Code: "InvalidRequest", Broken: func(d *Draft) *Refusal {
			var priorities []string
			for _, rule := range d.Each("rules[]") { // the provider sends 0 where nothing is said
				if rule.At("filter").Exists() {
					priorities = append(priorities, strconv.Itoa(rule.At("priority").Int()))
				}
			}
			if twice := duplicate(priorities); twice != "" {
				return Refuse("rules", "Found duplicate priority %s.", twice)
			}
			return nil
		}},
	}
}

func textsOf(values []Value) []string {
	var texts []string
	for _, value := range values {
		if text := value.Text(); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}
