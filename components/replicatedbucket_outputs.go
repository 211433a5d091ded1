package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// The metrics of a replication rule, in the namespace ReplicationNamespace
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html#s3-cloudwatch-replication-metrics). They exist while there
// is something to replicate.
const (
	ReplicationNamespace = "AWS/S3"
	// MetricReplicationLatency is by how many seconds the copy is behind, at most; its statistic is Maximum.
	MetricReplicationLatency = "ReplicationLatency"
	// MetricOperationsFailedReplication is how many operations were given up; its statistic is Sum.
	MetricOperationsFailedReplication = "OperationsFailedReplication"
	// MetricOperationsPendingReplication is how many operations wait; its statistic is Maximum.
	MetricOperationsPendingReplication = "OperationsPendingReplication"
	// MetricBytesPendingReplication is how many bytes wait; its statistic is Maximum.
	MetricBytesPendingReplication = "BytesPendingReplication"
)

// ReplicationMetrics names the metrics of one replication rule for an alarm.
type ReplicationMetrics struct {
	// SourceBucket and DestinationBucket are the names of the two buckets.
	SourceBucket, DestinationBucket pulumi.StringOutput
	// RuleID is the id of the rule.
	RuleID string
}

// Dimensions are the dimensions of every one of the metrics.
func (m ReplicationMetrics) Dimensions() pulumi.StringMap {
	return pulumi.StringMap{"SourceBucket": m.SourceBucket, "DestinationBucket": m.DestinationBucket, "RuleId": pulumi.String(m.RuleID)}
}

// ReplicationMetrics are the metrics by which one sees that the copy is behind, or that objects were given up.
func (b *ReplicatedBucket) ReplicationMetrics() ReplicationMetrics {
	return ReplicationMetrics{SourceBucket: b.BucketName, DestinationBucket: b.ReplicaBucketName, RuleID: replicationRule}
}

// registerOutputs assigns the outputs and tells the engine.
func (b *ReplicatedBucket) registerOutputs(ctx *pulumi.Context) error {
	b.BucketName, b.BucketARN, b.KeyARN = b.built.bucket.bucket.Bucket, b.built.bucket.bucket.Arn, b.built.key.Arn
	b.ReplicaBucketName, b.ReplicaBucketARN, b.ReplicaKeyARN = b.built.replica.bucket.Bucket, b.built.replica.bucket.Arn, b.built.replicaKey.Arn
	b.ReplicationRoleARN = b.built.role.Arn
	return ctx.RegisterResourceOutputs(b, pulumi.Map{
		"bucketName": b.BucketName, "bucketARN": b.BucketARN, "keyARN": b.KeyARN,
		"replicaBucketName": b.ReplicaBucketName, "replicaBucketARN": b.ReplicaBucketARN, "replicaKeyARN": b.ReplicaKeyARN,
		"replicationRoleARN": b.ReplicationRoleARN,
	})
}
