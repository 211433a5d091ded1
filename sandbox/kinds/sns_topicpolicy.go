package kinds

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostTopicPolicy is in bytes: https://docs.aws.amazon.com/general/latest/gr/sns.html.
const mostTopicPolicy = 30720

// topicActions are what a topic's policy may speak of; a wildcard is refused too.
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
var topicActions = []string{
	"sns:addpermission", "sns:deletetopic", "sns:getdataprotectionpolicy", "sns:gettopicattributes", "sns:listsubscriptionsbytopic", "sns:listtagsforresource",
	"sns:publish", "sns:putdataprotectionpolicy", "sns:receive", "sns:removepermission", "sns:settopicattributes", "sns:subscribe",
}

// Source: https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
var _ = register(&Kind{
	Token:         TopicPolicy,
	Args:          sns.TopicPolicyArgs{},
	Resource:      &sns.TopicPolicy{},
	RequiredLists: []string{"policy"},
	API:           API{Service: "SNS", Noun: "SNS Topic Policy", Create: "SetTopicAttributes", Update: "SetTopicAttributes", Delete: "SetTopicAttributes"},
	References:    []Reference{{Path: "arn", To: []string{Topic}, Code: "NotFound", Message: "Topic does not exist (%s)"}},
	Rules: []Rule{
		policyJSON("policy"),
		{Name: "policy", Stage: AtApply, Code: "InvalidParameter", Broken: func(d *Draft) *Refusal { return topicPolicy(d, d.Text("arn")) }},
	},
	Replaces: []string{"arn"},
	ID:       func(d *Draft) string { return d.Text("arn") },
	Computed: []Output{{Name: "owner", Value: func(d *Draft) resource.PropertyValue { return Text(d.Account) }}},
})

// topicPolicy is what SNS refuses of the policy of a topic.
func topicPolicy(d *Draft, topic string) *Refusal {
	text := d.Text("policy")
	if !json.Valid([]byte(text)) {
		return nil // not set, or refused for that
	}
	statements, problem := readPolicy(text)
	if len(text) > mostTopicPolicy {
		problem = orElse(problem, "Policy is too large")
	}
	if unknown := unknownPrincipal(d, statements); unknown != "" {
		problem = orElse(problem, "Policy Error: PrincipalNotFound ("+unknown+")")
	}
	for _, statement := range statements {
		problem = orElse(problem, topicStatement(statement, topic))
	}
	if problem == "" {
		return nil
	}
	return Refuse("policy", "Invalid parameter: %s", problem)
}

func topicStatement(statement policyStatement, topic string) string {
	if len(statement.Principal)+len(statement.NotPrincipal) == 0 {
		return "Policy Error: Missing required field Principal"
	}
	if problem := policyActions(statement); problem != "" {
		return "Policy Error: " + problem
	}
	for _, action := range slices.Concat(statement.Action, statement.NotAction) {
		if !slices.Contains(topicActions, strings.ToLower(action)) {
			return "Policy statement action out of service scope!"
		}
	}
	for _, resource := range statement.Resource {
		if resource != "*" && resource != topic {
			return "Policy Error: the resource of a statement must be the topic, " + topic
		}
	}
	return ""
}
