package components

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A run waits for its consumer for 4 days, SQS's default, which outlasts a long week-end, and a dead letter for 14, SQS's longest. The
// second must be longer: a message keeps its age when it moves
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html).
const (
	runRetentionSeconds        = 4 * 24 * 3600
	deadLetterRetentionSeconds = 14 * 24 * 3600
	// longPollSeconds is the longest that SQS lets a request for messages wait
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html).
	longPollSeconds = 20
)

func (j *ScheduledJob) home(ctx *pulumi.Context) home {
	return homeOf(ctx, j.args.AccountID, j.args.Region)
}

// buildKey builds the one key of the job. Who may use it is decided by the policies of the roles that send and consume.
func (j *ScheduledJob) buildKey(ctx *pulumi.Context) (err error) {
	at := j.home(ctx)
	j.built.key, err = newKey(ctx, keySpec{
		parent: j, name: j.name, alias: at.alias("job", j.name), description: "Encrypts the messages of job " + j.name,
		statements: []iampolicy.Statement{at.accountAdministers()},
		protect:    j.args.Protect, tags: j.args.Tags, transform: j.args.Transform.Key,
	})
	return err
}

// buildQueues builds the queue of runs and, before it, the one for those that cannot be done.
func (j *ScheduledJob) buildQueues(ctx *pulumi.Context) (err error) {
	if j.built.deadLetter, err = j.queue(ctx, j.name+"-dead-letter", &sqs.QueueArgs{
		MessageRetentionSeconds: pulumi.Int(deadLetterRetentionSeconds),
	}); err != nil {
		return err
	}
	if j.built.queue, err = j.queue(ctx, j.name, &sqs.QueueArgs{
		MessageRetentionSeconds:  pulumi.Int(runRetentionSeconds),
		VisibilityTimeoutSeconds: pulumi.Int(j.args.HandlingSeconds),
		ReceiveWaitTimeSeconds:   pulumi.Int(longPollSeconds),
		RedrivePolicy: pulumi.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":%d}`,
			j.built.deadLetter.Arn, j.args.Attempts),
	}); err != nil {
		return err
	}
	_, err = sqs.NewRedriveAllowPolicy(ctx, j.name, &sqs.RedriveAllowPolicyArgs{
		QueueUrl:           j.built.deadLetter.Url,
		RedriveAllowPolicy: pulumi.Sprintf(`{"redrivePermission":"byQueue","sourceQueueArns":["%s"]}`, j.built.queue.Arn),
	}, pulumi.Parent(j))
	return err
}

// queue builds an encrypted queue that is reached over TLS only.
func (j *ScheduledJob) queue(ctx *pulumi.Context, name string, args *sqs.QueueArgs) (*sqs.Queue, error) {
	args.KmsMasterKeyId, args.Tags = j.built.key.Arn, tagsNamed(j.args.Tags, name)
	queue, err := sqs.NewQueue(ctx, name, transformed(args, j.args.Transform.Queue), stateful(j, j.args.Protect)...)
	if err != nil {
		return nil, err
	}
	document := iampolicy.ResourceBased(iampolicy.Statement{
		Sid: "OnlyOverTLS", Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"sqs:*"}, Resources: []iampolicy.Resource{iampolicy.Slot(queueSlot, "")},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.Bool, "aws:SecureTransport", "false")},
	})
	if err := document.Check(); err != nil {
		return nil, fmt.Errorf("policy of queue %s: %w", name, err)
	}
	_, err = sqs.NewQueuePolicy(ctx, name, &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url, Policy: filled(document, pulumi.StringMap{queueSlot: queue.Arn}),
	}, pulumi.Parent(j))
	return queue, err
}

const queueSlot = "queue"
