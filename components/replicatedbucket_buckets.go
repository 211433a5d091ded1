package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// replicaSuffix is on the name of everything in the recovery Region; the name of no bucket ends with it, as both would be one resource to
// the engine.
const replicaSuffix = "-replica"

func (b *ReplicatedBucket) replicaName() string { return b.name + replicaSuffix }

// buildKeys builds a key in each Region. A key of several Regions would be one key to lose, and S3 would treat it as two anyway
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html).
func (b *ReplicatedBucket) buildKeys(ctx *pulumi.Context) (err error) {
	if b.built.key, err = b.buildKey(ctx, b.name, b.args.Region, nil); err != nil {
		return err
	}
	b.built.replicaKey, err = b.buildKey(ctx, b.replicaName(), b.args.RecoveryRegion, b.args.RecoveryProvider)
	return err
}

// buildKey builds a key whose use the account's identity policies decide: the grants', and the replication role's.
func (b *ReplicatedBucket) buildKey(ctx *pulumi.Context, name, region string, provider pulumi.ProviderResource) (*kms.Key, error) {
	at := homeOf(ctx, b.args.AccountID, region)
	return newKey(ctx, keySpec{
		parent: b, provider: provider, name: name, alias: at.alias("bucket", name), description: "Encrypts bucket " + name,
		statements: []iampolicy.Statement{at.accountAdministers()},
		protect:    b.args.Protect, tags: b.args.Tags, transform: b.args.Transform.Key,
	})
}

func (b *ReplicatedBucket) buildBuckets(ctx *pulumi.Context) (err error) {
	if b.built.bucket, err = newBucket(ctx, b.bucketSpec(b.name, nil, b.built.key)); err != nil {
		return err
	}
	b.built.replica, err = newBucket(ctx, b.bucketSpec(b.replicaName(), b.args.RecoveryProvider, b.built.replicaKey))
	return err
}

func (b *ReplicatedBucket) bucketSpec(name string, provider pulumi.ProviderResource, key *kms.Key) bucketSpec {
	return bucketSpec{
		parent: b, provider: provider, name: name, key: key, objectLock: b.args.ObjectLock != nil,
		emptyOnDelete: b.args.EmptyOnDelete, protect: b.args.Protect, lifecycle: b.args.Lifecycle.rules(),
		tags: b.args.Tags, transform: b.args.Transform.Bucket,
	}
}

// lock gives both buckets the same retention. A replica has its object's, but only a bucket with Object Lock can hold it
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-replication).
func (b *ReplicatedBucket) lock(ctx *pulumi.Context) error {
	lock := b.args.ObjectLock
	if lock == nil {
		return nil
	}
	for _, each := range []*builtBucket{b.built.bucket, b.built.replica} {
		if err := each.add(s3.NewBucketObjectLockConfigurationV2(ctx, each.spec.name, &s3.BucketObjectLockConfigurationV2Args{
			Bucket: each.bucket.ID(),
			Rule: &s3.BucketObjectLockConfigurationV2RuleArgs{DefaultRetention: &s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{
				Mode: pulumi.String(string(orDefault(lock.Mode, LockGovernance))), Days: pulumi.Int(lock.Days),
			}},
		}, append(stateful(b, b.args.Protect, each.spec.provider), pulumi.DependsOn(each.parts))...)); err != nil {
			return err
		}
	}
	return nil
}

// log has requests written where each bucket's name leads.
func (b *ReplicatedBucket) log(ctx *pulumi.Context) error {
	if b.args.AccessLogs == nil {
		return nil
	}
	if err := b.built.bucket.logTo(ctx, b.args.AccessLogs.Bucket); err != nil {
		return err
	}
	if b.args.AccessLogs.RecoveryBucket == nil {
		return nil
	}
	return b.built.replica.logTo(ctx, b.args.AccessLogs.RecoveryBucket)
}

func (b *builtBucket) logTo(ctx *pulumi.Context, target pulumi.StringInput) error {
	return b.add(s3.NewBucketLoggingV2(ctx, b.spec.name, &s3.BucketLoggingV2Args{
		Bucket: b.bucket.ID(), TargetBucket: target, TargetPrefix: pulumi.String(serverLogPrefix + b.spec.name + "/"),
	}, b.part()...))
}
