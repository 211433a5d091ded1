package kinds

import (
	"encoding/json"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
)

const noQueue = "The specified queue does not exist. (%s)"

// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
var _ = register(&Kind{
	Token:         QueuePolicy,
	Args:          sqs.QueuePolicyArgs{},
	Resource:      &sqs.QueuePolicy{},
	RequiredLists: []string{"policy"},
	API:           API{Service: "SQS", Noun: "SQS Queue Policy", Create: "SetQueueAttributes", Update: "SetQueueAttributes", Delete: "SetQueueAttributes"},
	References:    []Reference{{Path: "queueUrl", To: []string{Queue}, Code: "QueueDoesNotExist", Message: noQueue}},
	Rules: []Rule{
		policyJSON("policy"),
		{Name: "policy", Stage: AtApply, Code: "InvalidAttributeValue", Broken: func(d *Draft) *Refusal { return queuePolicy(d, "policy") }},
	},
	Replaces: []string{"queueUrl"},
	ID:       func(d *Draft) string { return d.Text("queueUrl") },
})

// redriveAllow says which queues may use this one for their dead letters.
type redriveAllow struct {
	RedrivePermission string   `json:"redrivePermission"`
	SourceQueueARNs   []string `json:"sourceQueueArns"`
}

// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
var _ = register(&Kind{
	Token:      RedriveAllowPolicy,
	Args:       sqs.RedriveAllowPolicyArgs{},
	Resource:   &sqs.RedriveAllowPolicy{},
	API:        API{Service: "SQS", Noun: "SQS Queue Redrive Allow Policy", Create: "SetQueueAttributes", Update: "SetQueueAttributes", Delete: "SetQueueAttributes"},
	References: []Reference{{Path: "queueUrl", To: []string{Queue}, Code: "QueueDoesNotExist", Message: noQueue}},
	Rules: []Rule{
		policyJSON("redriveAllowPolicy"),
		{Name: "what is allowed", Stage: AtApply, Code: "InvalidAttributeValue", Broken: func(d *Draft) *Refusal {
			var policy redriveAllow
			text := d.Text("redriveAllowPolicy")
			if !json.Valid([]byte(text)) {
				return nil // refused for that
			}
			err := strictJSON(text, &policy)
			byQueue := policy.RedrivePermission == "byQueue"
			if err != nil || !slices.Contains([]string{"allowAll", "denyAll", "byQueue"}, policy.RedrivePermission) ||
				byQueue != (len(policy.SourceQueueARNs) > 0) || len(policy.SourceQueueARNs) > 10 {
				return Refuse("redriveAllowPolicy", "Invalid value for the parameter RedriveAllowPolicy. (%s)", text)
			}
			return nil
		}},
	},
	Replaces: []string{"queueUrl"},
	ID:       func(d *Draft) string { return d.Text("queueUrl") },
})
