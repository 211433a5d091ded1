package components_test

import (
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func logBucketArgs() *components.LogBucketArgs {
	return &components.LogBucketArgs{AccountID: account, Region: "eu-central-1"}
}

// recordLogs records one log bucket called logs.
func recordLogs(t recorder.TB, args *components.LogBucketArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		logs, err := components.NewLogBucket(ctx, "logs", args, provider)
		if err != nil {
			return err
		}
		ctx.Export("name", logs.BucketName)
		ctx.Export("arn", logs.BucketARN)
		return nil
	}), options...)
}

func TestALogBucketIsShutOwnedVersionedAndUnderS3sOwnKeys(t *testing.T) {
	counts := map[string]int{
		logBucketToken: 1, bucketToken: 1, bucketOwnershipToken: 1, bucketAccessToken: 1, bucketEncryptionToken: 1, bucketVersioningToken: 1,
		bucketPolicyToken: 1, bucketLifecycleToken: 1,
	}
	recording := recordLogs(t, logBucketArgs())
	requireCounts(t, counts, recording)
	requireCounts(t, counts, recordLogs(t, logBucketArgs(), recorder.Preview()))
	encryption := recording.One(t, bucketEncryptionToken, "logs").Map(t, "rules[0]")
	require.Equal(t, map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}, "bucketKeyEnabled": false}, encryption)
	access := recording.One(t, bucketAccessToken, "logs").Plain()
	require.Equal(t, map[string]any{"bucket": recording.One(t, bucketToken, "logs").ID, "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true}, access)
	require.Equal(t, "BucketOwnerEnforced", recording.One(t, bucketOwnershipToken, "logs").Text(t, "rule.objectOwnership"))
	require.Equal(t, "Enabled", recording.One(t, bucketVersioningToken, "logs").Text(t, "versioningConfiguration.status"))
	rule := recording.One(t, bucketLifecycleToken, "logs").Map(t, "rules[0]")
	require.Equal(t, map[string]any{"days": 365.0}, rule["expiration"])
	require.Equal(t, map[string]any{"noncurrentDays": 7.0}, rule["noncurrentVersionExpiration"])
	golden.JSON(t, "testdata/logs.bucket.golden.json", recording.One(t, bucketPolicyToken, "logs").Text(t, "policy"))
}

// A load balancer that is created before its bucket lets it write is refused.
func TestTheNameOfALogBucketIsKnownOnlyOnceItMayBeWritten(t *testing.T) {
	recording := recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		logs, err := components.NewLogBucket(ctx, "logs", logBucketArgs(), provider)
		if err != nil {
			return err
		}
		args := serviceArgs()
		args.AccessLogs = &components.AccessLogsArgs{Bucket: logs.BucketName}
		_, err = components.NewResilientService(ctx, "tickets", args, provider)
		return err
	}))
	balancer := recording.One(t, loadBalancerToken, "tickets-alb")
	require.Equal(t, recording.One(t, bucketToken, "logs").ID, balancer.Text(t, "accessLogs.bucket"))
	for _, token := range []string{bucketPolicyToken, bucketEncryptionToken, bucketToken} {
		require.Contains(t, balancer.DependsOn, recording.One(t, token, "logs").URN)
	}
}

func TestLogBucketOutputsAndProtection(t *testing.T) {
	args := logBucketArgs()
	args.ExpireDays, args.EmptyOnDelete, args.Tags = 30, true, map[string]string{"unit": "support"}
	recording := recordLogs(t, args)
	bucket := recording.One(t, bucketToken, "logs")
	require.Equal(t, bucket.ID, recording.Output(t, "name"))
	require.Equal(t, "arn:aws:s3:::"+bucket.ID, recording.Output(t, "arn"))
	require.True(t, bucket.Bool(t, "forceDestroy"))
	require.Equal(t, map[string]any{"Name": "logs", "unit": "support"}, bucket.Map(t, "tags"))
	require.Equal(t, 30, recording.One(t, bucketLifecycleToken, "logs").Int(t, "rules[0].expiration.days"))
	require.Empty(t, protected(recording))

	args.EmptyOnDelete, args.Protect = false, true
	args.Transform.Bucket = func(a *s3.BucketV2Args) { a.Bucket = pulumi.String("logs-of-support") }
	recording = recordLogs(t, args)
	require.Equal(t, []string{bucketToken + " logs", bucketVersioningToken + " logs"}, protected(recording))
	require.Equal(t, "logs-of-support", recording.Output(t, "name"))
}

// decideResource evaluates a resource policy.
func decideResource(t *testing.T, policy string, request iameval.Request) iameval.Decision {
	t.Helper()
	parsed, err := iameval.ParseResource(policy)
	require.NoError(t, err)
	decision, err := parsed.Evaluate(request)
	require.NoError(t, err)
	return decision
}

func TestOnlyTheTwoDeliveriesOfThisAccountMayWriteLogs(t *testing.T) {
	recording := recordLogs(t, logBucketArgs())
	policy, arn := recording.One(t, bucketPolicyToken, "logs").Text(t, "policy"), "arn:aws:s3:::"+recording.One(t, bucketToken, "logs").ID
	const balancers, buckets = "logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com"
	ours := iameval.Context{"aws:SecureTransport": {"true"}, "aws:SourceAccount": {account}, "aws:SourceArn": {"arn:aws:s3:::assets-1"}}
	for name, each := range map[string]struct {
		principal, action, key string
		context                iameval.Context
		want                   iameval.Decision
	}{
		"a load balancer's, under its prefix":       {balancers, "s3:PutObject", "web/AWSLogs/" + account + "/a.log.gz", iameval.Context{"aws:SecureTransport": {"true"}}, iameval.Allow},
		"a load balancer's, without a prefix":       {balancers, "s3:PutObject", "AWSLogs/" + account + "/ELBAccessLogTestFile", iameval.Context{"aws:SecureTransport": {"true"}}, iameval.Allow},
		"a load balancer's of another account":      {balancers, "s3:PutObject", "web/AWSLogs/999999999999/a.log.gz", iameval.Context{"aws:SecureTransport": {"true"}}, iameval.ImplicitDeny},
		"a load balancer's reading":                 {balancers, "s3:GetObject", "web/AWSLogs/" + account + "/a.log.gz", iameval.Context{"aws:SecureTransport": {"true"}}, iameval.ImplicitDeny},
		"a load balancer's over plain HTTP":         {balancers, "s3:PutObject", "AWSLogs/" + account + "/a", iameval.Context{"aws:SecureTransport": {"false"}}, iameval.ExplicitDeny},
		"a bucket's":                                {buckets, "s3:PutObject", "s3/assets/2026-11-24-00-00-00-A", ours, iameval.Allow},
		"a bucket's beside its place":               {buckets, "s3:PutObject", "web/AWSLogs/" + account + "/a", ours, iameval.ImplicitDeny},
		"a bucket's of another account":             {buckets, "s3:PutObject", "s3/assets/a", ours.With("aws:SourceAccount", "999999999999"), iameval.ImplicitDeny},
		"a service's that says not whom for":        {buckets, "s3:PutObject", "s3/assets/a", ours.Without("aws:SourceAccount"), iameval.ImplicitDeny},
		"a role of the account, by this policy":     {"arn:aws:iam::" + account + ":role/web", "s3:PutObject", "s3/assets/a", ours, iameval.ImplicitDeny},
		"another service, of the same account":      {"cloudtrail.amazonaws.com", "s3:PutObject", "AWSLogs/" + account + "/a", ours, iameval.ImplicitDeny},
		"a load balancer's into the buckets' place": {balancers, "s3:PutObject", "s3/assets/a", ours, iameval.ImplicitDeny},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, each.want, decideResource(t, policy, iameval.Request{Principal: each.principal, Action: each.action, Resource: arn + "/" + each.key, Context: each.context}))
		})
	}
}

func TestEachFaultOfALogBucketIsNamed(t *testing.T) {
	for want, fault := range map[string]func(*components.LogBucketArgs){
		`accountID: missing, policies name the account; give the 12 digits of the AWS account, in quotes`: func(a *components.LogBucketArgs) { a.AccountID = "" },
		`region: missing, the policy names the Region; give the name of a Region, such as eu-central-1`:   func(a *components.LogBucketArgs) { a.Region = "" },
		`expireDays: -1 must be from 1 to 3650 days; change it, or leave it out for the default`:          func(a *components.LogBucketArgs) { a.ExpireDays = -1 },
		`emptyOnDelete: true contradicts protect: what is protected is not emptied; drop one of the two`:  func(a *components.LogBucketArgs) { a.EmptyOnDelete, a.Protect = true, true },
		`tags.aws:owner: "aws:owner" begins with aws:, which AWS reserves; rename the tag`:                func(a *components.LogBucketArgs) { a.Tags = map[string]string{"aws:owner": "x"} },
	} {
		args := logBucketArgs()
		fault(args)
		require.Equal(t, []string{want}, lines(args.Check("logs")))
	}
	var none *components.LogBucketArgs
	require.Equal(t, []string{"args: missing, a log bucket needs arguments; give account and Region"}, lines(none.Check("logs")))
}
