package components

import (
	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// mostRetries leaves RetrySeconds to decide: it is AWS's highest number of retries
// (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html).
const mostRetries = 185

// buildSchedule builds the schedule and the role with which it puts messages into the queue.
func (j *ScheduledJob) buildSchedule(ctx *pulumi.Context) error {
	at := j.home(ctx)
	role, policy, err := newRole(ctx, roleSpec{
		parent: j, name: j.name, description: "Puts the runs of job " + j.name + " into its queue",
		trust: scheduleTrust(at), policy: schedulePolicy(at),
		slots: pulumi.StringMap{queueSlot: j.built.queue.Arn, deadLetterSlot: j.built.deadLetter.Arn, keySlot: j.built.key.Arn},
		tags:  j.args.Tags,
	})
	if err != nil {
		return err
	}
	window := scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")}
	if j.args.FlexibleMinutes > 0 {
		window.Mode, window.MaximumWindowInMinutes = pulumi.String("FLEXIBLE"), pulumi.Int(j.args.FlexibleMinutes)
	}
	j.built.schedule, err = scheduler.NewSchedule(ctx, j.name, transformed(&scheduler.ScheduleArgs{
		Description:        pulumi.String("Job " + j.name),
		ScheduleExpression: pulumi.String(j.args.Schedule), ScheduleExpressionTimezone: pulumi.String(j.args.TimeZone),
		FlexibleTimeWindow: window,
		Target: scheduler.ScheduleTargetArgs{
			Arn: j.built.queue.Arn, RoleArn: role.Arn, Input: pulumi.String(j.message()),
			DeadLetterConfig: scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: j.built.deadLetter.Arn},
			RetryPolicy: scheduler.ScheduleTargetRetryPolicyArgs{
				MaximumEventAgeInSeconds: pulumi.Int(j.args.RetrySeconds), MaximumRetryAttempts: pulumi.Int(mostRetries),
			},
		},
	}, j.args.Transform.Schedule), pulumi.Parent(j),
		// The first run may be due at once, and finds nothing allowed without the policy.
		pulumi.DependsOn([]pulumi.Resource{policy}))
	return err
}

// message is what the scheduler puts into the queue; it fills in the two attributes
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html).
func (j *ScheduledJob) message() string {
	return `{"job":"` + j.name + `","scheduledTime":"<aws.scheduler.scheduled-time>","runId":"<aws.scheduler.execution-id>"}`
}

const deadLetterSlot = "deadLetter"

// scheduleTrust admits the scheduler, for this account's schedules only. AWS checks the group of a schedule and not the schedule
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html).
func scheduleTrust(at home) iampolicy.Document {
	group := naming.ARN(naming.Partition(at.region), "scheduler", at.region, at.account, "schedule-group/default")
	return iampolicy.Trust(iampolicy.Statement{
		Sid: "Scheduler", Effect: iampolicy.Allow,
		Principals: []iampolicy.Principal{iampolicy.Service("scheduler.amazonaws.com")},
		Actions:    []iampolicy.Action{"sts:AssumeRole"},
		Conditions: []iampolicy.Condition{
			iampolicy.When(iampolicy.StringEquals, "aws:SourceAccount", at.account),
			iampolicy.When(iampolicy.ARNEquals, "aws:SourceArn", group),
		},
	})
}

// schedulePolicy lets the scheduler send to the two queues. A message into an encrypted queue takes a data key, and SQS asks to
// decrypt it as well
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#send-to-encrypted-queue).
func schedulePolicy(at home) iampolicy.Document {
	return iampolicy.Identity(iampolicy.Statement{
		Sid: "SendRuns", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"sqs:SendMessage"},
		Resources: []iampolicy.Resource{iampolicy.Slot(queueSlot, ""), iampolicy.Slot(deadLetterSlot, "")},
	}, iampolicy.Statement{
		Sid: "EncryptRuns", Effect: iampolicy.Allow, Actions: []iampolicy.Action{"kms:Decrypt", "kms:GenerateDataKey"},
		Resources: []iampolicy.Resource{iampolicy.Slot(keySlot, "")}, Conditions: throughSQS(at),
	})
}

func throughSQS(at home) []iampolicy.Condition {
	return []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "kms:ViaService", naming.ServiceEndpoint("sqs", at.region))}
}
