package kinds

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// mostChildren is how many alarms one rule may name, mostParents in how many rules one alarm may stand.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
const (
	mostChildren = 100
	mostParents  = 150
)

// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
var _ = register(&Kind{
	Token:    CompositeAlarm,
	Args:     cloudwatch.CompositeAlarmArgs{},
	Resource: &cloudwatch.CompositeAlarm{},
	API:      API{Service: "CloudWatch", Noun: "CloudWatch Composite Alarm", Create: "PutCompositeAlarm", Update: "PutCompositeAlarm", Delete: "DeleteAlarms"},
	Defaults: []Default{{Path: "actionsEnabled", Value: Flag(true)}},
	Rules: []Rule{
		LengthIn("alarmName", 1, 255), LengthIn("alarmDescription", 0, 1024), LengthIn("alarmRule", 1, 10240),
		fewActions("alarmActions"), fewActions("okActions"), fewActions("insufficientDataActions"),
		{Name: "a rule that can be read", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			if _, problem := readAlarmRule(d.Text("alarmRule")); problem != "" {
				return Refuse("alarmRule", "Error in AlarmRule [%s]", problem)
			}
			return nil
		}},
		{Name: "alarms that exist", Stage: AtApply, Code: "ValidationError", Broken: missingChildren},
		{Name: "alarms of a rule", Stage: AtApply, Code: "LimitExceededFault", Broken: func(d *Draft) *Refusal {
			if children, _ := readAlarmRule(d.Text("alarmRule")); len(children) > mostChildren {
				return Refuse("alarmRule", "The rule expression of a composite alarm can include as many as %d underlying alarms, not %d", mostChildren, len(children))
			}
			return nil
		}},
		{Name: "rules of an alarm", Stage: AtApply, Code: "LimitExceededFault", Broken: crowdedChild},
		{Name: "an alarm that waits for itself", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			children, _ := readAlarmRule(d.Text("alarmRule"))
			if namesAlarm(d, children, d.Text("alarmName"), map[string]bool{}) {
				return Refuse("alarmRule", "The alarm rule makes %s depend on itself", d.Text("alarmName"))
			}
			return nil
		}},
		{Name: "what suppresses", Stage: AtApply, Code: "ValidationError", Broken: suppressor},
		{Name: "actions of the Region", Stage: AtApply, Code: "ValidationError", Broken: foreignAction},
		{Name: "actions of composite alarms", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			for _, action := range alarmActions(d) {
				if arn := splitARN(action.Text()); arn != nil && !slices.Contains([]string{"sns", "lambda", "ssm", "ssm-incidents"}, arn.service) {
					return Refuse(action.Path(), "Invalid action %s: a composite alarm notifies topics, invokes functions and opens OpsItems and incidents", action.Text())
				}
			}
			return nil
		}},
		{Name: "actions that arrive", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal { return lostAction(d, d.Text("alarmName")) }},
		{Name: "name taken", Stage: AtApply, When: OnCreate, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
			name := d.Text("alarmName")
			if d.Find(CompositeAlarm, name) != nil || d.Find(MetricAlarm, name) != nil {
				return Refuse("alarmName", "An alarm called %s exists already", name)
			}
			return nil
		}},
	},
	DeleteRules: []DeleteRule{{Name: "a rule that names it", Code: "ValidationError", Blocked: namedByRule}},
	Replaces:    []string{"alarmName", "actionsEnabled"},
	Sets:        alarmActionLists,
	ID:          func(d *Draft) string { return d.Text("alarmName") },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue { return Text(d.ARN("cloudwatch", "alarm:"+d.Text("alarmName"))) }},
	},
})

func fewActions(path string) Rule {
	return Rule{Name: "number of " + path, Broken: func(d *Draft) *Refusal {
		if n := len(d.Each(path + "[]")); n > mostActions {
			return Refuse(path, "too many list items: no more than %d item(s) allowed, got %d", mostActions, n)
		}
		return nil
	}}
}

// alarmNamed is an alarm by its name or ARN; nil when there is none.
func alarmNamed(d *Draft, reference string) *Thing {
	if arn := splitARN(reference); arn != nil {
		reference = strings.TrimPrefix(arn.resource, "alarm:")
	}
	if alarm := d.Find(MetricAlarm, reference); alarm != nil {
		return alarm
	}
	return d.Find(CompositeAlarm, reference)
}

func missingChildren(d *Draft) *Refusal {
	children, problem := readAlarmRule(d.Text("alarmRule"))
	var missing []string
	for _, child := range children {
		if child != d.Text("alarmName") && alarmNamed(d, child) == nil {
			missing = append(missing, child)
		}
	}
	if problem != "" || len(missing) == 0 {
		return nil
	}
	return Refuse("alarmRule", "Could not save the composite alarm as alarms [%s] in the alarm rule do not exist", strings.Join(missing, ", "))
}

// parents are the other composite alarms whose rules name an alarm.
func parents(d *Draft, name string) []string {
	var found []string
	for _, other := range d.Others(CompositeAlarm) {
		children, _ := readAlarmRule(other.Text("alarmRule"))
		if other.ID != d.ID() && slices.ContainsFunc(children, func(child string) bool { return sameAlarm(child, name) }) {
			found = append(found, other.ID)
		}
	}
	return found
}

func sameAlarm(reference, name string) bool {
	return reference == name || strings.HasSuffix(reference, ":alarm:"+name)
}

func crowdedChild(d *Draft) *Refusal {
	children, _ := readAlarmRule(d.Text("alarmRule"))
	for _, child := range children {
		if len(parents(d, child)) >= mostParents {
			return Refuse("alarmRule", "%s is in the rules of %d composite alarms already, which is the most", child, mostParents)
		}
	}
	return nil
}

// namesAlarm is true when the alarms, or the rules of those among them that are composite, name an alarm.
func namesAlarm(d *Draft, children []string, name string, seen map[string]bool) bool {
	for _, child := range children {
		if sameAlarm(child, name) {
			return true
		}
		alarm := alarmNamed(d, child)
		if alarm == nil || alarm.Token != CompositeAlarm || seen[alarm.ID] {
			continue
		}
		seen[alarm.ID] = true
		if grandchildren, _ := readAlarmRule(alarm.Text("alarmRule")); namesAlarm(d, grandchildren, name, seen) {
			return true
		}
	}
	return false
}

// suppressor refuses one that does not exist. The provider insists on both waits.
func suppressor(d *Draft) *Refusal {
	if !d.Has("actionsSuppressor") {
		return nil
	}
	if name := d.Text("actionsSuppressor.alarm"); alarmNamed(d, name) == nil {
		return Refuse("actionsSuppressor.alarm", "The suppressor alarm %s does not exist", name)
	}
	for _, wait := range []string{"waitPeriod", "extensionPeriod"} {
		if d.Int("actionsSuppressor."+wait) < 0 {
			return Refuse("actionsSuppressor."+wait, "The value of %s must not be negative", wait)
		}
	}
	return nil
}

// namedByRule is why an alarm cannot be deleted.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
func namedByRule(d *Draft) string {
	if users := parents(d, d.ID()); len(users) > 0 {
		return "Cannot delete " + d.ID() + " as there are composite alarm(s) depending on it: " + strings.Join(users, ", ")
	}
	return ""
}
