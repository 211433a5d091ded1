package components_test

import (
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/components"
	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aplomb-iac/aplomb/internal/recorder"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	jobToken           = "aplomb:components:ScheduledJob"
	queueToken         = "aws:sqs/queue:Queue"
	queuePolicyToken   = "aws:sqs/queuePolicy:QueuePolicy"
	redriveAllowToken  = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
	scheduleToken      = "aws:scheduler/schedule:Schedule"
	consumePolicyName  = "nightly-digest-consumed-by-tickets"
	jobName            = "nightly-digest"
	jobQueue           = "arn:aws:sqs:eu-central-1:" + account + ":nightly-digest"
	jobDeadLetterQueue = jobQueue + "-dead-letter"
)

func jobArgs() *components.ScheduledJobArgs {
	return &components.ScheduledJobArgs{
		AccountID: account, Region: "eu-central-1", Schedule: "cron(0 2 * * ? *)", TimeZone: "Europe/Berlin",
		// Names that tests can spell.
		Transform: components.ScheduledJobTransforms{Queue: func(args *sqs.QueueArgs) {
			args.Name = pulumi.String(jobName)
			if args.RedrivePolicy == nil {
				args.Name = pulumi.String(jobName + "-dead-letter")
			}
		}},
	}
}

// recordJob records one job, consumed by the service tickets.
func recordJob(t recorder.TB, args *components.ScheduledJobArgs, options ...recorder.Option) *recorder.Recording {
	t.Helper()
	return recorder.Run(t, inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
		job, err := components.NewScheduledJob(ctx, jobName, args, provider)
		if err != nil {
			return err
		}
		consumer := serviceArgs()
		consumer.Environment = job.Environment()
		service, err := components.NewResilientService(ctx, "tickets", consumer, provider)
		if err != nil {
			return err
		}
		return job.GrantConsume(service)
	}), options...)
}

// ofJob keeps what the job is the parent of, by type.
func ofJob(t *testing.T, recording *recorder.Recording) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, child := range recording.ChildrenOf(recording.One(t, jobToken, jobName).URN) {
		counts[child.Type]++
		require.True(t, child.Name == jobName || strings.HasPrefix(child.Name, jobName+"-"), child.Name)
	}
	return counts
}

func TestJobIsExactlyTheseResourcesInPreviewAndUpdate(t *testing.T) {
	want := map[string]int{
		keyToken: 1, aliasToken: 1, queueToken: 2, queuePolicyToken: 2, redriveAllowToken: 1, scheduleToken: 1,
		roleToken: 1, rolePolicyToken: 2, // the schedule's, and the consumer's grant
	}
	require.Equal(t, want, ofJob(t, recordJob(t, jobArgs())))
	require.Equal(t, want, ofJob(t, recordJob(t, jobArgs(), recorder.Preview())))
}

func TestScheduleSendsOneMessageARunAndKeepsWhatItCannotDeliver(t *testing.T) {
	recording := recordJob(t, jobArgs())
	schedule := recording.One(t, scheduleToken, jobName)
	require.Equal(t, "cron(0 2 * * ? *)", schedule.Text(t, "scheduleExpression"))
	require.Equal(t, "Europe/Berlin", schedule.Text(t, "scheduleExpressionTimezone"))
	require.Equal(t, map[string]any{"mode": "OFF"}, schedule.Map(t, "flexibleTimeWindow"))
	require.Equal(t, map[string]any{
		"arn": jobQueue, "roleArn": schedule.Text(t, "target.roleArn"),
		"input":            `{"job":"nightly-digest","scheduledTime":"<aws.scheduler.scheduled-time>","runId":"<aws.scheduler.execution-id>"}`,
		"deadLetterConfig": map[string]any{"arn": jobDeadLetterQueue},
		"retryPolicy":      map[string]any{"maximumEventAgeInSeconds": 3600.0, "maximumRetryAttempts": 185.0},
	}, schedule.Map(t, "target"))
	require.Equal(t, []string{recording.One(t, roleToken, jobName).URN}, within(schedule.PropertyDependencies["target"], roleToken))
	require.Contains(t, schedule.DependsOn, recording.One(t, rolePolicyToken, jobName).URN, "the first run may be due at once")

	args := jobArgs()
	args.FlexibleMinutes = 30
	require.Equal(t, map[string]any{"mode": "FLEXIBLE", "maximumWindowInMinutes": 30.0},
		recordJob(t, args).One(t, scheduleToken, jobName).Map(t, "flexibleTimeWindow"))
}

func TestRunsWaitEncryptedUnderTheJobsOwnKeyAndFailedOnesAreKeptLonger(t *testing.T) {
	recording := recordJob(t, jobArgs())
	runs, letters := recording.One(t, queueToken, jobName), recording.One(t, queueToken, jobName+"-dead-letter")
	for _, queue := range []*recorder.Resource{runs, letters} {
		require.Equal(t, []string{recording.One(t, keyToken, jobName).URN}, within(queue.PropertyDependencies["kmsMasterKeyId"], keyToken))
		require.False(t, queue.Has("sqsManagedSseEnabled"), "SQS refuses both")
	}
	require.Equal(t, 300, runs.Int(t, "visibilityTimeoutSeconds"))
	require.Equal(t, 20, runs.Int(t, "receiveWaitTimeSeconds"))
	require.JSONEq(t, `{"deadLetterTargetArn":"`+jobDeadLetterQueue+`","maxReceiveCount":3}`, runs.Text(t, "redrivePolicy"))
	require.JSONEq(t, `{"redrivePermission":"byQueue","sourceQueueArns":["`+jobQueue+`"]}`,
		recording.One(t, redriveAllowToken, jobName).Text(t, "redriveAllowPolicy"))
	require.Greater(t, letters.Int(t, "messageRetentionSeconds"), runs.Int(t, "messageRetentionSeconds"), "a message keeps its age when it moves")
}

func TestJobsRolesMayDoExactlyThis(t *testing.T) {
	recording := recordJob(t, jobArgs())
	golden.JSON(t, "testdata/job.schedule.role.golden.json", recording.One(t, rolePolicyToken, jobName).Text(t, "policy"))
	golden.JSON(t, "testdata/job.schedule.trust.golden.json", recording.One(t, roleToken, jobName).Text(t, "assumeRolePolicy"))
	golden.JSON(t, "testdata/job.consume.golden.json", recording.One(t, rolePolicyToken, consumePolicyName).Text(t, "policy"))
	golden.JSON(t, "testdata/job.queue.golden.json", recording.One(t, queuePolicyToken, jobName).Text(t, "policy"))
}

func TestAConsumerMayTakeRunsOfItsJobAndNothingElse(t *testing.T) {
	recording := recordJob(t, jobArgs())
	policy, err := iameval.ParseIdentity(recording.One(t, rolePolicyToken, consumePolicyName).Text(t, "policy"))
	require.NoError(t, err)
	key := recording.One(t, queueToken, jobName).Text(t, "kmsMasterKeyId")
	throughSQS := iameval.Context{"kms:ViaService": {"sqs.eu-central-1.amazonaws.com"}}
	for _, each := range []struct {
		action, resource string
		context          iameval.Context
		want             iameval.Decision
	}{
		{"sqs:ReceiveMessage", jobQueue, nil, iameval.Allow},
		{"sqs:DeleteMessage", jobQueue, nil, iameval.Allow},
		{"sqs:ChangeMessageVisibility", jobQueue, nil, iameval.Allow},
		{"kms:Decrypt", key, throughSQS, iameval.Allow},
		{"sqs:SendMessage", jobQueue, nil, iameval.ImplicitDeny},
		{"sqs:PurgeQueue", jobQueue, nil, iameval.ImplicitDeny},
		{"sqs:ReceiveMessage", jobDeadLetterQueue, nil, iameval.ImplicitDeny},
		{"sqs:ReceiveMessage", strings.Replace(jobQueue, "eu-central-1", "eu-west-1", 1), nil, iameval.ImplicitDeny},
		{"kms:Decrypt", key, nil, iameval.ImplicitDeny},
		{"kms:Decrypt", key + "0", throughSQS, iameval.ImplicitDeny},
		{"kms:GenerateDataKey", key, throughSQS, iameval.ImplicitDeny},
	} {
		got, err := policy.Evaluate(iameval.Request{Action: each.action, Resource: each.resource, Context: each.context})
		require.NoError(t, err, "%+v", each)
		require.Equal(t, each.want, got, "%+v", each)
	}
}

func TestTheConsumerFindsTheQueueInItsEnvironment(t *testing.T) {
	require.Contains(t, userData(t, recordJob(t, jobArgs())),
		"NIGHTLY_DIGEST_QUEUE_URL=https://sqs.eu-central-1.amazonaws.com/"+account+"/nightly-digest\n")
}

func TestProtectKeepsTheJobsKeyAndMessages(t *testing.T) {
	args := jobArgs()
	require.Empty(t, protected(recordJob(t, args)))
	args.Protect = true
	require.ElementsMatch(t, []string{keyToken + " " + jobName, queueToken + " " + jobName, queueToken + " " + jobName + "-dead-letter"},
		protected(recordJob(t, args)))
}

func TestEveryJobTransformHasTheLastWord(t *testing.T) {
	args := jobArgs()
	args.Transform = components.ScheduledJobTransforms{
		Key:      func(a *kms.KeyArgs) { a.Description = pulumi.String("changed") },
		Queue:    func(a *sqs.QueueArgs) { a.DelaySeconds = pulumi.Int(7) },
		Schedule: func(a *scheduler.ScheduleArgs) { a.Description = pulumi.String("changed") },
	}
	recording := recordJob(t, args)
	require.Equal(t, "changed", recording.One(t, keyToken, jobName).Text(t, "description"))
	require.Equal(t, "changed", recording.One(t, scheduleToken, jobName).Text(t, "description"))
	for _, queue := range recording.OfType(queueToken) {
		require.Equal(t, 7, queue.Int(t, "delaySeconds"))
	}
}

func TestEachFaultOfAJobIsNamedWithItsRemedy(t *testing.T) {
	for want, fault := range map[string]func(*components.ScheduledJobArgs){
		`accountID: missing, policies name the account; give the 12 digits of the AWS account, in quotes`:                                                          func(a *components.ScheduledJobArgs) { a.AccountID = "" },
		`region: missing, policies name the Region; give the Region of the services that consume the job`:                                                          func(a *components.ScheduledJobArgs) { a.Region = "" },
		`region: "Frankfurt" is not the name of a Region; give a name such as eu-central-1`:                                                                        func(a *components.ScheduledJobArgs) { a.Region = "Frankfurt" },
		`schedule: missing, a job is due at some time; write rate(15 minutes), or cron(0 2 * * ? *) for two o'clock every night`:                                   func(a *components.ScheduledJobArgs) { a.Schedule = "" },
		`schedule: "cron(0 0 30 2 ? *)" never fires: no date from 2026 to 2199 meets it; write rate(15 minutes), or cron(0 2 * * ? *) for two o'clock every night`: func(a *components.ScheduledJobArgs) { a.Schedule = "cron(0 0 30 2 ? *)" },
		`timeZone: "Berlin" is not the name of a time zone; give a name such as Europe/Berlin, or leave it out for UTC`:                                            func(a *components.ScheduledJobArgs) { a.TimeZone = "Berlin" },
		`flexibleMinutes: 1441 must be from 0 to 1440 minutes; change it, or leave it out for the default`:                                                         func(a *components.ScheduledJobArgs) { a.FlexibleMinutes = 1441 },
		`retrySeconds: 59 must be from 60 to 86400 s; change it, or leave it out for the default`:                                                                  func(a *components.ScheduledJobArgs) { a.RetrySeconds = 59 },
		`handlingSeconds: 29 must be from 30 to 43200 s; change it, or leave it out for the default`:                                                               func(a *components.ScheduledJobArgs) { a.HandlingSeconds = 29 },
		`attempts: 1001 must be from 1 to 1000 attempts; change it, or leave it out for the default`:                                                               func(a *components.ScheduledJobArgs) { a.Attempts = 1001 },
		`tags.aws:owner: "aws:owner" begins with aws:, which AWS reserves; rename the tag`:                                                                         func(a *components.ScheduledJobArgs) { a.Tags = map[string]string{"aws:owner": "x"} },
	} {
		args := jobArgs()
		fault(args)
		require.Equal(t, []string{want}, lines(args.Check(jobName)))
		_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			_, err := components.NewScheduledJob(ctx, jobName, args, provider)
			return err
		}))
		require.ErrorContains(t, err, want)
	}
	require.Len(t, (&components.ScheduledJobArgs{}).Check("Nightly"), 4, "name, account, Region and schedule at once")
}

func TestGrantsOfAJobThatCannotBeMadeAreRefused(t *testing.T) {
	grant := func(change func(*components.ResilientServiceArgs), times int) error {
		_, err := recorder.RunErr(inRegion(func(ctx *pulumi.Context, provider pulumi.ResourceOption) error {
			job, err := components.NewScheduledJob(ctx, jobName, jobArgs(), provider)
			if err != nil || times == 0 {
				return job.GrantConsume(nil)
			}
			args := serviceArgs()
			change(args)
			service, err := components.NewResilientService(ctx, "tickets", args, provider)
			for range times {
				if err == nil {
					err = job.GrantConsume(service)
				}
			}
			return err
		}))
		return err
	}
	same := func(*components.ResilientServiceArgs) {}
	require.NoError(t, grant(same, 1))
	require.ErrorContains(t, grant(same, 0), "no service is given")
	require.ErrorContains(t, grant(same, 2), "grant of job nightly-digest to tickets is made already; remove one")
	require.ErrorContains(t, grant(func(a *components.ResilientServiceArgs) {
		a.Placement.AccountID = "109876543210"
		a.Image = "109876543210.dkr.ecr.eu-central-1.amazonaws.com/support/tickets@" + digest
	}, 1), "crosses accounts 210987654321 and 109876543210")
}
