package paging

import (
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// CheckAlarm looks at an alarm that pages: it stays quiet while an incident heals, and it pages by the deadline when one does not. An
// alarm whose datapoints must be consecutive is held to the sustained deadline, in silence too where silence breaches; an M-of-N
// alarm to the intermittent one. Each failure carries the arithmetic and the nearest numbers that would do.
func CheckAlarm(alarm Alarm, incident Incident, deadline Deadline, route Route) []check.Failure {
	found := check.New()
	checkShape(found, alarm)
	checkIncident(found.At("incident"), incident)
	checkDeadline(found.At("deadline"), deadline)
	checkRoute(found.At("route"), route)
	if failures := found.Failures(); len(failures) > 0 {
		return failures
	}
	checkQuiet(found, alarm, incident)
	checkLoud(found, alarm, incident, deadline, route)
	return found.Failures()
}

func checkShape(found *check.Checker, alarm Alarm) {
	if p := alarm.Period; p != 10 && p != 20 && p != 30 && (p < minute || p%minute != 0) {
		found.Fail("period", p, "is no period that CloudWatch has", "use 10, 20 or 30 s with a high-resolution metric, otherwise a multiple of 60 s")
		return
	}
	if alarm.EvaluationPeriods < 1 {
		found.Fail("evaluationPeriods", alarm.EvaluationPeriods, "must be at least 1", "raise it")
	}
	if m := alarm.DatapointsToAlarm; m < 1 || m > alarm.EvaluationPeriods {
		found.Fail("datapointsToAlarm", m, fmt.Sprintf("must be from 1 to the %d evaluation periods", alarm.EvaluationPeriods), "change one of the two")
	}
	limit := longestRange
	if alarm.Period >= hour {
		limit = weekRange
	}
	if most := limit / alarm.Period; alarm.EvaluationPeriods > most {
		found.Fail("evaluationPeriods", alarm.EvaluationPeriods, fmt.Sprintf("times %d s is longer than the %d s that an alarm may look back", alarm.Period, limit),
			fmt.Sprintf("lower it to %d or less, or use a longer period", most))
	}
	switch alarm.Missing {
	case MissingBreaching, MissingNotBreaching, MissingIgnore, MissingMissing:
	case "":
		found.Missing("treatMissingData", "an alarm that pages says what silence means", "say breaching or notBreaching")
	default:
		found.Fail("treatMissingData", string(alarm.Missing), "is no treatment of missing data", "say breaching, notBreaching, ignore or missing")
	}
	checkDelay(found, "delay", alarm.Delay)
}

func checkDelay(found *check.Checker, path string, delay int) {
	if delay < 0 || delay > longestRange {
		found.Fail(path, delay, fmt.Sprintf("must be from 0 to %d s", longestRange), "give the longest time until a datapoint has arrived")
	}
}

func checkIncident(found *check.Checker, incident Incident) {
	for _, each := range []struct {
		path        string
		value, from int
	}{{"objective", incident.Objective, 1}, {"timeout", incident.Timeout, 0}, {"retries", incident.Retries, 0}} {
		if each.value < each.from || each.value > longestRange {
			found.Fail(each.path, each.value, fmt.Sprintf("must be from %d to %d s", each.from, longestRange), "give it in seconds")
		}
	}
}

func checkDeadline(found *check.Checker, deadline Deadline) {
	for _, each := range []struct {
		path  string
		value int
	}{{"sustained", deadline.Sustained}, {"intermittent", deadline.Intermittent}} {
		if each.value < 1 || each.value > weekRange {
			found.Fail(each.path, each.value, fmt.Sprintf("must be from 1 to %d s", weekRange), "give it in seconds")
		}
	}
}

func checkRoute(found *check.Checker, route Route) {
	if route.Delivery < 0 || route.Delivery > longestRange {
		found.Fail("delivery", route.Delivery, fmt.Sprintf("must be from 0 to %d s", longestRange), "give it in seconds")
	}
	if hold := route.Suppressor; hold != nil && (hold.Wait < 0 || hold.Extension < 0 || hold.Longest < 0) {
		found.Fail("suppressor", fmt.Sprintf("%d s, %d s, %d s", hold.Wait, hold.Extension, hold.Longest), "must not be negative", "give seconds")
	}
}

func checkQuiet(found *check.Checker, alarm Alarm, incident Incident) {
	if !alarm.quietInSilence() {
		why := "pages when no data comes while all is well"
		if alarm.Missing == MissingMissing {
			why = "goes to ALARM on one breaching datapoint that is followed by silence, however many datapoints it asks for"
		}
		found.Fail("treatMissingData", string(alarm.Missing), why, "say notBreaching, and let a probe that never falls silent watch over silence")
	}
	if needed := alarm.Needed(incident); alarm.DatapointsToAlarm < needed {
		found.Fail("datapointsToAlarm", alarm.DatapointsToAlarm, fmt.Sprintf(
			"would page while an incident heals: %s", alarm.touches(incident)), "ask for "+alarm.shape(needed))
	}
}

// touches is the arithmetic of Needed for people.
func (a Alarm) touches(incident Incident) string {
	text := fmt.Sprintf("%d s objective + %d s request timeout + %d s retries = %d s of errors touch up to %d periods of %d s",
		incident.Objective, incident.Timeout, incident.Retries, incident.Length(), Touched(incident.Length(), a.Period), a.Period)
	if extra := a.Needed(incident) - ConsecutiveNeeded(incident.Length(), a.Period); extra > 0 {
		text += fmt.Sprintf(", and %d more may not have arrived and count as breaching", extra)
	}
	return text
}

// shape is "M of N datapoints" of the kind that the alarm is.
func (a Alarm) shape(datapoints int) string {
	if a.Consecutive() {
		return fmt.Sprintf("%d of %d datapoints", datapoints, datapoints)
	}
	return fmt.Sprintf("%d of %d datapoints", datapoints, IntermittentWindow(datapoints))
}

func checkLoud(found *check.Checker, alarm Alarm, incident Incident, deadline Deadline, route Route) {
	for _, promise := range alarm.promises(deadline, route) {
		if promise.bound.Within(promise.deadline) {
			continue
		}
		limit := fmt.Sprintf("do not page by the %s deadline of %d s: %s", promise.name, promise.deadline, promise.bound)
		found.Fail("", alarm.describe(), limit, alarm.nearest(promise, incident, route))
	}
}

type promise struct {
	name     string
	deadline int
	bound    Bound
	of       func(Alarm, Route) Bound
}

// promises are the deadlines that an alarm of this kind is held to.
func (a Alarm) promises(deadline Deadline, route Route) []promise {
	if !a.Consecutive() {
		return []promise{{"intermittent", deadline.Intermittent, a.IntermittentBy(route), Alarm.IntermittentBy}}
	}
	held := []promise{{"sustained", deadline.Sustained, a.PagesBy(route), Alarm.PagesBy}}
	if a.Missing == MissingBreaching {
		held = append(held, promise{"sustained", deadline.Sustained, a.SilentBy(route), Alarm.SilentBy})
	}
	return held
}

// words is text that a failure prints as it is, where a string would be quoted as the user's own.
type words string

func (a Alarm) describe() words {
	return words(fmt.Sprintf("%d of %d datapoints of %d s", a.DatapointsToAlarm, a.EvaluationPeriods, a.Period))
}

// nearest is the longest period, and the fewest datapoints, that would be quiet and in time; when there is none, the deadline that
// would do.
func (a Alarm) nearest(missed promise, incident Incident, route Route) string {
	earliest := Bound{Never: "none"}
	for _, period := range []int{a.Period, minute, 30, 20, 10} {
		if period > a.Period {
			continue
		}
		other := a.asQuietAt(period, incident)
		bound := missed.of(other, route)
		if bound.Within(missed.deadline) {
			text := fmt.Sprintf("%s of %d s page by %d s", other.shape(other.DatapointsToAlarm), period, bound.Seconds)
			if period < minute {
				text += ", if the metric has that resolution"
			}
			return text
		}
		if bound.Never == "" && (earliest.Never != "" || bound.Seconds < earliest.Seconds) {
			earliest = bound
		}
	}
	if earliest.Never != "" {
		return "remove the cause: no number of datapoints changes it"
	}
	return fmt.Sprintf("allow %d s, or shorten what the incident is made of", earliest.Seconds)
}

// asQuietAt is the alarm with another period and the fewest datapoints that are quiet.
func (a Alarm) asQuietAt(period int, incident Incident) Alarm {
	consecutive := a.Consecutive()
	a.Period = period
	a.DatapointsToAlarm = a.Needed(incident)
	a.EvaluationPeriods = a.DatapointsToAlarm
	if !consecutive {
		a.EvaluationPeriods = IntermittentWindow(a.DatapointsToAlarm)
	}
	return a
}
