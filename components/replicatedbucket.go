package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const replicatedBucketType = "aplomb:components:ReplicatedBucket"

// DeleteMarkers says what a deletion in the bucket does to the copy in the recovery Region. There is no default: either answer
// surprises somebody.
type DeleteMarkers string

const (
	// DeleteMarkersReplicated deletes in both: the copy lists what the bucket lists, and a deletion by mistake is undone in both.
	// Versions stay in both for as long as noncurrent ones do.
	DeleteMarkersReplicated DeleteMarkers = "replicated"
	// DeleteMarkersIgnored leaves the copy as it is: it goes on listing what was deleted, until it is deleted there too. For what
	// nobody should delete, such as backups.
	DeleteMarkersIgnored DeleteMarkers = "ignored"
)

// DeleteMarkersChoices lists every DeleteMarkers.
func DeleteMarkersChoices() []DeleteMarkers {
	return []DeleteMarkers{DeleteMarkersReplicated, DeleteMarkersIgnored}
}

// ReplicatedBucketArgs describes a ReplicatedBucket. Everything but RecoveryProvider and the names of log buckets is a plain value.
type ReplicatedBucketArgs struct {
	// AccountID is the AWS account of both buckets, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Region is the Region of the bucket. It must be that of the provider that the component is given as an option.
	Region string `pulumi:"region"`
	// RecoveryRegion is the Region of the copy: another one, of the same partition.
	RecoveryRegion string `pulumi:"recoveryRegion"`
	// RecoveryProvider is the aws provider of RecoveryRegion. A component can be given one provider a package as an option, so
	// the second one is an argument; everything in the recovery Region has it, and everything else the option's.
	RecoveryProvider pulumi.ProviderResource
	// DeleteMarkers says what a deletion does to the copy; it must be stated.
	DeleteMarkers DeleteMarkers `pulumi:"deleteMarkers"`
	// Lifecycle is how long objects and their versions are kept, in both buckets.
	Lifecycle BucketLifecycleArgs `pulumi:"lifecycle,optional"`
	// ReplicaStorageClass is where replicas begin: the class of the object by default. StandardIA and
	// GlacierInstantRetrieval cost less to keep, and something to read in a disaster.
	ReplicaStorageClass StorageClass `pulumi:"replicaStorageClass,optional"`
	// ObjectLock keeps versions from being deleted by anybody for a while. It must be decided when the bucket is made: to change
	// whether there is one later replaces the bucket.
	ObjectLock *ObjectLockArgs `pulumi:"objectLock,optional"`
	// AccessLogs has every request to the bucket written to a LogBucket. By default nothing is.
	AccessLogs *ServerAccessLogsArgs `pulumi:"accessLogs,optional"`
	// EmptyOnDelete lets the deletion of the buckets take their objects along, all versions of them. For development only; AWS
	// refuses otherwise to delete a bucket that holds anything.
	EmptyOnDelete bool `pulumi:"emptyOnDelete,optional"`
	// Protect makes the engine refuse to delete or replace both buckets, their keys, their versioning and their locks, which stay
	// in AWS should they ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform ReplicatedBucketTransforms
}

// ObjectLockMode is who may delete a locked version after all, in S3's words
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes).
type ObjectLockMode string

const (
	// LockGovernance lets those delete who have the permission s3:BypassGovernanceRetention. The default.
	LockGovernance ObjectLockMode = "GOVERNANCE"
	// LockCompliance lets nobody delete, the root user of the account included, and AWS neither: a mistake in it is paid for until
	// the time is over.
	LockCompliance ObjectLockMode = "COMPLIANCE"
)

// ObjectLockModes lists every ObjectLockMode.
func ObjectLockModes() []ObjectLockMode { return []ObjectLockMode{LockGovernance, LockCompliance} }

// ObjectLockArgs is a retention period that every new version in both buckets begins with.
type ObjectLockArgs struct {
	// Days is for how long a version cannot be deleted: 1 to 3650.
	Days int `pulumi:"days"`
	// Mode is LockGovernance by default.
	Mode ObjectLockMode `pulumi:"mode,optional"`
	// NobodyCanUndoCompliance states that LockCompliance is meant, which is refused without it.
	NobodyCanUndoCompliance bool `pulumi:"nobodyCanUndoCompliance,optional"`
}

// ServerAccessLogsArgs is where S3 writes a line for each request to a bucket, on a best-effort basis and hours later
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html).
type ServerAccessLogsArgs struct {
	// Bucket is the BucketName of a LogBucket in the bucket's Region.
	Bucket pulumi.StringInput `pulumi:"bucket"`
	// RecoveryBucket is the BucketName of a LogBucket in the recovery Region. By default requests to the copy are not logged.
	RecoveryBucket pulumi.StringInput `pulumi:"recoveryBucket,optional"`
}

// ReplicatedBucketTransforms are the escape hatches of a ReplicatedBucket: each function that is set receives the finished
// arguments of one inner resource, after every default and check, and may change anything. Bucket and Key see both.
type ReplicatedBucketTransforms struct {
	Bucket      func(*s3.BucketV2Args)
	Key         func(*kms.KeyArgs)
	Role        func(*iam.RoleArgs)
	Replication func(*s3.BucketReplicationConfigArgs)
}

// ReplicatedBucket is an S3 bucket with a copy in a second Region. Both keep versions, are encrypted under a key of their own in their own
// Region, are shut to the public, speak TLS only and refuse objects under any other key. Nobody may do anything in them but those it
// is granted to.
//
// # Recovery
//
// Loss of a zone: 0 s and nothing lost. S3 keeps every object of the classes offered here in three zones at least
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/DataDurability.html).
//
// Loss of the Region: what was not copied yet is out of reach until the Region is back. S3 Replication Time Control copies most
// objects within seconds and is designed to copy 99.9 % of them within 15 minutes, up to a replication rate of 1 Gbps unless a
// higher quota is agreed (https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html). For the 0.1 % there is
// no bound: ReplicationLatency and OperationsFailedReplication tell, and an alarm should.
//
//	objects not copied yet, 99.9 % of them     at most 15 min old
//	objects not copied yet, the others         no bound; the metrics tell
//	time to serve from the copy                not promised: nothing here points anybody at it
//
// Deletion or overwriting by mistake: the version before can be brought back for Lifecycle.NoncurrentDays, 30 by default. With
// ObjectLock nobody can delete it sooner.
//
// Not covered: objects that were there before replication began, which S3 copies on demand only (S3 Batch Replication); requests that
// the copy must serve, whose name is another; what is deleted version by version, which is never replicated
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html).
type ReplicatedBucket struct {
	pulumi.ResourceState

	// BucketName is the name of the bucket.
	BucketName pulumi.StringOutput `pulumi:"bucketName"`
	// BucketARN is its ARN.
	BucketARN pulumi.StringOutput `pulumi:"bucketARN"`
	// KeyARN is the ARN of the key that encrypts it.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`
	// ReplicaBucketName is the name of the copy in the recovery Region.
	ReplicaBucketName pulumi.StringOutput `pulumi:"replicaBucketName"`
	// ReplicaBucketARN is its ARN.
	ReplicaBucketARN pulumi.StringOutput `pulumi:"replicaBucketARN"`
	// ReplicaKeyARN is the ARN of the key that encrypts it, in the recovery Region.
	ReplicaKeyARN pulumi.StringOutput `pulumi:"replicaKeyARN"`
	// ReplicationRoleARN is the ARN of the role with which S3 copies.
	ReplicationRoleARN pulumi.StringOutput `pulumi:"replicationRoleARN"`

	name    string
	args    ReplicatedBucketArgs
	ctx     *pulumi.Context
	built   replicatedParts
	granted []bucketGrant
}

// replicatedParts are the inner resources that later steps refer to.
type replicatedParts struct {
	key, replicaKey *kms.Key
	bucket, replica *builtBucket
	role            *iam.Role
	rolePolicy      *iam.RolePolicy
}

// NewReplicatedBucket checks args whole (see ReplicatedBucketArgs.Check) and registers both buckets. Pass the aws provider of args.Region as
// a resource option, and that of args.RecoveryRegion in args.
func NewReplicatedBucket(
	ctx *pulumi.Context, name string, args *ReplicatedBucketArgs, opts ...pulumi.ResourceOption,
) (*ReplicatedBucket, error) {
	if args == nil {
		args = &ReplicatedBucketArgs{}
	}
	if err := failuresAsError("bucket "+name, args.Check(name)); err != nil {
		return nil, err
	}
	bucket := &ReplicatedBucket{name: name, args: args.withDefaults(), ctx: ctx}
	if err := ctx.RegisterComponentResource(replicatedBucketType, name, bucket, opts...); err != nil {
		return nil, err
	}
	return bucket, runSteps(ctx, bucket.buildKeys, bucket.buildBuckets, bucket.lock, bucket.log, bucket.buildRole, bucket.replicate, bucket.registerOutputs)
}
