package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const alertingStackType = "aplomb:components:AlertingStack"

// AlertingStackArgs describes an AlertingStack. Everything but PagerDutyKey and RecoveryProvider is a plain value.
type AlertingStackArgs struct {
	// AccountID is the AWS account whose alarms and events are told, 12 digits.
	AccountID string `pulumi:"accountID"`
	// Region is the AWS Region of the alarms. An alarm notifies topics of its own Region only
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html).
	Region string `pulumi:"region"`
	// RecoveryRegion is a second Region, which then has a topic for tickets too, for what is noticed there. By default there is none.
	RecoveryRegion string `pulumi:"recoveryRegion,optional"`
	// RecoveryProvider is the aws provider of RecoveryRegion; it is given with it.
	RecoveryProvider pulumi.ProviderResource
	// PagerDutyKey is the integration key of the Amazon CloudWatch integration of one PagerDuty service: 32 letters and digits
	// (https://www.pagerduty.com/docs/guides/amazon-cloudwatch-integration-guide/). It is kept as a secret. Nil is for a stack that calls
	// nobody: what would be a page is a ticket then, and Paging says so.
	PagerDutyKey pulumi.StringInput `pulumi:"pagerDutyKey,optional" provider:"secret"`
	// TicketEmails receive the tickets: one at least. SNS asks each of them once to confirm, and sends nothing before.
	TicketEmails []string `pulumi:"ticketEmails"`
	// ObjectiveSeconds is within how long a failure heals by itself, so that nobody is called for it: 90 by default; 10 to 3600.
	ObjectiveSeconds int `pulumi:"objectiveSeconds,optional"`
	// Protect makes the engine refuse to delete or replace the keys, the topics and the queue of what was not delivered, and keeps them in
	// AWS should they ever leave the stack.
	Protect bool `pulumi:"protect,optional"`
	// Tags are put on every resource beside the provider's default tags.
	Tags map[string]string `pulumi:"tags,optional"`
	// Transform overrides inner resources.
	Transform AlertingStackTransforms
}

// AlertingStackTransforms are the escape hatches of an AlertingStack: each function that is set receives the finished arguments of one
// inner resource, after every default and check, and may change anything. Each but Queue sees several.
type AlertingStackTransforms struct {
	Key            func(*kms.KeyArgs)
	Topic          func(*sns.TopicArgs)
	Subscription   func(*sns.TopicSubscriptionArgs)
	Queue          func(*sqs.QueueArgs)
	Alarm          func(*cloudwatch.MetricAlarmArgs)
	CompositeAlarm func(*cloudwatch.CompositeAlarmArgs)
}

// AlertingStack is how people learn of what does not heal by itself. There are two severities: a page calls somebody now, through
// PagerDuty, and a ticket waits until morning, in a mailbox. Both topics are encrypted under a key of their own and take messages over
// TLS only. The topic of pages admits no publisher but the composite alarms of this stack whose names end in -impact, of which every watched
// service has one, or in -three-nights, which are Backups': no other alarm and no event calls anybody.
//
// # What is delivered
//
// SNS tries a page at PagerDuty again for about 20 minutes (the default is one) and then puts it into a queue, whose filling is a ticket: the
// other channel. An alarm that is over says so to the same topic, by which PagerDuty resolves its incident. Deliveries are not logged: each line
// would repeat the endpoint's address, which holds the integration key
// (https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html); the topic's metrics tell what was delivered and what was not.
//
// EventBridge publishes to the topics of tickets without a condition, since AWS supports none for it, neither in the topic's policy nor in the
// key's (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services,
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html): another account's rule that knows the topic's ARN
// could write a ticket, and nothing else.
//
// Not covered: the loss of the Region, which takes its alarms along; that a mailbox is read.
type AlertingStack struct {
	pulumi.ResourceState

	// PageTopicARN is the topic of pages; without PagerDutyKey it is the topic of tickets.
	PageTopicARN pulumi.StringOutput `pulumi:"pageTopicARN"`
	// TicketTopicARN is the topic of tickets.
	TicketTopicARN pulumi.StringOutput `pulumi:"ticketTopicARN"`
	// RecoveryTicketTopicARN is the topic of tickets in the recovery Region, empty without one.
	RecoveryTicketTopicARN pulumi.StringOutput `pulumi:"recoveryTicketTopicARN"`
	// KeyARN is the ARN of the KMS key of the topics and the queue.
	KeyARN pulumi.StringOutput `pulumi:"keyARN"`
	// DeadLetterQueueName is the queue of pages that were not delivered, which is the dimension of its metrics; empty without PagerDutyKey.
	DeadLetterQueueName pulumi.StringOutput `pulumi:"deadLetterQueueName"`
	// Paging is whether a page calls somebody. It is false without PagerDutyKey: pages are tickets then.
	Paging bool

	ctx     *pulumi.Context
	name    string
	args    AlertingStackArgs
	built   alertingParts
	watched map[string]bool
	lines   []AlarmLine
}

// alertingParts are the inner resources that later steps refer to. page is ticket without paging; the others may be nil.
type alertingParts struct {
	key, recoveryKey             *kms.Key
	page, ticket, recoveryTicket *alertedTopic
	// policies let alarms publish, and stand before the first alarm does.
	policies   []pulumi.Resource
	deadLetter *sqs.Queue
}

// NewAlertingStack checks args whole (see AlertingStackArgs.Check) and registers the topics and who reads them. Pass the aws provider of the
// Region as a resource option. There is one for each stack.
func NewAlertingStack(
	ctx *pulumi.Context, name string, args *AlertingStackArgs, opts ...pulumi.ResourceOption,
) (*AlertingStack, error) {
	if args == nil {
		args = &AlertingStackArgs{}
	}
	if err := failuresAsError("alerting "+name, args.Check(name)); err != nil {
		return nil, err
	}
	alerting := &AlertingStack{ctx: ctx, name: name, args: args.withDefaults(), Paging: args.PagerDutyKey != nil, watched: map[string]bool{}}
	if err := ctx.RegisterComponentResource(alertingStackType, name, alerting, opts...); err != nil {
		return nil, err
	}
	return alerting, runSteps(ctx, alerting.buildKeys, alerting.buildTickets, alerting.buildPages, alerting.registerOutputs)
}

func (a *AlertingStack) registerOutputs(ctx *pulumi.Context) error {
	none := pulumi.String("").ToStringOutput()
	a.PageTopicARN, a.TicketTopicARN, a.KeyARN = a.built.page.arn, a.built.ticket.arn, a.built.key.Arn
	a.RecoveryTicketTopicARN, a.DeadLetterQueueName = none, none
	if a.built.recoveryTicket != nil {
		a.RecoveryTicketTopicARN = a.built.recoveryTicket.arn
	}
	if a.built.deadLetter != nil {
		a.DeadLetterQueueName = a.built.deadLetter.Name
	}
	return ctx.RegisterResourceOutputs(a, pulumi.Map{
		"pageTopicARN": a.PageTopicARN, "ticketTopicARN": a.TicketTopicARN, "recoveryTicketTopicARN": a.RecoveryTicketTopicARN,
		"keyARN": a.KeyARN, "deadLetterQueueName": a.DeadLetterQueueName, "paging": pulumi.Bool(a.Paging),
	})
}
