package topology

import (
	"slices"
	"strings"
)

func (r *reader) readAlarms() {
	for _, each := range r.byType[alarmType] {
		alarm := Alarm{Name: each.name()}
		path := "alarms." + alarm.Name
		r.readPeriod(&alarm, path, each)
		r.number(&alarm.EvaluationPeriods, path+".evaluationPeriods", each.get("evaluationPeriods"))
		if datapoints := each.get("datapointsToAlarm"); datapoints.reason == "" {
			r.number(&alarm.DatapointsToAlarm, path+".datapointsToAlarm", datapoints)
		}
		if alarm.DatapointsToAlarm == 0 { // AWS's default, which the provider records as 0 or not at all
			alarm.DatapointsToAlarm = alarm.EvaluationPeriods
		}
		if alarm.TreatMissingData = each.textOr("treatMissingData"); alarm.TreatMissingData == "" {
			alarm.TreatMissingData = "missing" // AWS's default
		}
		alarm.Actions = r.actions(each, path)
		r.made.Alarms = append(r.made.Alarms, alarm)
	}
	for _, each := range r.byType[compositeType] {
		r.readComposite(each)
	}
}

// readPeriod is the alarm's own period, or the longest of the metrics that its expression combines.
func (r *reader) readPeriod(alarm *Alarm, path string, from resource) {
	queries, _ := from.get("metricQueries").list()
	for _, query := range queries {
		for _, key := range []string{"metric.period", "period"} {
			if period, reason := get(query, key).number(); reason == "" {
				alarm.PeriodSeconds = max(alarm.PeriodSeconds, period)
			}
		}
	}
	if alarm.PeriodSeconds == 0 {
		r.number(&alarm.PeriodSeconds, path+".periodSeconds", from.get("period"))
	}
}

// actions are the names of the resources that an alarm acts on. One that is none of the stack's is told by its service.
func (r *reader) actions(alarm resource, path string) []string {
	if alarm.get("alarmActions").reason != "" {
		return nil
	}
	var arns []string
	r.texts(&arns, path+".actions", alarm.get("alarmActions"))
	var names []string
	for _, arn := range arns {
		if topic, exists := r.find(topicType, "arn", arn); exists {
			names = append(names, topic.name())
			continue
		}
		r.unknown(path+".actions", "the state does not hold what one of its actions leads to")
	}
	slices.Sort(names)
	return names
}

func (r *reader) readComposite(from resource) {
	composite := Composite{Name: from.name()}
	path := "composites." + composite.Name
	var rule string
	r.text(&rule, path+".children", from.get("alarmRule"))
	for _, typ := range []string{alarmType, compositeType} {
		for _, each := range r.byType[typ] {
			if each.URN != from.URN && r.named(rule, each) {
				composite.Children = append(composite.Children, each.name())
			}
		}
	}
	slices.Sort(composite.Children)
	if rule != "" && len(composite.Children) != states(rule) {
		r.unknown(path+".children", "the state does not hold every alarm that its rule names")
	}
	composite.Actions = r.actions(from, path)
	if suppressor := from.textOr("actionsSuppressor.alarm"); suppressor != "" {
		composite.Suppressor = r.alarmNamed(suppressor)
		if composite.Suppressor == "" {
			r.unknown(path+".suppressor", "the state does not hold the alarm that holds its actions back")
		}
		r.number(&composite.WaitSeconds, path+".waitSeconds", from.get("actionsSuppressor.waitPeriod"))
		r.number(&composite.ExtensionSeconds, path+".extensionSeconds", from.get("actionsSuppressor.extensionPeriod"))
	}
	r.made.Composite = append(r.made.Composite, composite)
}

// named says whether a rule names an alarm, by its name or its ARN, which stand in quotes or in brackets alone.
func (r *reader) named(rule string, alarm resource) bool {
	for _, is := range []string{physical(alarm), alarm.textOr("arn")} {
		for _, quoted := range []string{`"` + is + `"`, `'` + is + `'`, "(" + is + ")", "(" + is + ","} {
			if is != "" && strings.Contains(rule, quoted) {
				return true
			}
		}
	}
	return false
}

// states is how many different alarms a rule asks for the state of.
func states(rule string) int {
	var asked []string
	for _, state := range []string{"ALARM(", "OK(", "INSUFFICIENT_DATA("} {
		for rest := rule; ; {
			at := strings.Index(rest, state)
			if at < 0 {
				break
			}
			rest = rest[at+len(state):]
			end := strings.IndexByte(rest, ')')
			if end < 0 {
				break
			}
			add(&asked, strings.Trim(strings.TrimSpace(rest[:end]), `"'`))
		}
	}
	return len(asked)
}

func (r *reader) alarmNamed(is string) string {
	for _, typ := range []string{alarmType, compositeType} {
		for _, each := range r.byType[typ] {
			if physical(each) == is || each.textOr("arn") == is {
				return each.name()
			}
		}
	}
	return ""
}

// physical is an alarm's name in CloudWatch.
func physical(alarm resource) string {
	if name := alarm.textOr("alarmName"); name != "" {
		return name
	}
	return alarm.textOr("name")
}
