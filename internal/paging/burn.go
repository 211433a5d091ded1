package paging

import (
	"fmt"
	"math"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// SLO is how much of the requests must succeed, over how long.
type SLO struct {
	// Target is the share that succeeds, such as 0.999.
	Target float64
	// Days is the window of the error budget. Default: 30.
	Days int
	// Surge is how many times the window's mean rate of requests arrives during an incident: retries, or an incident at the peak.
	// Default: 1, traffic as even as the clock.
	Surge float64
}

func (s SLO) days() int {
	if s.Days == 0 {
		return 30
	}
	return s.Days
}

func (s SLO) surge() float64 {
	if s.Surge == 0 {
		return 1
	}
	return s.Surge
}

// burnWindow is one row of the table of multiwindow, multi-burn-rate alerts: the share of the error budget that may be spent in the
// long window (https://sre.google/workbook/alerting-on-slos/, table 5-8).
type burnWindow struct {
	name        string
	long, short int
	spent       float64
	page        bool
}

var burnWindows = []burnWindow{
	{name: "fast", long: hour, short: 5 * minute, spent: 0.02, page: true},
	{name: "slow", long: 6 * hour, short: 30 * minute, spent: 0.05, page: true},
	{name: "trickle", long: 3 * 24 * hour, short: 6 * hour, spent: 0.10},
}

// Burn is an alert on how fast the error budget is spent: it holds while the share of failed requests exceeds Percent in the long
// window and in the short one. The long one says that it matters, the short one that it still goes on. Each is an alarm of one
// datapoint (alarms on metric math want one period for all metrics), joined by a composite alarm with AND.
type Burn struct {
	Name string
	// Long and Short are the windows in seconds: the periods of the two alarms.
	Long, Short int
	// Rate is how many times faster than evenly the budget is spent at the threshold.
	Rate float64
	// Percent is the threshold of both alarms: the share of failed requests.
	Percent float64
	// Page is false for what only writes a ticket.
	Page bool
	// Raised says that the threshold is higher than the workbook's, because an incident that heals would have crossed that.
	Raised bool
	// Why is the arithmetic for people.
	Why string
}

// PagesBy is when a constant share of failed requests, in percent, has held the alert, from a clean start.
func (b Burn) PagesBy(percent float64, delay int, route Route) Bound {
	if percent <= b.Percent {
		return never(fmt.Sprintf("%s %% of failed requests stays within %s %%", number(percent), number(b.Percent)))
	}
	filled := int(math.Floor(float64(b.Long)*b.Percent/percent)) + 1
	alarm := Alarm{Period: b.Long, Delay: delay}
	return alarm.arrive(Bound{}.plus(filled, Documented, "until the window of %d s holds more than %s %% failures", b.Long, number(b.Percent)), route)
}

// Share is the share of failed requests, in percent, that an incident without a single success leaves in a window around it.
func (s SLO) Share(incident Incident, window int) float64 {
	length := min(incident.Length(), window)
	failed := s.surge() * float64(length)
	return 100 * failed / (float64(window-length) + failed)
}

// Burns are the alerts on the error budget, whose thresholds an incident that heals does not cross: where the workbook's would be
// crossed, it is raised to what the incident leaves behind, and Why says so. Tickets keep the workbook's threshold.
func Burns(slo SLO, incident Incident) ([]Burn, []check.Failure) {
	found := check.New()
	if !(slo.Target > 0 && slo.Target < 1) {
		found.Fail("target", slo.Target, "must be a share between 0 and 1", "write 0.999 for 99.9 %")
	}
	if slo.Days < 0 || slo.days()*24*hour < 3*24*hour {
		found.Fail("days", slo.Days, "is shorter than the longest window of 3 days", "use 28 or 30")
	}
	if slo.Surge != 0 && !(slo.Surge >= 1 && slo.Surge <= 1000) {
		found.Fail("surge", slo.Surge, "must be between 1 and 1000", "use 1 for even traffic")
	}
	if failures := found.Failures(); len(failures) > 0 {
		return nil, failures
	}
	burns := make([]Burn, 0, len(burnWindows))
	for _, window := range burnWindows {
		burn := window.burn(slo, incident)
		if burn.Percent >= 100 {
			found.Fail("target", slo.Target, fmt.Sprintf("cannot be watched over %d s: %s", window.long, burn.Why),
				"raise the target, or leave it out: no share of failed requests exceeds 100 %")
			continue
		}
		burns = append(burns, burn)
	}
	return burns, found.Failures()
}

func (w burnWindow) burn(slo SLO, incident Incident) Burn {
	budget := 100 * (1 - slo.Target)
	rate := w.spent * float64(slo.days()*24*hour) / float64(w.long)
	burn := Burn{Name: w.name, Long: w.long, Short: w.short, Page: w.page, Rate: rate, Percent: round(rate * budget)}
	burn.Why = fmt.Sprintf("%s %% of %d days' budget in %d s is %s times the even rate: %s × %s %% = %s %% failed requests",
		number(100*w.spent), slo.days(), w.long, number(rate), number(rate), number(budget), number(burn.Percent))
	left := slo.Share(incident, w.long)
	if !w.page || left <= burn.Percent {
		return burn
	}
	burn.Why += fmt.Sprintf("; an incident of %d s that heals leaves %s %%, so the threshold is raised to that", incident.Length(), number(roundUp(left)))
	burn.Percent, burn.Raised = roundUp(left), true
	burn.Rate = burn.Percent / budget
	return burn
}

// CrossedBy says whether an incident that heals crosses the alert's threshold, and with what: for alerts with thresholds of their own.
func (b Burn) CrossedBy(slo SLO, incident Incident) (bool, string) {
	left := slo.Share(incident, b.Long)
	if left <= b.Percent {
		return false, fmt.Sprintf("an incident of %d s leaves %s %% in %d s, at most the threshold of %s %%", incident.Length(), number(left), b.Long, number(b.Percent))
	}
	return true, fmt.Sprintf("an incident of %d s leaves %s %% in %d s, above the threshold of %s %%", incident.Length(), number(left), b.Long, number(b.Percent))
}

func round(percent float64) float64   { return math.Round(percent*1000) / 1000 }
func roundUp(percent float64) float64 { return math.Ceil(percent*1000-1e-6) / 1000 }

func number(value float64) string { return fmt.Sprintf("%.4g", value) }
