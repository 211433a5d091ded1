package kinds_test

import (
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const (
	queueURL = "https://sqs.eu-central-1.amazonaws.com/123456789012/letters"
	queueARN = "arn:aws:sqs:eu-central-1:123456789012:letters"
)

func queue(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Key, "one", In{"arn": keyOne, "isEnabled": true})
		lab.Put(kinds.Queue, queueURL, In{"arn": queueARN, "name": "letters"})
		lab.Put(kinds.Queue, queueURL+".fifo", In{"arn": queueARN + ".fifo", "name": "letters.fifo", "fifoQueue": true})
		return changed(In{"name": "digest", "kmsMasterKeyId": keyOne, "redrivePolicy": redriveTo(queueARN, "3")}, changes)
	}
}

func redriveTo(arn, count string) string {
	return `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":` + count + `}`
}

const ownerSends = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sqs:SendMessage","Resource":"*"}]}`

var _ = suite(kinds.Queue, Suite{
	Valid: map[string]Draft{
		"with a key and dead letters": queue(nil), "with SQS's own key": queue(In{"kmsMasterKeyId": nil, "sqsManagedSseEnabled": true}),
		"named by the provider": queue(In{"name": nil}), "with a prefix": queue(In{"name": nil, "namePrefix": "digest-"}),
		"first in, first out": queue(In{"name": "digest.fifo", "fifoQueue": true, "contentBasedDeduplication": true, "redrivePolicy": redriveTo(queueARN+".fifo", "3")}),
		"a count as text":     queue(In{"redrivePolicy": redriveTo(queueARN, `"3"`)}), "with a policy": queue(In{"policy": ownerSends}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: queue(In{"name": strings.Repeat("a", 81)}), Says: "range (1 - 80)"},
		{Rule: "name conflicts with namePrefix", Draft: queue(In{"namePrefix": "a"}), Says: "conflicts with namePrefix"},
		{Rule: "pattern of name", Draft: queue(In{"name": "nightly digest"}), Says: "only letters, digits"},
		{Rule: "range of delaySeconds", Draft: queue(In{"delaySeconds": 901}), Says: "range (0 - 900)"},
		{Rule: "range of kmsDataKeyReusePeriodSeconds", Draft: queue(In{"kmsDataKeyReusePeriodSeconds": 59}), Says: "range (60 - 86400)"},
		{Rule: "range of maxMessageSize", Draft: queue(In{"maxMessageSize": 1023}), Says: "range (1024 - 262144)"},
		{Rule: "range of messageRetentionSeconds", Draft: queue(In{"messageRetentionSeconds": 1209601}), Says: "range (60 - 1209600)"},
		{Rule: "range of receiveWaitTimeSeconds", Draft: queue(In{"receiveWaitTimeSeconds": 21}), Says: "range (0 - 20)"},
		{Rule: "range of visibilityTimeoutSeconds", Draft: queue(In{"visibilityTimeoutSeconds": 43201}), Says: "range (0 - 43200)"},
		{Rule: "two kinds of encryption", Draft: queue(In{"sqsManagedSseEnabled": true}), Says: "conflicts with kmsMasterKeyId"},
		{Rule: "a name that ends as its type demands", Draft: queue(In{"fifoQueue": true, "redrivePolicy": nil}), Says: "end with .fifo"},
		{Rule: "attributes of FIFO queues", Draft: queue(In{"contentBasedDeduplication": true}), Says: "can only be set for FIFO queue"},
		{Rule: "JSON of policy", Draft: queue(In{"policy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "JSON of redrivePolicy", Draft: queue(In{"redrivePolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "JSON of redriveAllowPolicy", Draft: queue(In{"redriveAllowPolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "a key that exists", Draft: queue(In{"kmsMasterKeyId": "gone"}), Says: "CreateQueue, api error KMS.NotFoundException: Key 'gone' does not exist"},
		{Rule: "the dead-letter queue", Draft: queue(In{"redrivePolicy": redriveTo("arn:gone", "3")}), Says: "InvalidParameterValue: Value"},
		{Rule: "the dead-letter queue", Draft: queue(In{"redrivePolicy": redriveTo(queueARN+".fifo", "3")}), Says: "must be same type of queue as the source"},
		{Rule: "the dead-letter queue", Draft: queue(In{"redrivePolicy": redriveTo(queueARN, "0")}), Says: "valid values are from 1 to 1000"},
		{Rule: "the dead-letter queue", Draft: queue(In{"redrivePolicy": `{"deadLetterQueue":"x"}`}), Says: "RedrivePolicy is invalid"},
		{Rule: "policy", Draft: queue(In{"policy": strings.Replace(ownerSends, "sqs:", "sns:", 1)}), Says: "sns:SendMessage is no action of SQS"},
		{Rule: "policy", Draft: queue(In{"policy": strings.Replace(ownerSends, ":root", ":role/gone", 1)}), Says: "InvalidAttributeValue: Invalid value for the parameter Policy."},
		{Rule: "name taken", Draft: queue(In{"name": "letters", "redrivePolicy": nil}), Says: "QueueAlreadyExists"},
	},
	Replaces: []Change{
		{Path: "name", Before: queue(nil), After: queue(In{"name": "other"})},
		{Path: "namePrefix", Before: queue(In{"name": nil, "namePrefix": "a-"}), After: queue(In{"name": nil, "namePrefix": "b-"})},
	},
	Updates: []Change{{Path: "visibilityTimeoutSeconds", Before: queue(nil), After: queue(In{"visibilityTimeoutSeconds": 300})}},
})

func queuePolicy(changes In) Draft {
	return func(lab *Lab) In {
		lab.Put(kinds.Queue, queueURL, In{"arn": queueARN, "name": "letters"})
		lab.Put(kinds.Queue, queueURL+"2", In{"arn": queueARN + "2", "name": "letters2"})
		return changed(In{"queueUrl": queueURL, "policy": ownerSends}, changes)
	}
}

var _ = suite(kinds.QueuePolicy, Suite{
	Valid: map[string]Draft{"for the owner": queuePolicy(nil)},
	Refusals: []Refusal{
		{Rule: "reference queueUrl", Draft: queuePolicy(In{"queueUrl": "https://gone"}), Says: "QueueDoesNotExist: The specified queue does not exist. (https://gone)"},
		{Rule: "JSON of policy", Draft: queuePolicy(In{"policy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "policy", Draft: queuePolicy(In{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`}), Says: "Missing required field Principal"},
	},
	Replaces: []Change{{Path: "queueUrl", Before: queuePolicy(nil), After: queuePolicy(In{"queueUrl": queueURL + "2"})}},
	Updates:  []Change{{Path: "policy", Before: queuePolicy(nil), After: queuePolicy(In{"policy": strings.Replace(ownerSends, "Send", "Receive", 1)})}},
})

func redriveAllow(changes In) Draft {
	return func(lab *Lab) In {
		inputs := queuePolicy(nil)(lab)
		delete(inputs, "policy")
		inputs["redriveAllowPolicy"] = `{"redrivePermission":"byQueue","sourceQueueArns":["arn:one"]}`
		return changed(inputs, changes)
	}
}

var _ = suite(kinds.RedriveAllowPolicy, Suite{
	Valid: map[string]Draft{"from one queue": redriveAllow(nil), "from none": redriveAllow(In{"redriveAllowPolicy": `{"redrivePermission":"denyAll"}`})},
	Refusals: []Refusal{
		{Rule: "reference queueUrl", Draft: redriveAllow(In{"queueUrl": "https://gone"}), Says: "QueueDoesNotExist"},
		{Rule: "JSON of redriveAllowPolicy", Draft: redriveAllow(In{"redriveAllowPolicy": "{"}), Says: "contains an invalid JSON policy"},
		{Rule: "what is allowed", Draft: redriveAllow(In{"redriveAllowPolicy": `{"redrivePermission":"byQueue"}`}), Says: "InvalidAttributeValue"},
		{Rule: "what is allowed", Draft: redriveAllow(In{"redriveAllowPolicy": `{"redrivePermission":"some"}`}), Says: "InvalidAttributeValue"},
	},
	Replaces: []Change{{Path: "queueUrl", Before: redriveAllow(nil), After: redriveAllow(In{"queueUrl": queueURL + "2"})}},
	Updates:  []Change{{Path: "redriveAllowPolicy", Before: redriveAllow(nil), After: redriveAllow(In{"redriveAllowPolicy": `{"redrivePermission":"allowAll"}`})}},
})
