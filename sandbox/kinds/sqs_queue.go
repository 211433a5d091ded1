package kinds

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var queueName = regexp.MustCompile(`^[0-9A-Za-z_-]+(\.fifo)?$`)

// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
var _ = register(&Kind{
	Token:    Queue,
	Args:     sqs.QueueArgs{},
	Resource: &sqs.Queue{},
	API:      API{Service: "SQS", Noun: "SQS Queue", Create: "CreateQueue", Update: "SetQueueAttributes", Delete: "DeleteQueue"},
	Name:     &AutoName{Property: "name", Max: 80, Unless: []string{"namePrefix"}},
	Defaults: []Default{
		{Path: "contentBasedDeduplication", Value: Flag(false)}, {Path: "delaySeconds", Value: Number(0)}, {Path: "fifoQueue", Value: Flag(false)},
		{Path: "maxMessageSize", Value: Number(262144)}, {Path: "messageRetentionSeconds", Value: Number(345600)},
		{Path: "receiveWaitTimeSeconds", Value: Number(0)}, {Path: "visibilityTimeoutSeconds", Value: Number(30)},
	},
	Rules: []Rule{
		LengthIn("name", 1, 80), Conflicting("name", "namePrefix"), Matching("name", queueName, "only letters, digits, hyphens and underscores, and .fifo at the end"),
		InRange("delaySeconds", 0, 900), InRange("kmsDataKeyReusePeriodSeconds", 60, 86400), InRange("maxMessageSize", 1024, 262144),
		InRange("messageRetentionSeconds", 60, 1209600), InRange("receiveWaitTimeSeconds", 0, 20), InRange("visibilityTimeoutSeconds", 0, 43200),
		{Name: "two kinds of encryption", Broken: func(d *Draft) *Refusal {
			if d.Has("kmsMasterKeyId") && d.Bool("sqsManagedSseEnabled") {
				return Refuse("sqsManagedSseEnabled", "\"sqsManagedSseEnabled\": conflicts with kmsMasterKeyId")
			}
			return nil
		}},
		{Name: "a name that ends as its type demands", Broken: func(d *Draft) *Refusal {
			if name := d.At("name"); !name.Unknown() && name.Text() != "" && d.Bool("fifoQueue") != strings.HasSuffix(name.Text(), ".fifo") {
				return Refuse("name", "invalid queue name: %s; the names of FIFO queues, and no others, end with .fifo", name.Text())
			}
			return nil
		}},
		{Name: "attributes of FIFO queues", Broken: func(d *Draft) *Refusal {
			if d.Bool("contentBasedDeduplication") && !d.Bool("fifoQueue") {
				return Refuse("contentBasedDeduplication", "content-based deduplication can only be set for FIFO queue")
			}
			return nil
		}},
		policyJSON("policy"), policyJSON("redrivePolicy"), policyJSON("redriveAllowPolicy"),
		{Name: "a key that exists", Stage: AtApply, Code: "KMS.NotFoundException", Broken: func(d *Draft) *Refusal {
			if id := d.Text("kmsMasterKeyId"); unusableKey(d, id) {
				return Refuse("kmsMasterKeyId", "Key '%s' does not exist or is not enabled", id)
			}
			return nil
		}},
		{Name: "the dead-letter queue", Stage: AtApply, Code: "InvalidParameterValue", Broken: deadLetterQueue},
		{Name: "policy", Stage: AtApply, Code: "InvalidAttributeValue", Broken: func(d *Draft) *Refusal { return queuePolicy(d, "policy") }},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "QueueAlreadyExists", Broken: func(d *Draft) *Refusal {
			if d.FindBy(Queue, "name", d.Text("name")) != nil {
				return Refuse("name", "A queue already exists with the same name and a different value for an attribute or a tag")
			}
			return nil
		}},
	},
	Replaces: []string{"name", "namePrefix", "fifoQueue"},
	ID:       func(d *Draft) string { return d.Output("url").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("sqs", d.Output("name").Text())) }},
		{Name: "url", Value: func(d *Draft) resource.PropertyValue {
			return Text("https://sqs." + d.Region + "." + d.DNSSuffix() + "/" + d.Account + "/" + d.Output("name").Text())
		}},
		fixed("kmsDataKeyReusePeriodSeconds", Number(300)), fixed("policy", Text("")), fixed("redrivePolicy", Text("")),
		fixed("redriveAllowPolicy", Text("")), fixed("deduplicationScope", Text("")), fixed("fifoThroughputLimit", Text("")),
		// A queue without a key of its own is encrypted by SQS's.
		{Name: "sqsManagedSseEnabled", Value: func(d *Draft) resource.PropertyValue { return Flag(!d.Has("kmsMasterKeyId")) }},
	},
})

// redrive is a redrive policy as SQS reads it. maxReceiveCount may be written as a text.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
type redrive struct {
	DeadLetterTargetARN string      `json:"deadLetterTargetArn"`
	MaxReceiveCount     json.Number `json:"maxReceiveCount"`
}

func deadLetterQueue(d *Draft) *Refusal {
	text := d.Text("redrivePolicy")
	if !json.Valid([]byte(text)) {
		return nil // not set, or refused for that
	}
	var policy redrive
	if err := strictJSON(text, &policy); err != nil {
		return Refuse("redrivePolicy", "Value %s for parameter RedrivePolicy is invalid. Reason: %v.", text, err)
	}
	if count, err := policy.MaxReceiveCount.Int64(); err != nil || count < 1 || count > 1000 {
		return Refuse("redrivePolicy", "Value %s for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: %s, valid values are from 1 to 1000 both inclusive.", text, policy.MaxReceiveCount)
	}
	target := d.FindBy(Queue, "arn", policy.DeadLetterTargetARN)
	switch {
	case target == nil:
		return Refuse("redrivePolicy", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", text)
	case target.At("fifoQueue").Bool() != d.Bool("fifoQueue"):
		return Refuse("redrivePolicy", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the source.", text)
	}
	return nil
}

// queuePolicy is what SQS refuses of the policy at a path.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
func queuePolicy(d *Draft, path string) *Refusal {
	if !json.Valid([]byte(d.Text(path))) {
		return nil // not set, or refused for that
	}
	statements, problem := readPolicy(d.Text(path))
	if unknown := unknownPrincipal(d, statements); problem == "" && unknown != "" {
		problem = unknown
	}
	for _, statement := range statements {
		if problem == "" && len(statement.Principal)+len(statement.NotPrincipal) == 0 {
			problem = "Missing required field Principal"
		}
		problem = orElse(problem, policyActions(statement))
		for _, action := range statement.Action {
			if problem == "" && !strings.HasPrefix(strings.ToLower(action), "sqs:") && action != "*" {
				problem = action + " is no action of SQS"
			}
		}
	}
	if problem == "" {
		return nil
	}
	return Refuse(path, "Invalid value for the parameter Policy. (%s)", problem)
}
