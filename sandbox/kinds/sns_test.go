package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	alarmsARN   = "arn:aws:sns:eu-central-1:123456789012:alarms"
	deliveryARN = "arn:aws:iam::123456789012:role/sns-delivery"
)

func topic(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "one", In{"arn": keyOne, "isEnabled": true})
		lab.Put(kinds.Topic, alarmsARN, In{"arn": alarmsARN, "name": "alarms"})
		lab.Put(kinds.Role, "sns-delivery", In{"arn": deliveryARN, "assumeRolePolicy": strings.Replace(trustEC2, "ec2.amazonaws.com", "sns.amazonaws.com", 1)})
		lab.Put(kinds.Role, "ec2", In{"arn": deliveryARN + "-ec2", "assumeRolePolicy": trustEC2})
		return changed(In{"name": "pages", "kmsMasterKeyId": keyOne}, changes)
	}
}

func disabledKey(inputs In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "off", In{"arn": keyOne + "-off", "isEnabled": false})
		return topic(inputs)(lab)
	}
}

// publishing lets CloudWatch publish to a topic.
func publishing(topic string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"` + topic + `"}]}`
}

var _ = suite(kinds.Topic, Suite{
	Valid: map[string]Draft{
		"with a key": topic(nil), "without one": topic(In{"kmsMasterKeyId": nil}), "under SNS's own key": topic(In{"kmsMasterKeyId": "alias/aws/sns"}),
		"named by the provider": topic(In{"name": nil}), "with a prefix": topic(In{"name": nil, "namePrefix": "pages-"}),
		"with a policy":        topic(In{"policy": publishing(topicARN)}),
		"with delivery logs":   topic(In{"httpFailureFeedbackRoleArn": deliveryARN, "httpSuccessFeedbackRoleArn": deliveryARN, "httpSuccessFeedbackSampleRate": 100}),
		"with its own retries": topic(In{"deliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1}}}`, "signatureVersion": 2, "tracingConfig": "PassThrough"}),
	},
	Refusals: []Refusal{
		{Rule: "name conflicts with namePrefix", Draft: topic(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "a name of a topic", Draft: topic(In{"name": "the pages"}), Says: "invalid topic name: the pages"},
		{Rule: "a name of a topic", Draft: topic(In{"name": strings.Repeat("a", 257)}), Says: "invalid topic name"},
		{Rule: "a name of a topic", Draft: topic(In{"name": "pages.fifo"}), Says: "invalid topic name: pages.fifo"},
		{Rule: "only what the sandbox has", Draft: topic(In{"fifoTopic": true}), Says: "the sandbox has no topics that are first in, first out"},
		{Rule: "range of signatureVersion", Draft: topic(In{"signatureVersion": 3}), Says: "range (1 - 2)"},
		{Rule: "values of tracingConfig", Draft: topic(In{"tracingConfig": "On"}), Says: "got On"},
		{Rule: "length of displayName", Draft: topic(In{"displayName": strings.Repeat("a", 101)}), Says: "range (0 - 100)"},
		{Rule: "JSON of policy", Draft: topic(In{"policy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "JSON of deliveryPolicy", Draft: topic(In{"deliveryPolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "range of applicationSuccessFeedbackSampleRate", Draft: topic(In{"applicationSuccessFeedbackSampleRate": 101}), Says: "range (0 - 100)"},
		{Rule: "range of firehoseSuccessFeedbackSampleRate", Draft: topic(In{"firehoseSuccessFeedbackSampleRate": 101}), Says: "range (0 - 100)"},
		{Rule: "range of httpSuccessFeedbackSampleRate", Draft: topic(In{"httpSuccessFeedbackSampleRate": -1}), Says: "range (0 - 100)"},
		{Rule: "range of lambdaSuccessFeedbackSampleRate", Draft: topic(In{"lambdaSuccessFeedbackSampleRate": 101}), Says: "range (0 - 100)"},
		{Rule: "range of sqsSuccessFeedbackSampleRate", Draft: topic(In{"sqsSuccessFeedbackSampleRate": 101}), Says: "range (0 - 100)"},
		{Rule: "a key that can be used", Draft: topic(In{"kmsMasterKeyId": "gone"}), Says: "Publish, api error KMSNotFound"},
		{Rule: "a key that can be used", Draft: disabledKey(In{"kmsMasterKeyId": "off"}), Says: "key 'off' does not exist or is not enabled"},
		{Rule: "policy", Draft: topic(In{"policy": publishing(alarmsARN)}), Says: "SetTopicAttributes, api error InvalidParameter: Invalid parameter: Policy Error: the resource"},
		{Rule: "roles of the delivery logs", Draft: topic(In{"httpFailureFeedbackRoleArn": deliveryARN + "-ec2"}), Says: "is not a role that sns.amazonaws.com may assume"},
		{Rule: "roles of the delivery logs", Draft: topic(In{"sqsSuccessFeedbackRoleArn": deliveryARN + "-gone"}), Says: "InvalidParameter"},
		{Rule: "name taken", Draft: topic(In{"name": "alarms"}), Says: "CreateTopic, api error InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists"},
	},
	Replaces: []Change{
		{Path: "name", Before: topic(nil), After: topic(In{"name": "other"})},
		{Path: "namePrefix", Before: topic(In{"name": nil, "namePrefix": "a-"}), After: topic(In{"name": nil, "namePrefix": "b-"})},
	},
	Updates: []Change{{Path: "kmsMasterKeyId", Before: topic(nil), After: topic(In{"kmsMasterKeyId": "alias/aws/sns"})}},
})

func topicPolicy(changes In) Draft {
	return func(lab *Lab) In {
		topic(nil)(lab)
		lab.Put(kinds.Topic, topicARN, In{"arn": topicARN, "name": "pages"})
		return changed(In{"arn": topicARN, "policy": publishing(topicARN)}, changes)
	}
}

var _ = suite(kinds.TopicPolicy, Suite{
	Valid: map[string]Draft{"of one topic": topicPolicy(nil), "of whatever topic": topicPolicy(In{"policy": publishing("*")})},
	Refusals: []Refusal{
		{Rule: "reference arn", Draft: topicPolicy(In{"arn": topicARN + "-gone", "policy": publishing("*")}), Says: "SetTopicAttributes, api error NotFound: Topic does not exist"},
		{Rule: "JSON of policy", Draft: topicPolicy(In{"policy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "policy", Draft: topicPolicy(In{"policy": strings.Replace(publishing(topicARN), "sns:Publish", "sns:*", 1)}), Says: "InvalidParameter: Invalid parameter: Policy statement action out of service scope!"},
		{Rule: "policy", Draft: topicPolicy(In{"policy": strings.Replace(publishing(topicARN), "sns:Publish", "sqs:SendMessage", 1)}), Says: "action out of service scope!"},
		{Rule: "policy", Draft: topicPolicy(In{"policy": publishing(alarmsARN)}), Says: "the resource of a statement must be the topic"},
		{Rule: "policy", Draft: topicPolicy(In{"policy": strings.Replace(publishing(topicARN), `"Principal":{"Service":"cloudwatch.amazonaws.com"},`, "", 1)}), Says: "Missing required field Principal"},
		{Rule: "policy", Draft: topicPolicy(In{"policy": strings.Replace(publishing(topicARN), `"Service":"cloudwatch.amazonaws.com"`, `"AWS":"arn:aws:iam::123456789012:role/gone"`, 1)}), Says: "PrincipalNotFound"},
		{Rule: "policy", Draft: topicPolicy(In{"policy": strings.Replace(publishing(topicARN), `"Effect"`, `"Sid":"`+strings.Repeat("a", 30720)+`","Effect"`, 1)}), Says: "Policy is too large"},
	},
	Replaces: []Change{{Path: "arn", Before: topicPolicy(In{"policy": publishing("*")}), After: topicPolicy(In{"arn": alarmsARN, "policy": publishing("*")})}},
	Updates:  []Change{{Path: "policy", Before: topicPolicy(nil), After: topicPolicy(In{"policy": publishing("*")})}},
})

const (
	pagerDutyURL = "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue"
	lettersMay   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + queueARN +
		`","Condition":{"ArnEquals":{"aws:SourceArn":"` + topicARN + `"}}}]}`
	snsMay = `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"}`
)

func subscription(changes In) Draft {
	return subscriptionTo(keyPolicyOf(administer, snsMay), lettersMay, changes)
}

// subscriptionTo is a subscription whose dead-letter queue has these policies.
func subscriptionTo(ofKey, ofQueue string, changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "one", In{"arn": keyOne, "policy": ofKey})
		lab.Put(kinds.Topic, topicARN, In{"arn": topicARN, "name": "pages"})
		lab.Put(kinds.Topic, alarmsARN, In{"arn": alarmsARN, "name": "alarms"})
		lab.Put(kinds.Queue, queueURL, In{"arn": queueARN, "name": "letters", "kmsMasterKeyId": keyOne})
		lab.Put(kinds.QueuePolicy, queueURL, In{"queueUrl": queueURL, "policy": ofQueue})
		lab.Put(kinds.Queue, queueURL+".fifo", In{"arn": queueARN + ".fifo", "name": "letters.fifo", "fifoQueue": true})
		return changed(In{"topic": topicARN, "protocol": "https", "endpoint": pagerDutyURL, "endpointAutoConfirms": true, "redrivePolicy": `{"deadLetterTargetArn":"` + queueARN + `"}`}, changes)
	}
}

var _ = suite(kinds.TopicSubscription, Suite{
	Valid: map[string]Draft{
		"that confirms itself":    subscription(nil),
		"by email":                subscription(In{"protocol": "email", "endpoint": "ops@example.com", "endpointAutoConfirms": nil}),
		"confirmed by hand":       subscription(In{"endpoint": "https://hooks.example.com/a", "endpointAutoConfirms": nil}),
		"of an address unknown":   subscription(In{"endpoint": "https://hooks.example.com/a"}),
		"to a queue":              subscription(In{"protocol": "sqs", "endpoint": queueARN, "rawMessageDelivery": true}),
		"to a telephone":          subscription(In{"protocol": "sms", "endpoint": "+491701234567"}),
		"with retries of its own": subscription(In{"deliveryPolicy": `{"healthyRetryPolicy":{"numRetries":50}}`}),
		"filtered":                subscription(In{"filterPolicy": `{"severity":["page"]}`, "filterPolicyScope": "MessageBody"}),
		"without dead letters":    subscription(In{"redrivePolicy": nil}),
	},
	Refusals: []Refusal{
		{Rule: "reference topic", Draft: subscription(In{"topic": topicARN + "-gone", "redrivePolicy": nil}), Says: "Subscribe, api error NotFound: Topic does not exist"},
		{Rule: "values of protocol", Draft: subscription(In{"protocol": "pager"}), Says: "got pager"},
		{Rule: "values of filterPolicyScope", Draft: subscription(In{"filterPolicyScope": "Message"}), Says: "got Message"},
		{Rule: "JSON of deliveryPolicy", Draft: subscription(In{"deliveryPolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "JSON of filterPolicy", Draft: subscription(In{"filterPolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "JSON of redrivePolicy", Draft: subscription(In{"redrivePolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "only what the sandbox has", Draft: subscription(In{"replayPolicy": "{}"}), Says: "the sandbox has no replays"},
		{Rule: "an endpoint of the protocol", Draft: subscription(In{"endpoint": "http://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue"}), Says: "Endpoint must match the specified protocol (https)"},
		{Rule: "an endpoint of the protocol", Draft: subscription(In{"protocol": "email", "endpoint": "ops"}), Says: "specified protocol (email)"},
		{Rule: "an endpoint of the protocol", Draft: subscription(In{"protocol": "sms", "endpoint": "0170"}), Says: "specified protocol (sms)"},
		{Rule: "an endpoint of the protocol", Draft: subscription(In{"protocol": "sqs", "endpoint": topicARN}), Says: "specified protocol (sqs)"},
		{Rule: "a delivery policy", Draft: subscription(In{"protocol": "email", "endpoint": "ops@example.com", "deliveryPolicy": "{}"}), Says: "only HTTP and HTTPS subscriptions"},
		{Rule: "raw delivery", Draft: subscription(In{"protocol": "email", "endpoint": "ops@example.com", "rawMessageDelivery": true}), Says: "RawMessageDelivery: Value [true] is invalid for protocol [email]"},
		{Rule: "a role of Firehose", Draft: subscription(In{"subscriptionRoleArn": deliveryARN}), Says: "SubscriptionRoleArn is for firehose"},
		{Rule: "the dead-letter queue", Draft: subscription(In{"redrivePolicy": `{"queue":"x"}`}), Says: "InvalidParameter: Invalid parameter: RedrivePolicy"},
		{Rule: "the dead-letter queue", Draft: subscription(In{"redrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:gone"}`}), Says: "is no standard queue of this account and Region"},
		{Rule: "the dead-letter queue", Draft: subscription(In{"redrivePolicy": `{"deadLetterTargetArn":"` + queueARN + `.fifo"}`}), Says: "is no standard queue"},
		{Rule: "the dead-letter queue", Draft: subscriptionTo(keyPolicyOf(administer), lettersMay, nil), Says: "the policy of its key does not let sns.amazonaws.com"},
		{Rule: "the dead-letter queue", Draft: subscriptionTo(keyPolicyOf(administer, snsMay), strings.Replace(lettersMay, topicARN, alarmsARN, 1), nil), Says: "its policy does not let sns.amazonaws.com do sqs:SendMessage"},
		{Rule: "subscribed already", Draft: func(lab *Lab) In {
			lab.Put(kinds.TopicSubscription, topicARN+":one", In{"topic": topicARN, "protocol": "https", "endpoint": pagerDutyURL})
			return subscription(nil)(lab)
		}, Says: "Subscription already exists with different attributes"},
		{Rule: "an endpoint that confirms", Draft: subscription(In{"endpoint": "https://events.pagerduty.com/v2/enqueue"}), Says: "last state: 'true', timeout: 1m0s"},
		{Rule: "an endpoint that confirms", Draft: subscription(In{"endpoint": "https://events.pagerduty.com/integration/short/enqueue"}), Says: "waiting for SNS Topic Subscription confirmation"},
	},
	Replaces: []Change{
		{Path: "topic", Before: subscription(In{"redrivePolicy": nil}), After: subscription(In{"topic": alarmsARN, "redrivePolicy": nil})},
		{Path: "endpoint", Before: subscription(nil), After: subscription(In{"endpoint": "https://hooks.example.com/b"})},
		{Path: "protocol", Before: subscription(In{"protocol": "email", "endpoint": "ops@example.com"}), After: subscription(In{"protocol": "email-json", "endpoint": "ops@example.com"})},
	},
	Updates: []Change{{Path: "redrivePolicy", Before: subscription(nil), After: subscription(In{"redrivePolicy": nil})}},
})
