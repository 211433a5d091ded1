package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// executionsFailed are the executions of a document that did not succeed, told in a sentence that may name <document>, <status> and
// <execution>. What Systems Manager says of an execution:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html
func executionsFailed(parent pulumi.Resource, name string, document pulumi.StringOutput, topic pulumi.StringInput, sentence string) eventSpec {
	return eventSpec{
		parent: parent, name: name + "-failed", description: "Executions of " + name + " that did not succeed",
		pattern: eventPattern{
			Source: []string{"aws.ssm"}, DetailType: []string{"EC2 Automation Execution Status-change Notification"},
			Detail: map[string][]string{"Status": {"Failed", "TimedOut", "Cancelled"}},
		},
		late: pulumi.StringMap{"Definition": document}, topic: topic, sentence: sentence,
		paths: map[string]string{"document": "$.detail.Definition", "status": "$.detail.Status", "execution": "$.detail.ExecutionId"},
	}
}
