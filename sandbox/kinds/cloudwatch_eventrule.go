package kinds

import (
	"encoding/json"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostEventPattern is in characters, unless the account's quota was raised
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html).
const mostEventPattern = 2048

var (
	eventRuleName     = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`)
	eventRuleSchedule = regexp.MustCompile(`^(rate\([1-9][0-9]* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5}\))$`)
)

// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
var _ = register(&Kind{
	Token:    EventRule,
	Args:     cloudwatch.EventRuleArgs{},
	Resource: &cloudwatch.EventRule{},
	API:      API{Service: "EventBridge", Noun: "EventBridge Rule", Create: "PutRule", Update: "PutRule", Delete: "DeleteRule"},
	Name:     &AutoName{Property: "name", Max: 64, Unless: []string{"namePrefix"}},
	Defaults: []Default{{Path: "eventBusName", Value: Text("default")}, {Path: "forceDestroy", Value: Flag(false)}},
	Rules: []Rule{
		Matching("name", eventRuleName, "1 to 64 letters, numbers, periods, hyphens and underscores"), Conflicting("name", "namePrefix"),
		LengthIn("description", 0, 512), LengthIn("scheduleExpression", 0, 256),
		OneOf("state", "DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"), Conflicting("state", "isEnabled"),
		{Name: "JSON of eventPattern", Broken: func(d *Draft) *Refusal {
			if pattern := d.At("eventPattern"); pattern.Exists() && !pattern.Unknown() && !json.Valid([]byte(pattern.Text())) {
				return Refuse("eventPattern", "%q contains an invalid JSON", "eventPattern")
			}
			return nil
		}},
		{Name: "a pattern or a schedule", Broken: func(d *Draft) *Refusal {
			if !d.Has("eventPattern") && !d.Has("scheduleExpression") {
				return Refuse("eventPattern", "one of eventPattern, scheduleExpression must be specified")
			}
			return nil
		}},
		{Name: "the default event bus", Stage: AtApply, Code: "ResourceNotFoundException", Broken: func(d *Draft) *Refusal {
			if bus := d.Text("eventBusName"); bus != "default" {
				return Refuse("eventBusName", "Event bus %s does not exist.", bus)
			}
			return nil
		}},
		{Name: "an event pattern", Stage: AtApply, Code: "InvalidEventPatternException", Broken: func(d *Draft) *Refusal {
			var pattern map[string]any
			text := d.Text("eventPattern")
			if !json.Valid([]byte(text)) {
				return nil // not set, or refused for that
			}
			if json.Unmarshal([]byte(text), &pattern) != nil || len(pattern) == 0 {
				return Refuse("eventPattern", "Event pattern is not valid. Reason: Event pattern must be a JSON object with fields")
			}
			if problem := patternProblem(pattern); problem != "" {
				return Refuse("eventPattern", "Event pattern is not valid. Reason: %s", problem)
			}
			return nil
		}},
		{Name: "size of the event pattern", Stage: AtApply, Code: "LimitExceededException", Broken: func(d *Draft) *Refusal {
			if len(d.Text("eventPattern")) > mostEventPattern {
				return Refuse("eventPattern", "Event pattern is longer than %d characters", mostEventPattern)
			}
			return nil
		}},
		{Name: "a schedule expression", Stage: AtApply, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			if text := d.Text("scheduleExpression"); d.Has("scheduleExpression") && !eventRuleSchedule.MatchString(text) {
				return Refuse("scheduleExpression", "Parameter ScheduleExpression is not valid.")
			}
			return nil
		}},
		// PutRule replaces a rule of the same name without a word, which the program did not mean.
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "ValidationException", Broken: func(d *Draft) *Refusal {
			if d.FindBy(EventRule, "name", d.Text("name")) != nil {
				return Refuse("name", "Rule %s exists already, and would be replaced.", d.Text("name"))
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{{Name: "targets", Code: "ValidationException", Blocked: func(d *Draft) string {
		if len(d.UsedBy(EventTarget, "rule", d.ID())) > 0 {
			return "Rule can't be deleted since it has targets."
		}
		return ""
	}}},
	Replaces: []string{"name", "namePrefix", "eventBusName"},
	ID:       func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		prefixedName(), fixed("namePrefix", Text("")),
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("events", "rule/"+d.Output("name").Text())) }},
	},
})

// patternProblem: every field is a list of what may be there, or an object of further fields. An empty list matches nothing.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
func patternProblem(pattern map[string]any) string {
	for name, field := range pattern {
		switch field := field.(type) {
		case map[string]any:
			if len(field) == 0 {
				return "Empty objects are not allowed: " + name
			}
			if problem := patternProblem(field); problem != "" {
				return problem
			}
		case []any:
			if len(field) == 0 {
				return "Empty arrays are not allowed: " + name
			}
		default:
			return "\"" + name + "\" must be an object or an array"
		}
	}
	return ""
}
