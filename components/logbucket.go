package components

import (
	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const logBucketType = "aplomb:components:LogBucket"

// serverLogPrefix is where in a LogBucket S3 puts server access logs; Elastic Load Balancing has the rest.
const serverLogPrefix = "s3/"

// deletedLogDays is for how many days a log that somebody deleted can be brought back.
const deletedLogDays = 7

// LogBucketArgs describes a LogBucket. Only plain values.
type LogBucketArgs struct {
	// AccountID is the AWS account of the bucket and of everything that logs to it, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Region is the Region of the bucket and of everything that logs to it: AWS delivers nothing across Regions. It must be that
	// of the provider.
	Region string `pulumi:"region"`
	// ExpireDays is for how many days logs are kept: 365 by default, 1 to 3650.
	ExpireDays int `pulumi:"expireDays,optional"`
	// EmptyOnDelete lets the deletion of the bucket take the logs along. For development only; AWS refuses otherwise to delete a
	// bucket that holds anything, and a log bucket always does: Elastic Load Balancing begins with a test file
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html).
	EmptyOnDelete bool `pulumi:"emptyOnDelete,optional"`
	// Protect makes the engine refuse to delete or replace the bucket, which stays in AWS should it ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on the bucket beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform LogBucketTransforms
}

// LogBucketTransforms are the escape hatches of a LogBucket: a function that is set receives the finished arguments of the
// bucket, after every default and check, and may change anything.
type LogBucketTransforms struct {
	Bucket func(*s3.BucketV2Args)
}

// LogBucket receives the access and connection logs of load balancers and the server access logs of buckets, of one account and Region. It is
// encrypted with S3's own keys, as neither is delivered under a KMS key
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html). It is shut to the public and speaks TLS
// only. It keeps versions, not because logs were ever overwritten, but so that somebody who deletes them to leave no trace does not: they can be
// brought back for 7 days.
//
// # Recovery
//
// Loss of a zone: 0 s and nothing lost, as of any bucket. Loss of the Region: the logs are out of reach until it is back; nothing that
// serves users needs them. Both services deliver on a best-effort basis, load balancers every 5 minutes, buckets within hours
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html).
type LogBucket struct {
	pulumi.ResourceState

	// BucketName is the name of the bucket. It is known only once the bucket lets the services write, since AWS refuses a load
	// balancer whose log bucket does not.
	BucketName pulumi.StringOutput `pulumi:"bucketName"`
	// BucketARN is the ARN of the bucket.
	BucketARN pulumi.StringOutput `pulumi:"bucketARN"`
}

// NewLogBucket checks args whole (see LogBucketArgs.Check) and registers the bucket. Pass the aws provider of args.Region as a resource
// option.
func NewLogBucket(ctx *pulumi.Context, name string, args *LogBucketArgs, opts ...pulumi.ResourceOption) (*LogBucket, error) {
	if args == nil {
		args = &LogBucketArgs{}
	}
	if err := failuresAsError("log bucket "+name, args.Check(name)); err != nil {
		return nil, err
	}
	logs, whole := &LogBucket{}, args.withDefaults()
	if err := ctx.RegisterComponentResource(logBucketType, name, logs, opts...); err != nil {
		return nil, err
	}
	built, err := newBucket(ctx, bucketSpec{
		parent: logs, name: name, emptyOnDelete: whole.EmptyOnDelete, protect: whole.Protect, policy: whole.deliveries(),
		lifecycle: BucketLifecycleArgs{ExpireDays: whole.ExpireDays, NoncurrentDays: deletedLogDays}.withDefaults().rules(),
		tags:      whole.Tags, transform: whole.Transform.Bucket,
	})
	if err != nil {
		return nil, err
	}
	logs.BucketARN, logs.BucketName = built.bucket.Arn, built.nameWhenReady()
	return logs, ctx.RegisterResourceOutputs(logs, pulumi.Map{"bucketName": logs.BucketName, "bucketARN": logs.BucketARN})
}

// nameWhenReady is the bucket's name, known when every part of it is.
func (b *builtBucket) nameWhenReady() pulumi.StringOutput {
	waits := []any{b.bucket.Bucket}
	for _, part := range b.parts {
		if resource, isCustom := part.(pulumi.CustomResource); isCustom {
			waits = append(waits, resource.ID())
		}
	}
	return pulumi.All(waits...).ApplyT(func(values []any) string { return values[0].(string) }).(pulumi.StringOutput)
}

// Check lists everything that is wrong with the arguments of the bucket called name; nothing when it can be built. It looks at plain
// values only and registers nothing.
func (a *LogBucketArgs) Check(name string) []check.Failure {
	c := check.New()
	checkBucketName(c, name)
	if a == nil {
		c.Missing("args", "a log bucket needs arguments", "give account and Region")
		return c.Failures()
	}
	args := a.withDefaults()
	checkAccount(c, args.AccountID)
	checkRegion(c, "region", args.Region, "the policy names the Region")
	checkRange(c, "expireDays", args.ExpireDays, 1, longestDays, "days")
	checkEmptying(c, args.EmptyOnDelete, args.Protect)
	checkTags(c, args.Tags)
	return c.Failures()
}

func (a LogBucketArgs) withDefaults() LogBucketArgs {
	a.ExpireDays = orDefault(a.ExpireDays, 365)
	return a
}

// deliveries let AWS's two log deliveries put objects: Elastic Load Balancing below AWSLogs/ACCOUNT, under whatever prefix a load balancer has,
// and S3 below its own.
//
// For load balancers AWS documents the account in the path as what keeps other accounts' load balancers out, and no condition; one that
// the service does not meet would refuse every load balancer. It is the same in every Region: the accounts that stood for the service
// in the older ones still work, and AWS recommends to replace them
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html).
func (a LogBucketArgs) deliveries() []iampolicy.Statement {
	const put = iampolicy.Action("s3:PutObject")
	return []iampolicy.Statement{{
		Sid: "LoadBalancerLogs", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("logdelivery.elasticloadbalancing.amazonaws.com")},
		Actions:    []iampolicy.Action{put},
		Resources: []iampolicy.Resource{
			iampolicy.Slot(bucketSlot, "/AWSLogs/"+a.AccountID+"/*"), iampolicy.Slot(bucketSlot, "/*/AWSLogs/"+a.AccountID+"/*"),
		},
		Reason: "the account in the path is what AWS documents to keep other accounts' load balancers out",
	}, {
		Sid: "ServerAccessLogs", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("logging.s3.amazonaws.com")},
		Actions:    []iampolicy.Action{put},
		Resources:  []iampolicy.Resource{iampolicy.Slot(bucketSlot, "/"+serverLogPrefix+"*")},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.ARNLike, "aws:SourceArn", naming.ARN(naming.Partition(a.Region), "s3", "", "", "*")),
			iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", a.AccountID),
		},
	}}
}
