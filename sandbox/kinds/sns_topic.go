package kinds

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var topicName = regexp.MustCompile(`^([0-9A-Za-z_-]{1,256}|[0-9A-Za-z_-]{1,251}\.fifo)$`)

// topicFeedback are the protocols whose deliveries a topic can log, as the property names of the provider begin.
var topicFeedback = []string{"application", "firehose", "http", "lambda", "sqs"}

// Source: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html and API_SetTopicAttributes.html beside it.
var _ = register(&Kind{
	Token:    Topic,
	Args:     sns.TopicArgs{},
	Resource: &sns.Topic{},
	API:      API{Service: "SNS", Noun: "SNS Topic", Create: "CreateTopic", Update: "SetTopicAttributes", Delete: "DeleteTopic"},
	Name:     &AutoName{Property: "name", Max: 256, Unless: []string{"namePrefix"}},
	Defaults: []Default{{Path: "contentBasedDeduplication", Value: Flag(false)}, {Path: "fifoTopic", Value: Flag(false)}},
	Rules: append([]Rule{
		Conflicting("name", "namePrefix"), InRange("signatureVersion", 1, 2), OneOf("tracingConfig", "PassThrough", "Active"),
		LengthIn("displayName", 0, 100), policyJSON("policy"), policyJSON("deliveryPolicy"),
		lacking("topics that are first in, first out", "fifoTopic", "archivePolicy", "fifoThroughputScope", "contentBasedDeduplication"),
		{Name: "a name of a topic", Broken: func(d *Draft) *Refusal {
			if name := d.Text("name"); d.Has("name") && (!topicName.MatchString(name) || strings.HasSuffix(name, ".fifo")) {
				return Refuse("name", "invalid topic name: %s", name)
			}
			return nil
		}},
		{Name: "a key that can be used", Stage: AtApply, Code: "KMSNotFound", Operation: "Publish", Broken: topicKey},
		{Name: "policy", Stage: AtApply, Code: "InvalidParameter", Operation: "SetTopicAttributes", Broken: func(d *Draft) *Refusal {
			return topicPolicy(d, d.ARN("sns", orElse(d.Text("name"), "*")))
		}},
		{Name: "roles of the delivery logs", Stage: AtApply, Code: "InvalidParameter", Operation: "SetTopicAttributes", Broken: topicLogRoles},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "InvalidParameter", Broken: func(d *Draft) *Refusal {
			if d.FindBy(Topic, "name", d.Text("name")) != nil {
				return Refuse("name", "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
			}
			return nil
		}},
	}, topicFeedbackRules()...),
	Replaces: []string{"name", "namePrefix", "fifoTopic"},
	ID:       func(d *Draft) string { return d.Output("arn").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")), fixed("beginningArchiveTime", Text("")), fixed("fifoThroughputScope", Text("")),
		fixed("signatureVersion", Number(0)), fixed("tracingConfig", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("sns", d.Output("name").Text())) }},
		{Name: "owner", Value: func(d *Draft) resource.PropertyValue { return Text(d.Account) }},
		{Name: "policy", Value: func(d *Draft) resource.PropertyValue { return Text(ownersTopic(d)) }},
	},
})

func topicFeedbackRules() []Rule {
	var rules []Rule
	for _, protocol := range topicFeedback {
		rules = append(rules, InRange(protocol+"SuccessFeedbackSampleRate", 0, 100))
	}
	return rules
}

// topicKey refuses a key that is not there or not enabled. AWS takes it, and every message is then lost: it notices only when
// something is published, which the sandbox never does. So it answers now what Publish would answer then.
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func topicKey(d *Draft) *Refusal {
	if id := d.Text("kmsMasterKeyId"); unusableKey(d, id) {
		return Refuse("kmsMasterKeyId", "The request was rejected because the specified entity or resource can't be found: key '%s' does not exist or is not enabled", id)
	}
	return nil
}

// topicLogRoles refuses a role that SNS cannot write delivery logs with.
// Source: https://docs.aws.amazon.com/sns/latest/dg/topics-attrib-prereq.html
func topicLogRoles(d *Draft) *Refusal {
	for _, protocol := range topicFeedback {
		for _, outcome := range []string{"Failure", "Success"} {
			path := protocol + outcome + "FeedbackRoleArn"
			if !d.Has(path) || d.At(path).Unknown() {
				continue
			}
			role := d.FindBy(Role, "arn", d.Text(path))
			if role == nil || !keyAllows(role.Text("assumeRolePolicy"), byService("sns.amazonaws.com"), []string{"sts:AssumeRole"}, keyContext{}) {
				return Refuse(path, "Invalid parameter: %s is not a role that sns.amazonaws.com may assume", d.Text(path))
			}
		}
	}
	return nil
}

// ownersTopic is the policy that a topic has when it was given none: the account's own.
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func ownersTopic(d *Draft) string {
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},` +
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe",` +
		`"SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + d.ARN("sns", d.Output("name").Text()) + `",` +
		`"Condition":{"StringEquals":{"AWS:SourceOwner":"` + d.Account + `"}}}]}`
}
