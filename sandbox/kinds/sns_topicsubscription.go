package kinds

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var (
	phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
	// pagerDuty is the one path of PagerDuty's under which something answers a confirmation. An integration key has 32 characters.
	// Source: https://www.pagerduty.com/docs/guides/amazon-cloudwatch-integration-guide/
	pagerDuty = regexp.MustCompile(`^/integration/[0-9a-zA-Z]{32}/enqueue$`)
	// subscribers are the services behind those protocols that take an ARN.
	subscribers = map[string]string{"sqs": "sqs", "lambda": "lambda", "firehose": "firehose", "application": "sns"}
)

// An endpoint of HTTP or of email confirms a subscription itself. The provider waits for it only where the program says that the endpoint
// does so without a person.
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
var _ = register(&Kind{
	Token:         TopicSubscription,
	Args:          sns.TopicSubscriptionArgs{},
	Resource:      &sns.TopicSubscription{},
	RequiredLists: []string{"topic"},
	API:           API{Service: "SNS", Noun: "SNS Topic Subscription", Create: "Subscribe", Update: "SetSubscriptionAttributes", Delete: "Unsubscribe"},
	Defaults: []Default{
		{Path: "confirmationTimeoutInMinutes", Value: Number(1)}, {Path: "endpointAutoConfirms", Value: Flag(false)}, {Path: "rawMessageDelivery", Value: Flag(false)},
	},
	References: []Reference{{Path: "topic", To: []string{Topic}, Code: "NotFound", Message: "Topic does not exist (%s)"}},
	Rules: []Rule{
		OneOf("protocol", "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"),
		OneOf("filterPolicyScope", "MessageAttributes", "MessageBody"),
		policyJSON("deliveryPolicy"), policyJSON("filterPolicy"), policyJSON("redrivePolicy"),
		lacking("replays, which only topics that are first in, first out have", "replayPolicy"),
		subscriptionRefuses("an endpoint of the protocol", subscriptionEndpoint),
		subscriptionRefuses("a delivery policy", func(d *Draft) *Refusal {
			if d.Has("deliveryPolicy") && !strings.HasPrefix(d.Text("protocol"), "http") {
				return Refuse("deliveryPolicy", "Invalid parameter: DeliveryPolicy: only HTTP and HTTPS subscriptions have one")
			}
			return nil
		}),
		subscriptionRefuses("raw delivery", func(d *Draft) *Refusal {
			if d.Bool("rawMessageDelivery") && !slices.Contains([]string{"http", "https", "sqs", "firehose"}, d.Text("protocol")) {
				return Refuse("rawMessageDelivery", "Invalid parameter: Attributes Reason: RawMessageDelivery: Value [true] is invalid for protocol [%s]", d.Text("protocol"))
			}
			return nil
		}),
		subscriptionRefuses("a role of Firehose", func(d *Draft) *Refusal {
			if d.Has("subscriptionRoleArn") != (d.Text("protocol") == "firehose") {
				return Refuse("subscriptionRoleArn", "Invalid parameter: Attributes Reason: SubscriptionRoleArn is for firehose, and firehose needs it")
			}
			return nil
		}),
		subscriptionRefuses("the dead-letter queue", subscriptionQueue),
		{Name: "subscribed already", Stage: AtApply, When: OnCreate, Code: "InvalidParameter", Broken: func(d *Draft) *Refusal {
			if subscribedAlike(d) != nil {
				return Refuse("endpoint", "Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
			}
			return nil
		}},
		{Name: "an endpoint that confirms", Stage: AtApply, When: OnCreate, Code: byProvider, Broken: unconfirmed},
	},
	Replaces: []string{"endpoint", "protocol", "topic"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.Text("topic") + ":" + d.UUID("subscription")) }},
		{Name: "ownerId", Value: func(d *Draft) resource.PropertyValue { return Text(d.Account) }},
		{Name: "pendingConfirmation", Value: func(d *Draft) resource.PropertyValue { return Flag(confirmedByHand(d)) }},
		{Name: "confirmationWasAuthenticated", Value: func(d *Draft) resource.PropertyValue { return Flag(subscribers[d.Text("protocol")] != "") }},
		{Name: "filterPolicyScope", Value: func(d *Draft) resource.PropertyValue {
			if d.Has("filterPolicy") {
				return Text("MessageAttributes")
			}
			return Text("")
		}},
	},
})

func subscriptionRefuses(name string, broken func(d *Draft) *Refusal) Rule {
	return Rule{Name: name, Stage: AtApply, Code: "InvalidParameter", Broken: broken}
}

// confirmedByHand is true where a person, or a program that nobody waits for, has to confirm.
func confirmedByHand(d *Draft) bool {
	switch d.Text("protocol") {
	case "email", "email-json":
		return true
	case "http", "https":
		return !d.Bool("endpointAutoConfirms")
	default:
		return false
	}
}

func subscriptionEndpoint(d *Draft) *Refusal {
	protocol, endpoint := d.Text("protocol"), d.Text("endpoint")
	fits := true
	switch protocol {
	case "http", "https":
		address, err := url.Parse(endpoint)
		fits = err == nil && address.Scheme == protocol && address.Host != ""
	case "email", "email-json":
		address, err := mail.ParseAddress(endpoint)
		fits = err == nil && address.Address == endpoint
	case "sms":
		fits = phoneNumber.MatchString(endpoint)
	case "sqs", "lambda", "firehose", "application":
		arn := splitARN(endpoint)
		fits = arn != nil && arn.service == subscribers[protocol]
	}
	if fits {
		return nil
	}
	// The endpoint is not repeated: it may hold a key.
	return Refuse("endpoint", "Invalid parameter: Endpoint must match the specified protocol (%s)", protocol)
}

// subscriptionQueue refuses dead letters that would be lost.
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
func subscriptionQueue(d *Draft) *Refusal {
	text := d.Text("redrivePolicy")
	if !json.Valid([]byte(text)) {
		return nil // not set, or refused for that
	}
	var policy struct {
		DeadLetterTargetARN string `json:"deadLetterTargetArn"`
	}
	if err := strictJSON(text, &policy); err != nil {
		return Refuse("redrivePolicy", "Invalid parameter: RedrivePolicy: %v", err)
	}
	queue := d.FindBy(Queue, "arn", policy.DeadLetterTargetARN)
	if queue == nil || queue.At("fifoQueue").Bool() {
		return Refuse("redrivePolicy", "Invalid parameter: RedrivePolicy: deadLetterTargetArn %s is no standard queue of this account and Region", policy.DeadLetterTargetARN)
	}
	if reason := unsendable(d, queue, d.Text("topic")); reason != "" {
		return Refuse("redrivePolicy", "Invalid parameter: RedrivePolicy: messages for %s would be lost: %s (AWS says this only in a metric, when it happens)", policy.DeadLetterTargetARN, reason)
	}
	return nil
}

// unconfirmed is the provider's wait in vain. What answers behind an address the sandbox cannot know; of PagerDuty it knows the one path.
func unconfirmed(d *Draft) *Refusal {
	address, err := url.Parse(d.Text("endpoint"))
	if !d.Bool("endpointAutoConfirms") || err != nil || address.Hostname() != "events.pagerduty.com" || pagerDuty.MatchString(address.Path) {
		return nil
	}
	return Refuse("endpoint", "waiting for SNS Topic Subscription confirmation: timeout while waiting for state to become 'false' (last state: 'true', timeout: %dm0s)",
		d.Int("confirmationTimeoutInMinutes"))
}
