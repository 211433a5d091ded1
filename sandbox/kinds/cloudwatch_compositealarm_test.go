package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

func composite(changes In) Draft {
	return func(lab *Lab) In {
		alarmTopic(lab, keyPolicyOf(administer, cloudWatchMay), ownersMay)
		for _, name := range []string{"errors", "latency", "maintenance"} {
			lab.Put(kinds.MetricAlarm, name, In{"name": name, "arn": alarmARN(name)})
		}
		lab.Put(kinds.CompositeAlarm, "outer", In{"alarmName": "outer", "alarmRule": "ALARM(impact) OR ALARM(errors)"})
		return changed(In{"alarmName": "impact-b", "alarmRule": `ALARM("errors") OR ALARM("latency")`, "alarmActions": []any{topicARN}}, changes)
	}
}

func alarmARN(name string) string {
	return "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:" + name
}

func compositeOf(rule string) Draft { return composite(In{"alarmRule": rule}) }

func suppressedBy(alarm string, wait, extension int) Draft {
	return composite(In{"actionsSuppressor": In{"alarm": alarm, "waitPeriod": wait, "extensionPeriod": extension}})
}

// wide is a composite alarm of many others, all of which exist.
func wide(count int) Draft {
	return func(lab *Lab) In {
		var terms []string
		for index := range count {
			name := fmt.Sprintf("m%d", index)
			lab.Put(kinds.MetricAlarm, name, In{"name": name})
			terms = append(terms, "ALARM("+name+")")
		}
		return compositeOf(strings.Join(terms, " OR "))(lab)
	}
}

// ofManyRules is one more rule on an alarm that is in others already.
func ofManyRules(rules int) Draft {
	return func(lab *Lab) In {
		for index := range rules {
			lab.Put(kinds.CompositeAlarm, fmt.Sprintf("c%d", index), In{"alarmRule": "ALARM(maintenance)"})
		}
		return compositeOf("ALARM(maintenance)")(lab)
	}
}

var _ = suite(kinds.CompositeAlarm, Suite{
	Valid: map[string]Draft{
		"of two alarms": composite(nil), "by ARN": compositeOf("ALARM(" + alarmARN("errors") + ")"),
		"of every operator":  compositeOf("(ALARM(errors) AND NOT OK( \"latency\" ))\n OR INSUFFICIENT_DATA(maintenance) AND TRUE OR FALSE"),
		"of composites":      compositeOf("ALARM(outer)"),
		"suppressed":         suppressedBy("maintenance", 60, 120),
		"suppressed by ARN":  suppressedBy(alarmARN("maintenance"), 0, 0),
		"of a hundred":       wide(100),
		"that opens an item": composite(In{"alarmActions": []any{"arn:aws:ssm:eu-central-1:123456789012:opsitem:1"}}),
	},
	Refusals: []Refusal{
		{Rule: "length of alarmName", Draft: composite(In{"alarmName": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "length of alarmDescription", Draft: composite(In{"alarmDescription": strings.Repeat("a", 1025)}), Says: "range (0 - 1024)"},
		{Rule: "length of alarmRule", Draft: compositeOf(strings.Repeat(" ", 10240) + "TRUE"), Says: "range (1 - 10240)"},
		{Rule: "number of alarmActions", Draft: composite(In{"alarmActions": many(topicARN, 6)}), Says: "no more than 5 item(s) allowed, got 6"},
		{Rule: "number of okActions", Draft: composite(In{"okActions": many(topicARN, 6)}), Says: "no more than 5"},
		{Rule: "number of insufficientDataActions", Draft: composite(In{"insufficientDataActions": many(topicARN, 6)}), Says: "no more than 5"},
		{Rule: "a rule that can be read", Draft: compositeOf("()"), Says: "PutCompositeAlarm, api error ValidationError: Error in AlarmRule [Unsupported token ')' at char 1]"},
		{Rule: "a rule that can be read", Draft: compositeOf("ALARM(errors"), Says: "Error in AlarmRule"},
		{Rule: "a rule that can be read", Draft: compositeOf("ALARM(errors) ALARM(latency)"), Says: "Unsupported token 'ALARM' at char 14"},
		{Rule: "a rule that can be read", Draft: compositeOf("ALARM(errors) or ALARM(latency)"), Says: "Unsupported token 'or' at char 14"},
		{Rule: "a rule that can be read", Draft: compositeOf("ALARM(errors) OR"), Says: "Unexpected end of the rule"},
		{Rule: "alarms that exist", Draft: compositeOf("ALARM(errors) OR ALARM(gone) OR OK(\"lost\")"), Says: "Could not save the composite alarm as alarms [gone, lost] in the alarm rule do not exist"},
		{Rule: "alarms of a rule", Draft: wide(101), Says: "as many as 100 underlying alarms, not 101"},
		{Rule: "rules of an alarm", Draft: ofManyRules(150), Says: "maintenance is in the rules of 150 composite alarms already"},
		{Rule: "an alarm that waits for itself", Draft: compositeOf("ALARM(impact-b)"), Says: "impact-b depend on itself"},
		{Rule: "an alarm that waits for itself", Draft: func(lab *Lab) In {
			lab.Put(kinds.CompositeAlarm, "above", In{"alarmName": "above", "alarmRule": `ALARM("impact-b")`})
			return compositeOf("ALARM(above)")(lab)
		}, Says: "impact-b depend on itself"},
		{Rule: "what suppresses", Draft: suppressedBy("gone", 1, 1), Says: "The suppressor alarm gone does not exist"},
		{Rule: "what suppresses", Draft: suppressedBy("maintenance", -1, 1), Says: "waitPeriod must not be negative"},
		{Rule: "actions of the Region", Draft: composite(In{"okActions": []any{"arn:aws:sns:us-east-1:123456789012:pages"}}), Says: "Invalid region us-east-1"},
		{Rule: "actions of composite alarms", Draft: composite(In{"alarmActions": []any{"arn:aws:automate:eu-central-1:ec2:stop"}}), Says: "Invalid action arn:aws:automate:eu-central-1:ec2:stop"},
		{Rule: "actions that arrive", Draft: composite(In{"alarmActions": []any{topicARN + "-gone"}}), Says: "does not exist"},
		{Rule: "name taken", Draft: composite(In{"alarmName": "latency", "alarmRule": "ALARM(errors)"}), Says: "An alarm called latency exists already"},
		{Rule: "a rule that names it", Draft: composite(nil), Then: func(lab *Lab, made *kinds.Thing) {
			lab.Put(kinds.CompositeAlarm, "above", In{"alarmName": "above", "alarmRule": `ALARM("` + alarmARN(made.ID) + `")`})
		}, Says: "DeleteAlarms, api error ValidationError: Cannot delete impact-b as there are composite alarm(s) depending on it: above"},
	},
	Replaces: []Change{
		{Path: "alarmName", Before: composite(nil), After: composite(In{"alarmName": "impact-c"})},
		{Path: "actionsEnabled", Before: composite(nil), After: composite(In{"actionsEnabled": false})},
	},
	Updates: []Change{{Path: "alarmRule", Before: composite(nil), After: compositeOf("ALARM(errors)")}},
})

func many(text string, count int) []any {
	var texts []any
	for range count {
		texts = append(texts, text)
	}
	return texts
}
