package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const scheduledJobType = "aplomb:components:ScheduledJob"

// ScheduledJobArgs describes a ScheduledJob. Only plain values: a preview knows the whole job.
type ScheduledJobArgs struct {
	// AccountID is the AWS account of the job, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Region is the AWS Region of the job, which must be that of the services that consume it.
	Region string `pulumi:"region"`
	// Schedule is when the job is due, in the syntax of EventBridge Scheduler: rate(15 minutes), or cron(0 2 * * ? *) for two o'clock
	// every night (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). An expression that never
	// fires, and at(…), which fires once, are refused. AWS keeps the time to 60 s.
	Schedule string `pulumi:"schedule"`
	// TimeZone is where the schedule's clock hangs, such as Europe/Berlin: UTC by default. With daylight saving time, what falls into
	// the hour that is skipped does not run that day, and what falls into the hour that comes twice runs once
	// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
	TimeZone string `pulumi:"timeZone,optional"`
	// FlexibleMinutes spreads the job over a window that begins when it is due: 0, no window, by default; at most 1440.
	FlexibleMinutes int `pulumi:"flexibleMinutes,optional"`
	// RetrySeconds is for how long the scheduler tries to put the message of one run into the queue: 3600 s by default, 60 to 86400
	// (AWS's default is 86400). What was not delivered by then lies in the dead-letter queue: a nightly job that would begin
	// in the middle of the day is seldom what people want.
	RetrySeconds int `pulumi:"retrySeconds,optional"`
	// HandlingSeconds is for how long one consumer may work on a run before another is given it: 300 s by default, 30 to 43200. It is the
	// queue's visibility timeout; a consumer that needs longer extends it.
	HandlingSeconds int `pulumi:"handlingSeconds,optional"`
	// Attempts is how often a run is handed to a consumer before it lies in the dead-letter queue: 3 by default, 1 to 1000.
	Attempts int `pulumi:"attempts,optional"`
	// Protect makes the engine refuse to delete or replace the key and the queues, and keeps them in AWS should they ever leave the
	// stack: messages that nobody has seen are in them.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform ScheduledJobTransforms
}

// ScheduledJobTransforms are the escape hatches of a ScheduledJob: each function that is set receives the finished arguments of one
// inner resource, after every default and check, and may change anything. Queue sees both queues.
type ScheduledJobTransforms struct {
	Key      func(*kms.KeyArgs)
	Queue    func(*sqs.QueueArgs)
	Schedule func(*scheduler.ScheduleArgs)
}

// ScheduledJob takes a cron off the hosts: a schedule puts one message into a queue whenever the job is due, and the instances of a
// service take it from there. No host is the one that has the crontab, so the loss of a host or a zone loses no run: the
// message waits until an instance takes it.
//
// A message is JSON: {"job": NAME, "scheduledTime": when it was due, "runId": one id for each run}. SQS delivers at least once
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html): a consumer
// that keeps the runId of what it has done does nothing twice. The queue and its dead-letter queue are encrypted under the job's own
// key, take messages over TLS only, and admit nobody but the schedule's role and the services that were granted the job.
//
// # Recovery
//
// EventBridge Scheduler and Amazon SQS keep their data in several zones of the Region, so the loss of a zone takes neither the schedule
// nor a message (https://docs.aws.amazon.com/scheduler/latest/UserGuide/disaster-recovery-resiliency.html,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/disaster-recovery-resiliency.html). A run that an instance
// had taken when it was lost is handed out again after HandlingSeconds. AWS gives no figure for how late a schedule may
// fire beyond its 60 s of precision. Time to serve of a run that was interrupted:
//
//	HandlingSeconds + one long poll of the consumer, 20 s at most    320 s by default
//
// Not covered: a Region; a consumer that fails every time, whose runs lie in the dead-letter queue after Attempts tries, for 14 days.
type ScheduledJob struct {
	pulumi.ResourceState

	// QueueURL is where consumers take runs from.
	QueueURL pulumi.StringOutput `pulumi:"queueURL"`
	// QueueARN is the ARN of that queue, QueueName its name, which is the dimension of its metrics.
	QueueARN  pulumi.StringOutput `pulumi:"queueARN"`
	QueueName pulumi.StringOutput `pulumi:"queueName"`
	// DeadLetterQueueARN is the ARN of the queue with the runs that nobody could do or deliver, DeadLetterQueueName its name, which is
	// the dimension of its metrics: a message in it wants a person.
	DeadLetterQueueARN  pulumi.StringOutput `pulumi:"deadLetterQueueARN"`
	DeadLetterQueueName pulumi.StringOutput `pulumi:"deadLetterQueueName"`
	// ScheduleName is the name of the schedule, in the default schedule group.
	ScheduleName pulumi.StringOutput `pulumi:"scheduleName"`
	// KeyARN is the ARN of the job's KMS key.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`

	ctx     *pulumi.Context
	name    string
	args    ScheduledJobArgs
	built   jobParts
	granted map[string]bool
}

// jobParts are the inner resources that later steps refer to.
type jobParts struct {
	key               *kms.Key
	queue, deadLetter *sqs.Queue
	schedule          *scheduler.Schedule
}

// NewScheduledJob checks args whole (see ScheduledJobArgs.Check) and registers the job. Pass the aws provider of the Region as a
// resource option.
func NewScheduledJob(
	ctx *pulumi.Context, name string, args *ScheduledJobArgs, opts ...pulumi.ResourceOption,
) (*ScheduledJob, error) {
	if args == nil {
		args = &ScheduledJobArgs{}
	}
	if err := failuresAsError("job "+name, args.Check(name)); err != nil {
		return nil, err
	}
	job := &ScheduledJob{ctx: ctx, name: name, args: args.withDefaults(), granted: map[string]bool{}}
	if err := ctx.RegisterComponentResource(scheduledJobType, name, job, opts...); err != nil {
		return nil, err
	}
	return job, runSteps(ctx, job.buildKey, job.buildQueues, job.buildSchedule, job.registerOutputs)
}

func (j *ScheduledJob) registerOutputs(ctx *pulumi.Context) error {
	j.QueueURL, j.QueueARN, j.QueueName = j.built.queue.Url, j.built.queue.Arn, j.built.queue.Name
	j.DeadLetterQueueARN, j.DeadLetterQueueName = j.built.deadLetter.Arn, j.built.deadLetter.Name
	j.ScheduleName, j.KeyARN = j.built.schedule.Name, j.built.key.Arn
	return ctx.RegisterResourceOutputs(j, pulumi.Map{
		"queueURL": j.QueueURL, "queueARN": j.QueueARN, "queueName": j.QueueName, "deadLetterQueueARN": j.DeadLetterQueueARN,
		"deadLetterQueueName": j.DeadLetterQueueName, "scheduleName": j.ScheduleName, "keyARN": j.KeyARN,
	})
}
