package kinds

import "strings"

// replicaBucket is the bucket that a rule copies to, whose ever and where ever it is, or nil.
func replicaBucket(d *Draft, rule Value) *Thing {
	return bucketNamed(d, strings.TrimPrefix(rule.At("destination.bucket").Text(), bucketARN(d, "")))
}

// replicationDestination is what S3 asks of the bucket that receives the replicas.
func replicationDestination() []Rule {
	return []Rule{
		eachRule("a destination that exists", "InvalidRequest", func(d *Draft, rule Value) *Refusal {
			if replicaBucket(d, rule) == nil {
				return Refuse(rule.At("destination.bucket").Path(), "Destination bucket must exist.")
			}
			return nil
		}),
		eachRule("a destination that is another bucket", "InvalidRequest", func(d *Draft, rule Value) *Refusal {
			if bucket := replicaBucket(d, rule); bucket != nil && bucket.ID == d.Text("bucket") {
				return Refuse(rule.At("destination.bucket").Path(), "Destination bucket cannot be the same as the source bucket.")
			}
			return nil
		}),
		eachRule("a destination with versions", "InvalidRequest", func(d *Draft, rule Value) *Refusal {
			bucket := replicaBucket(d, rule)
			if bucket != nil && bucket.ID != d.Text("bucket") && !isVersioned(d, bucket) {
				return Refuse(rule.At("destination.bucket").Path(), "Destination bucket must have versioning enabled.")
			}
			return nil
		}),
		eachRule("an account for another owner", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			if rule.At("destination.accessControlTranslation").Exists() && rule.At("destination.account").Text() == "" {
				return Refuse(rule.Path(), "Account must be specified if the Owner in AccessControlTranslation has a value")
			}
			return nil
		}),
		eachRule("a replica key needs sseKmsEncryptedObjects", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			criteria := rule.At("sourceSelectionCriteria.sseKmsEncryptedObjects")
			if rule.At("destination.encryptionConfiguration").Exists() && !criteria.Exists() {
				return Refuse(rule.Path(), "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
			}
			return nil
		}),
		eachRule("sseKmsEncryptedObjects need a replica key", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			criteria := rule.At("sourceSelectionCriteria.sseKmsEncryptedObjects")
			if criteria.Exists() && rule.At("destination.encryptionConfiguration.replicaKmsKeyId").Text() == "" {
				return Refuse(rule.Path(), "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.")
			}
			return nil
		}),
	}
}

// rtcMinutes is the only threshold there is.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationTimeValue.html
const rtcMinutes = 15

// replicationTime is what S3 asks of Replication Time Control, which comes only with metrics.
func replicationTime() []Rule {
	return []Rule{
		eachRule("replication time needs metrics", "InvalidRequest", func(_ *Draft, rule Value) *Refusal {
			if rule.At("destination.replicationTime").Exists() && !rule.At("destination.metrics").Exists() {
				return Refuse(rule.Path(), "Replication destination must contain both ReplicationTime and Metrics or neither.")
			}
			return nil
		}),
		eachRule("minutes of replication time", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			if time := rule.At("destination.replicationTime"); time.Exists() && time.At("time.minutes").Int() != rtcMinutes {
				return Refuse(time.Path(), "Invalid time minute value")
			}
			return nil
		}),
		eachRule("an event threshold with replication time", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			metrics := rule.At("destination.metrics")
			if !enabled(rule.At("destination.replicationTime.status")) || !metrics.Exists() {
				return nil
			}
			switch threshold := metrics.At("eventThreshold.minutes"); {
			case !threshold.Exists():
				return Refuse(metrics.Path(), "ReplicationMetrics must contain an event threshold")
			case threshold.Int() != rtcMinutes:
				return Refuse(metrics.Path(), "Invalid event threshold minute value")
			}
			return nil
		}),
		eachRule("an event threshold without replication time", "InvalidArgument", func(_ *Draft, rule Value) *Refusal {
			if rule.At("destination.metrics.eventThreshold").Exists() && !enabled(rule.At("destination.replicationTime.status")) {
				return Refuse(rule.Path(), "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled")
			}
			return nil
		}),
	}
}

// replicationFailures are the configurations that S3 takes and under which it then replicates nothing.
func replicationFailures() []Rule {
	return []Rule{
		{Name: "a role that S3 may assume", Stage: AtApply, Code: "AssumeRoleNotPermitted", Broken: func(d *Draft) *Refusal {
			role := d.FindBy(Role, "arn", d.Text("role"))
			context := keyContext{"aws:sourceaccount": d.Account, "aws:sourcearn": bucketARN(d, d.Text("bucket"))}
			if role != nil && keyAllows(role.Text("assumeRolePolicy"), byService("s3.amazonaws.com"), []string{"sts:AssumeRole"}, context) {
				return nil
			}
			return Refuse("role", "Amazon S3 can't assume the role %s%s", d.Text("role"), acceptedByAWS)
		}},
		eachRule("a replica key of the destination's Region", "DstKmsKeyNotFound", func(d *Draft, rule Value) *Refusal {
			bucket, id := replicaBucket(d, rule), rule.At("destination.encryptionConfiguration.replicaKmsKeyId")
			if bucket == nil || id.Text() == "" || keyOfAWS(id.Text()) || replicaKey(d, bucket, id.Text()) != nil {
				return nil
			}
			return Refuse(id.Path(), "The KMS key %s doesn't exist in %s, where the destination bucket is%s", id.Text(), bucket.Region, acceptedByAWS)
		}),
		eachRule("a replica key that is enabled", "DstKmsKeyInvalidState", func(d *Draft, rule Value) *Refusal {
			bucket, id := replicaBucket(d, rule), rule.At("destination.encryptionConfiguration.replicaKmsKeyId")
			if bucket == nil {
				return nil
			}
			if key := replicaKey(d, bucket, id.Text()); key != nil && !keyEnabled(key) {
				return Refuse(id.Path(), "The KMS key %s for the destination bucket isn't in a valid state%s", id.Text(), acceptedByAWS)
			}
			return nil
		}),
		eachRule("a destination with Object Lock", "DstBucketObjectLockConfigMissing", func(d *Draft, rule Value) *Refusal {
			source, bucket := ownBucket(d), replicaBucket(d, rule)
			if source != nil && bucket != nil && hasObjectLock(d, source) && !hasObjectLock(d, bucket) {
				return Refuse(rule.At("destination.bucket").Path(), "The destination bucket must have Object Lock enabled as the source bucket has%s", acceptedByAWS)
			}
			return nil
		}),
	}
}

// replicaKey is a key by its reference as seen from where the replicas go, or nil.
func replicaKey(d *Draft, bucket *Thing, reference string) *Thing {
	there := *d
	there.Place = bucket.Place
	return keyBy(&there, reference)
}
