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

// storage is what services find in existence: the stack's buckets by their names, and where logs go.
type storage struct {
	buckets map[string]*components.ReplicatedBucket
	// logs is nil where nothing is logged.
	logs pulumi.StringInput
}

// buildStorage builds the stack's log bucket and its buckets, and a provider of the recovery Region where there are any.
func (c *Config) buildStorage(ctx *pulumi.Context, home *aws.Provider) (*storage, error) {
	built := &storage{buckets: map[string]*components.ReplicatedBucket{}}
	switch {
	case c.LogBucket != "":
		built.logs = pulumi.String(c.LogBucket)
	case c.AccessLogs != nil:
		logs, err := components.NewLogBucket(ctx, logBucketName, c.logBucketArgs(), pulumi.Providers(home))
		if err != nil {
			return nil, err
		}
		built.logs = logs.BucketName
	}
	if len(c.Buckets) == 0 {
		return built, nil
	}
	recovery, err := c.newProvider(ctx, c.RecoveryRegion)
	if err != nil {
		return nil, err
	}
	for i := range c.Buckets {
		name := c.Buckets[i].Name
		args := c.bucketArgs(&c.Buckets[i], recovery, built.logs)
		if built.buckets[name], err = components.NewReplicatedBucket(ctx, name, args, pulumi.Providers(home)); err != nil {
			return nil, err
		}
	}
	return built, nil
}

// grant lets every service do in the buckets what the configuration says.
func (c *Config) grant(buckets map[string]*components.ReplicatedBucket, services map[string]*components.ResilientService) error {
	for _, service := range c.Services {
		for _, grant := range service.Buckets {
			if err := buckets[grant.Bucket].Grant(services[service.Name], grant.Prefix, grant.Access); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucketOutputs is the shape of Outputs.Buckets.
func bucketOutputs(buckets map[string]*components.ReplicatedBucket) pulumi.Map {
	outputs := pulumi.Map{}
	for name, bucket := range buckets {
		outputs[name] = pulumi.Map{"bucket": bucket.BucketName, "replica": bucket.ReplicaBucketName}
	}
	return outputs
}
