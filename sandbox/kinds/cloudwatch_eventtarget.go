package kinds

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	mostTargetText = 8192
	mostInputPaths = 100
)

var (
	eventTargetID = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`)
	placeholder   = regexp.MustCompile(`<([0-9A-Za-z_.-]+)>`)
)

// ofOtherTargets are the properties of targets that the sandbox has none of.
var ofOtherTargets = []string{
	"appsyncTarget.graphqlOperation", "batchTarget.jobDefinition", "ecsTarget.taskDefinitionArn", "kinesisTarget.partitionKeyPath", "redshiftTarget.database", "sqsTarget.messageGroupId",
}

// Sources: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html and API_Target.html beside it.
var _ = register(&Kind{
	Token:    EventTarget,
	Args:     cloudwatch.EventTargetArgs{},
	Resource: &cloudwatch.EventTarget{},
	API:      API{Service: "EventBridge", Noun: "EventBridge Target", Create: "PutTargets", Update: "PutTargets", Delete: "RemoveTargets"},
	Defaults: []Default{{Path: "eventBusName", Value: Text("default")}, {Path: "forceDestroy", Value: Flag(false)}},
	References: []Reference{
		{Path: "rule", To: []string{EventRule}, Code: "ResourceNotFoundException", Message: "Rule %s does not exist on EventBus default."},
	},
	Rules: []Rule{
		Matching("targetId", eventTargetID, "1 to 64 letters, numbers, periods, hyphens and underscores"),
		Conflicting("input", "inputPath"), Conflicting("input", "inputTransformer"), Conflicting("inputPath", "inputTransformer"),
		LengthIn("input", 0, mostTargetText), LengthIn("inputPath", 0, 256), LengthIn("inputTransformer.inputTemplate", 1, mostTargetText),
		InRange("retryPolicy.maximumEventAgeInSeconds", 0, 86400), InRange("retryPolicy.maximumRetryAttempts", 0, 185),
		lacking("targets of that kind", ofOtherTargets...),
		{Name: "ARN of the target", Broken: func(d *Draft) *Refusal {
			if arn := d.At("arn"); !arn.Unknown() && !isARN(arn.Text()) {
				return Refuse("arn", "\"arn\" (%s) is an invalid ARN: arn: invalid prefix", arn.Text())
			}
			return nil
		}},
		{Name: "paths of a template", Broken: func(d *Draft) *Refusal {
			names := d.At("inputTransformer.inputPaths").Keys()
			if len(names) > mostInputPaths || slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "AWS") }) {
				return Refuse("inputTransformer.inputPaths", "at most %d paths, whose names must not start with \"AWS\"", mostInputPaths)
			}
			return nil
		}},
		{Name: "the default event bus", Stage: AtApply, Code: "ResourceNotFoundException", Broken: func(d *Draft) *Refusal {
			if bus := d.Text("eventBusName"); bus != "default" {
				return Refuse("eventBusName", "Event bus %s does not exist.", bus)
			}
			return nil
		}},
		{Name: "a target of the Region", Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			if arn := splitARN(d.Text("arn")); arn != nil && arn.region != "" && arn.region != d.Region {
				return Refuse("arn", "Parameter %s is not valid. Reason: the target is not in %s, the Region of the rule.", d.Text("arn"), d.Region)
			}
			return nil
		}},
		{Name: "a template", Stage: AtApply, Code: "ValidationException", Broken: targetTemplate},
		// AWS takes the target, and every event is lost. The sandbox never publishes, so it refuses at once.
		// Source: https://repost.aws/knowledge-center/sns-not-getting-eventbridge-notification
		{Name: "a topic that can be reached", Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			arn := splitARN(d.Text("arn"))
			if arn == nil || arn.service != "sns" || arn.region != d.Region {
				return nil // refused for that
			}
			context := keyContext{"aws:sourceaccount": d.Account, "aws:sourcearn": d.ARN("events", "rule/"+d.Text("rule"))}
			if reason := unpublishable(d, d.Text("arn"), "events.amazonaws.com", context); reason != "" {
				return Refuse("arn", "%s (AWS says this nowhere but in the rule's metric FailedInvocations)", reason)
			}
			return nil
		}},
	},
	Replaces: []string{"rule", "targetId", "eventBusName"},
	ID:       func(d *Draft) string { return d.Text("rule") + "-" + d.Output("targetId").Text() },
	Computed: []Output{
		{Name: "targetId", Value: func(d *Draft) resource.PropertyValue { return Text("terraform-" + d.Digits("target", 26)) }},
	},
})

// targetTemplate refuses a template with a placeholder that no path fills, and a text that does not end.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func targetTemplate(d *Draft) *Refusal {
	const path = "inputTransformer.inputTemplate"
	text, paths := d.Text(path), d.At("inputTransformer.inputPaths").Keys()
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(match[1], "aws.") && !slices.Contains(paths, match[1]) {
			return Refuse(path, "InputTemplate for target is not valid: it contains invalid placeholder %s.", match[1])
		}
	}
	if strings.HasPrefix(strings.TrimSpace(text), `"`) && !json.Valid([]byte(text)) {
		return Refuse(path, "Invalid InputTemplate for target: it is not a JSON text.")
	}
	return nil
}
