package components

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deliverPages says how often SNS tries PagerDuty: twice at once, six times after 5 s, four times after more and more, and 18 times after 60 s.
// That is about 20 minutes; SNS allows 3600 s, and does a minute by default
// (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html). The figures are ours: a page of half an hour ago tells nobody
// anything that the ticket of its dead letter does not.
const deliverPages = `{"healthyRetryPolicy":{"backoffFunction":"linear","maxDelayTarget":60,"minDelayTarget":5,` +
	`"numMaxDelayRetries":18,"numMinDelayRetries":6,"numNoDelayRetries":2,"numRetries":30}}`

var pagerDutyKeySyntax = regexp.MustCompile(`^[0-9A-Za-z]{32}$`)

var errPagerDutyKey = errors.New("pagerDutyKey: (a secret) is not the integration key of PagerDuty's Amazon CloudWatch integration, which has 32 letters and digits; " +
	"copy it from the integrations of the service in PagerDuty")

// buildPages builds the topic of pages, PagerDuty's subscription to it, and where pages go that cannot be delivered. Without an integration key
// there is none of it: a topic that nobody reads would be worse than none.
func (a *AlertingStack) buildPages(ctx *pulumi.Context) (err error) {
	if !a.Paging {
		a.built.page = a.built.ticket
		return nil
	}
	at := a.homePlace(ctx)
	a.built.page, err = a.topic(ctx, a.name+"-page", at, a.built.key,
		alarmsPublish(at, pageAlarmName(at.home, "*", impact), pageAlarmName(at.home, "*", nights)))
	if err != nil {
		return err
	}
	delivered, err := a.buildDeadLetters(ctx, a.name+"-page-dead-letter")
	if err != nil {
		return err
	}
	endpoint := a.args.PagerDutyKey.ToStringOutput().ApplyT(pagerDutyEndpoint).(pulumi.StringOutput)
	_, err = sns.NewTopicSubscription(ctx, a.name+"-page-pagerduty", transformed(&sns.TopicSubscriptionArgs{
		Topic: a.built.page.arn, Protocol: pulumi.String("https"),
		Endpoint: pulumi.ToSecret(endpoint).(pulumi.StringOutput),
		// PagerDuty answers SNS's question by itself, and reads SNS's envelope.
		EndpointAutoConfirms: pulumi.Bool(true), RawMessageDelivery: pulumi.Bool(false),
		DeliveryPolicy: pulumi.String(deliverPages),
		RedrivePolicy:  pulumi.Sprintf(`{"deadLetterTargetArn":"%s"}`, a.built.deadLetter.Arn),
	}, a.args.Transform.Subscription), pulumi.Parent(a), pulumi.AdditionalSecretOutputs([]string{"endpoint"}), pulumi.DependsOn([]pulumi.Resource{delivered}))
	if err != nil {
		return err
	}
	return a.watch(ctx, a.name, a.pagePathAlarms()...)
}

// pagerDutyEndpoint is where PagerDuty takes messages of CloudWatch
// (https://www.pagerduty.com/docs/guides/amazon-cloudwatch-integration-guide/). What is wrong with the key never repeats it.
func pagerDutyEndpoint(key string) (string, error) {
	if !pagerDutyKeySyntax.MatchString(key) {
		return "", errPagerDutyKey
	}
	return "https://events.pagerduty.com/integration/" + key + "/enqueue", nil
}

// pageAlarmName is the name of an alarm that pages. The policy of the topic knows such alarms by it.
func pageAlarmName(at home, subject, why string) string {
	return at.project + "-" + at.stack + "-" + subject + "-" + why
}

// buildDeadLetters builds the queue of pages that were not delivered, and what lets SNS fill it, which is returned.
func (a *AlertingStack) buildDeadLetters(ctx *pulumi.Context, name string) (pulumi.Resource, error) {
	queue, err := sqs.NewQueue(ctx, name, transformed(&sqs.QueueArgs{
		KmsMasterKeyId: a.built.key.Arn, MessageRetentionSeconds: pulumi.Int(deadLetterRetentionSeconds), Tags: tagsNamed(a.args.Tags, name),
	}, a.args.Transform.Queue), stateful(a, a.args.Protect)...)
	if err != nil {
		return nil, err
	}
	a.built.deadLetter = queue
	document := iampolicy.ResourceBased(iampolicy.Statement{
		Sid: "UndeliveredPages", Effect: iampolicy.Allow, Principals: []iampolicy.Principal{iampolicy.Service("sns.amazonaws.com")},
		Actions: []iampolicy.Action{"sqs:SendMessage"}, Resources: []iampolicy.Resource{iampolicy.Slot(queueSlot, "")},
		Conditions: []iampolicy.Condition{{
			Operator: iampolicy.ARNEquals, Key: "aws:SourceArn", Values: []iampolicy.Value{iampolicy.Slot(topicSlot, "")},
		}},
	}, iampolicy.Statement{
		Sid: "OnlyOverTLS", Effect: iampolicy.Deny, Principals: []iampolicy.Principal{iampolicy.Anyone()},
		Actions: []iampolicy.Action{"sqs:*"}, Resources: []iampolicy.Resource{iampolicy.Slot(queueSlot, "")},
		Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.Bool, "aws:SecureTransport", "false")},
	})
	if err := document.Check(); err != nil {
		return nil, fmt.Errorf("policy of queue %s: %w", name, err)
	}
	return sqs.NewQueuePolicy(ctx, name, &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url, Policy: filled(document, pulumi.StringMap{queueSlot: queue.Arn, topicSlot: a.built.page.arn}),
	}, pulumi.Parent(a))
}

// pagePathAlarms tell of pages that reached nobody, through the other channel.
func (a *AlertingStack) pagePathAlarms() []Alarm {
	topic := pulumi.StringMap{"TopicName": a.built.page.name}
	return []Alarm{{
		Name:   "page-undelivered",
		Metric: Metric{Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Statistic: "Maximum", Dimensions: pulumi.StringMap{"QueueName": a.built.deadLetter.Name}},
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
		Comparison: Above, Threshold: 0, Period: 60, Datapoints: 1, Periods: 1, Missing: NotBreaching, Severity: Ticket,
		Why: "A page could not be delivered to PagerDuty and lies in the dead-letter queue: somebody should have been called", Playbook: "page-not-delivered",
	}, {
		Name:   "page-lost",
		Metric: Metric{Namespace: "AWS/SNS", Name: "NumberOfNotificationsFailedToRedriveToDlq", Statistic: "Sum", Dimensions: topic},
		// https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
		Comparison: Above, Threshold: 0, Period: 60, Datapoints: 1, Periods: 1, Missing: NotBreaching, Severity: Ticket,
		Why: "A page could be delivered neither to PagerDuty nor to the dead-letter queue and is lost", Playbook: "page-not-delivered",
	}}
}
