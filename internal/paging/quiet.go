package paging

// Touched is the most periods that an incident of length seconds can touch, at the worst alignment: ceil(length/period) + 1. A period
// that is touched at all may breach.
//
//	periods   |-----|-----|-----|-----|
//	incident      [150 s of errors]        4 periods of 60 s
func Touched(length, period int) int {
	if length <= 0 || period <= 0 {
		return 0
	}
	return ceil(length, period) + 1
}

// ConsecutiveNeeded is the fewest datapoints to alarm that an incident of length seconds cannot reach: one more than it can touch.
func ConsecutiveNeeded(length, period int) int { return Touched(length, period) + 1 }

// IntermittentWindow is the fewest evaluation periods among which a failure that shows in half of the periods shows in datapoints of
// them: 2M-1. Over all windows of that length the mean is M-1/2, so that some window holds M.
func IntermittentWindow(datapoints int) int { return 2*datapoints - 1 }

// Needed is the fewest datapoints to alarm that keep this alarm quiet during the incident. Where missing data counts as breaching, what
// has not arrived yet may count too: all of it but the one period by which the evaluation range is documented to be greater than the
// evaluation periods. It may as well where missing data is missing: breaches that are old enough, and nothing known since, are ALARM.
func (a Alarm) Needed(incident Incident) int {
	needed := ConsecutiveNeeded(incident.Length(), a.Period)
	if a.Missing == MissingBreaching || a.Missing == MissingMissing {
		needed += max(0, a.late()-1)
	}
	return needed
}

// Quiet says whether the alarm stays out of ALARM during an incident that heals, at every alignment. One incident: two within the
// evaluation periods count together, because what comes back has not healed.
func (a Alarm) Quiet(incident Incident) bool {
	return a.DatapointsToAlarm >= a.Needed(incident) && a.quietInSilence()
}

// quietInSilence says whether silence while all is well, or after an incident, leaves the alarm out of ALARM.
func (a Alarm) quietInSilence() bool {
	return !a.Sparse || a.Missing == MissingNotBreaching || a.Missing == MissingIgnore
}
