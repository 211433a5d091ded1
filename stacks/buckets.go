package stacks

import (
	"github.com/aplomb-iac/aplomb/components"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logBucketName is the name of the stack's own log bucket.
const logBucketName = "access-logs"

// logBucketArgs leave tags to the provider, as those of buckets do.
func (c *Config) logBucketArgs() *components.LogBucketArgs {
	profile := c.profile()
	return &components.LogBucketArgs{
		AccountID: c.Account, Region: c.homeRegion(), ExpireDays: orZero(c.AccessLogs.ExpireDays),
		EmptyOnDelete: profile.EmptyBuckets, Protect: profile.Protect,
	}
}

// bucketArgs has requests logged where the stack has a log bucket of its own: whether another lets S3 write, nothing here knows.
func (c *Config) bucketArgs(bucket *BucketConfig, recovery pulumi.ProviderResource, logs pulumi.StringInput) *components.ReplicatedBucketArgs {
	profile := c.profile()
	args := &components.ReplicatedBucketArgs{
		AccountID: c.Account, Region: c.homeRegion(), RecoveryRegion: c.RecoveryRegion, RecoveryProvider: recovery,
		DeleteMarkers: bucket.DeleteMarkers, ReplicaStorageClass: bucket.ReplicaStorageClass,
		EmptyOnDelete: profile.EmptyBuckets, Protect: profile.Protect && !bucket.Retiring,
	}
	if lifecycle := bucket.Lifecycle; lifecycle != nil {
		args.Lifecycle = components.BucketLifecycleArgs{
			ExpireDays: orZero(lifecycle.ExpireDays), NoncurrentDays: orZero(lifecycle.NoncurrentDays), AbortUploadDays: orZero(lifecycle.AbortUploadDays),
		}
		for _, each := range lifecycle.Transitions {
			args.Lifecycle.Transitions = append(args.Lifecycle.Transitions, components.TransitionArgs{StorageClass: each.StorageClass, AfterDays: each.AfterDays})
		}
	}
	if lock := bucket.ObjectLock; lock != nil {
		args.ObjectLock = &components.ObjectLockArgs{Days: lock.Days, Mode: lock.Mode, NobodyCanUndoCompliance: lock.NobodyCanUndoCompliance}
	}
	if c.AccessLogs != nil {
		args.AccessLogs = &components.ServerAccessLogsArgs{Bucket: logs}
	}
	return args
}

// buildLogs builds the stack's log bucket. What it returns is nil where nothing is logged.
func (c *Config) buildLogs(ctx *pulumi.Context, home *aws.Provider) (pulumi.StringInput, error) {
	switch {
	case c.LogBucket != "":
		return pulumi.String(c.LogBucket), nil
	case c.AccessLogs == nil:
		return nil, nil
	}
	logs, err := components.NewLogBucket(ctx, logBucketName, c.logBucketArgs(), pulumi.Providers(home))
	if err != nil {
		return nil, err
	}
	return logs.BucketName, nil
}

// buildBuckets builds the stack's buckets by their names.
func (c *Config) buildBuckets(ctx *pulumi.Context, home, recovery *aws.Provider, logs pulumi.StringInput) (map[string]*components.ReplicatedBucket, error) {
	built := map[string]*components.ReplicatedBucket{}
	for i := range c.Buckets {
		name := c.Buckets[i].Name
		bucket, err := components.NewReplicatedBucket(ctx, name, c.bucketArgs(&c.Buckets[i], recovery, logs), pulumi.Providers(home))
		if err != nil {
			return nil, err
		}
		built[name] = bucket
	}
	return built, nil
}

// bucketOutputs is the shape of Outputs.Buckets.
func bucketOutputs(buckets map[string]*components.ReplicatedBucket) pulumi.Map {
	outputs := pulumi.Map{}
	for name, bucket := range buckets {
		outputs[name] = pulumi.Map{"bucket": bucket.BucketName, "replica": bucket.ReplicaBucketName}
	}
	return outputs
}
