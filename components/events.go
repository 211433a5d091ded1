package components

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// eventPattern is which events a rule takes: those whose source, type and details are among the values
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html).
type eventPattern struct {
	Source     []string            `json:"source"`
	DetailType []string            `json:"detail-type"`
	Detail     map[string][]string `json:"detail,omitempty"`
}

// eventSpec is a rule that tells a topic of its own Region about events, in a sentence. Without a provider it is where its parent is.
type eventSpec struct {
	parent      pulumi.Resource
	provider    pulumi.ProviderResource
	name        string
	description string
	pattern     eventPattern
	// late are further details, whose values arrive late: each is one value.
	late pulumi.StringMap
	// topic is the ARN of the SNS topic, whose policy admits events.amazonaws.com.
	topic pulumi.StringInput
	// sentence holds what paths name in angle brackets: <state> for the path $.detail.state under the name state. It has no quotation marks.
	sentence string
	paths    map[string]string
	tags     map[string]string
}

// newEventRule builds the rule and its target.
//
// There is no dead-letter queue. EventBridge tries for 24 hours to publish
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html); what is left then is a topic that is gone or does not admit it,
// of which nobody would learn from a queue that needs the same topic to tell that something lies in it. What must not be missed has an alarm
// on a metric beside its rule.
func newEventRule(ctx *pulumi.Context, spec eventSpec) (*cloudwatch.EventRule, error) {
	rule, err := cloudwatch.NewEventRule(ctx, spec.name, &cloudwatch.EventRuleArgs{
		Description: pulumi.String(spec.description), EventPattern: spec.pattern.text(spec.late), Tags: tagsNamed(spec.tags, spec.name),
	}, childOf(spec.parent, spec.provider)...)
	if err != nil {
		return nil, err
	}
	_, err = cloudwatch.NewEventTarget(ctx, spec.name, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, Arn: spec.topic.ToStringOutput(),
		InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
			InputPaths: pulumi.ToStringMap(spec.paths), InputTemplate: pulumi.String(`"` + spec.sentence + `"`),
		},
	}, childOf(spec.parent, spec.provider)...)
	return rule, err
}

// text is the pattern as JSON, once its late values have arrived.
func (p eventPattern) text(late pulumi.StringMap) pulumi.StringOutput {
	return late.ToStringMapOutput().ApplyT(func(values map[string]string) (string, error) {
		whole := p
		whole.Detail = map[string][]string{}
		for key, list := range p.Detail {
			whole.Detail[key] = list
		}
		for key, value := range values {
			if _, twice := whole.Detail[key]; twice {
				return "", fmt.Errorf("event pattern: detail %s is given twice", key)
			}
			whole.Detail[key] = []string{value}
		}
		text, err := json.Marshal(whole)
		return string(text), err
	}).(pulumi.StringOutput)
}
