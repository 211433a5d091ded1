package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// replicationMinutes is the threshold of S3 Replication Time Control, and the only one there is
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationTimeValue.html).
const replicationMinutes = 15

// replicationRule is the id of the one rule. Its metrics have it for a dimension.
const replicationRule = "everything"

// Slots of the replication role's policy.
const (
	replicaSlot    = "replica"
	replicaKeySlot = "replicaKey"
)

// buildRole builds the role that S3 copies with. S3 is given no condition on whom it acts for: AWS documents none, and nobody can hand
// the role to a bucket of another account, since that takes iam:PassRole on it
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html).
func (b *ReplicatedBucket) buildRole(ctx *pulumi.Context) (err error) {
	b.built.role, b.built.rolePolicy, err = newRole(ctx, roleSpec{
		parent: b, name: b.name + "-replication", description: "Copies bucket " + b.name + " to " + b.args.RecoveryRegion,
		trust: iampolicy.Trust(iampolicy.Statement{
			Sid: "Replication", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("s3.amazonaws.com")},
			Actions: []iampolicy.Action{"sts:AssumeRole"},
		}),
		policy: iampolicy.Identity(b.replicationStatements()...),
		slots: pulumi.StringMap{
			bucketSlot: b.built.bucket.bucket.Arn, bucketKeySlot: b.built.key.Arn,
			replicaSlot: b.built.replica.bucket.Arn, replicaKeySlot: b.built.replicaKey.Arn,
		},
		tags: b.args.Tags, transform: b.args.Transform.Role,
	})
	return err
}

// replicationStatements let the role read versions here, write replicas there, and use each key for its own bucket through S3 in
// its own Region. Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html.
func (b *ReplicatedBucket) replicationStatements() []iampolicy.Statement {
	read := []iampolicy.Action{"s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"}
	if b.args.ObjectLock != nil {
		read = append(read, "s3:GetObjectLegalHold", "s3:GetObjectRetention")
	}
	write := []iampolicy.Action{"s3:ReplicateObject", "s3:ReplicateTags"}
	if b.args.DeleteMarkers == DeleteMarkersReplicated {
		write = append(write, "s3:ReplicateDelete")
	}
	return []iampolicy.Statement{{
		Sid: "FindVersions", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"s3:GetReplicationConfiguration", "s3:ListBucket"}, Resources: []iampolicy.Resource{iampolicy.Slot(bucketSlot, "")},
	}, {
		Sid: "ReadVersions", Effect: iampolicy.Allow, Actions: read, Resources: []iampolicy.Resource{iampolicy.Slot(bucketSlot, "/*")},
	}, {
		Sid: "WriteReplicas", Effect: iampolicy.Allow, Actions: write, Resources: []iampolicy.Resource{iampolicy.Slot(replicaSlot, "/*")},
	}, {
		Sid: "DecryptVersions", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"kms:Decrypt"}, Resources: []iampolicy.Resource{iampolicy.Slot(bucketKeySlot, "")},
		Conditions: throughS3(b.args.Region, bucketSlot, "/*"),
	}, {
		// Decrypt is to check the bucket key that a replica is encrypted with.
		Sid: "EncryptReplicas", Effect: iampolicy.Allow,
		Actions: []iampolicy.Action{"kms:Decrypt", "kms:Encrypt"}, Resources: []iampolicy.Resource{iampolicy.Slot(replicaKeySlot, "")},
		Conditions: throughS3(b.args.RecoveryRegion, replicaSlot, "/*"),
	}}
}

// throughS3 limits the use of a key to S3 in one Region and to one bucket. What S3 tells KMS is the ARN of the bucket where there is a
// bucket key, and of the object where the writer did without
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html#bucket-key-changes).
func throughS3(region, bucket, objects string) []iampolicy.Condition {
	return []iampolicy.Condition{
		iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("s3", region)),
		{
			Operator: iampolicy.StringLike, Key: "kms:EncryptionContext:aws:s3:arn",
			Values: []iampolicy.Value{iampolicy.Slot(bucket, ""), iampolicy.Slot(bucket, objects)},
		},
	}
}

// replicate copies everything, within the time that AWS promises. It comes last: S3 refuses it before both buckets keep versions, and
// what it finds missing of role, policies and keys it does not say but fails with every object
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html).
func (b *ReplicatedBucket) replicate(ctx *pulumi.Context) error {
	const on, off = "Enabled", "Disabled"
	markers := map[DeleteMarkers]string{DeleteMarkersReplicated: on, DeleteMarkersIgnored: off}[b.args.DeleteMarkers]
	destination := &s3.BucketReplicationConfigRuleDestinationArgs{
		Bucket:                  b.built.replica.bucket.Arn,
		EncryptionConfiguration: &s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{ReplicaKmsKeyId: b.built.replicaKey.Arn},
		ReplicationTime: &s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs{
			Status: pulumi.String(on), Time: &s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs{Minutes: pulumi.Int(replicationMinutes)},
		},
		Metrics: &s3.BucketReplicationConfigRuleDestinationMetricsArgs{
			Status: pulumi.String(on), EventThreshold: &s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs{Minutes: pulumi.Int(replicationMinutes)},
		},
	}
	if b.args.ReplicaStorageClass != "" {
		destination.StorageClass = pulumi.String(string(b.args.ReplicaStorageClass))
	}
	ready := append(append([]pulumi.Resource{b.built.rolePolicy, b.built.bucket.bucket, b.built.replica.bucket},
		b.built.bucket.parts...), b.built.replica.parts...)
	_, err := s3.NewBucketReplicationConfig(ctx, b.name, transformed(&s3.BucketReplicationConfigArgs{
		Bucket: b.built.bucket.bucket.ID(), Role: b.built.role.Arn,
		Rules: s3.BucketReplicationConfigRuleArray{&s3.BucketReplicationConfigRuleArgs{
			Id: pulumi.String(replicationRule), Status: pulumi.String(on), Priority: pulumi.Int(1),
			// An empty filter, rather than none, makes this the second version of the schema, which knows about delete markers.
			Filter:                  &s3.BucketReplicationConfigRuleFilterArgs{Prefix: pulumi.String("")},
			DeleteMarkerReplication: &s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{Status: pulumi.String(markers)},
			SourceSelectionCriteria: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs{
				SseKmsEncryptedObjects: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{Status: pulumi.String(on)},
			},
			Destination: destination,
		}},
	}, b.args.Transform.Replication), pulumi.Parent(b), pulumi.DependsOn(ready))
	return err
}
