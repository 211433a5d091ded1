package components_test

import (
	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type tokens of buckets.
const (
	replicatedBucketToken = "aplomb:components:ReplicatedBucket"
	logBucketToken        = "aplomb:components:LogBucket"

	bucketToken            = "aws:s3/bucketV2:BucketV2"
	bucketEncryptionToken  = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	bucketLifecycleToken   = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	bucketLoggingToken     = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	bucketObjectLockToken  = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
	bucketOwnershipToken   = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	bucketPolicyToken      = "aws:s3/bucketPolicy:BucketPolicy"
	bucketAccessToken      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	bucketReplicationToken = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
	bucketVersioningToken  = "aws:s3/bucketVersioningV2:BucketVersioningV2"
)

// bucketArgs is a bucket with as little said as possible. The provider stands for one that the fixture makes.
func bucketArgs() *components.ReplicatedBucketArgs {
	return &components.ReplicatedBucketArgs{
		AccountID: account, Region: "eu-central-1", RecoveryRegion: "eu-west-1", RecoveryProvider: &aws.Provider{},
		DeleteMarkers: components.DeleteMarkersReplicated,
	}
}

// fullBucketArgs says everything that adds a resource.
func fullBucketArgs() *components.ReplicatedBucketArgs {
	args := bucketArgs()
	args.ObjectLock = &components.ObjectLockArgs{Days: 30}
	args.AccessLogs = &components.ServerAccessLogsArgs{Bucket: pulumi.String("logs"), RecoveryBucket: pulumi.String("logs-far")}
	return args
}

// withRecovery adds a provider of the recovery Region.
func withRecovery(ctx *pulumi.Context) (*aws.Provider, error) {
	return aws.NewProvider(ctx, "eu-west-1", &aws.ProviderArgs{
		Region: pulumi.String("eu-west-1"), AllowedAccountIds: pulumi.ToStringArray([]string{account}),
	})
}

// withAssets is a program with one bucket called assets, and what more does with it.
func withAssets(args *components.ReplicatedBucketArgs, more func(ctx *pulumi.Context, provider pulumi.ResourceOption, assets *components.ReplicatedBucket) error) pulumi.RunFunc {
	return inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		recovery, err := withRecovery(ctx)
		if err != nil {
			return err
		}
		given := *args
		given.RecoveryProvider = recovery
		assets, err := components.NewReplicatedBucket(ctx, "assets", &given, provider)
		if err != nil || more == nil {
			return err
		}
		return more(ctx, provider, assets)
	})
}

// recordBucket records one bucket called assets.
func recordBucket(t recorder.TB, args *components.ReplicatedBucketArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, withAssets(args, nil), options...)
}
