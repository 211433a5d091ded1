package paging

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
)

// How late metrics are. No figure is documented for either; both are assumptions and inputs of Need.
const (
	// AssumedProbeDelay is for a probe that writes its metric at the end of every period.
	AssumedProbeDelay = 10
	// AssumedLoadBalancerDelay is for the metrics of an Application Load Balancer, which come once a minute.
	AssumedLoadBalancerDelay = 120
)

// Need is what the alarms of one service are planned from.
type Need struct {
	Incident   Incident
	Deadline   Deadline
	Resolution Resolution
	// SLO is left out (the zero value) where no error budget is watched.
	SLO SLO
	// Route is what lies between the alarms and the pager.
	Route Route
	// ProbeDelay and LoadBalancerDelay are how late the metrics are. Defaults: AssumedProbeDelay, AssumedLoadBalancerDelay.
	ProbeDelay, LoadBalancerDelay int
}

// Policy is the set of alarms that page for one service. Any of them pages: they are joined by OR in one composite alarm.
type Policy struct {
	Need Need
	// Probe is about probes from inside the VPC, which see the service with traffic and without. Silence breaches.
	Probe Alarm
	// ProbeIntermittent is the same signal for what comes and goes.
	ProbeIntermittent Alarm
	// Requests is about the share of the users' requests that fail, which the load balancer counts. Without requests it is silent.
	Requests Alarm
	// RequestsIntermittent is the same signal for what comes and goes.
	RequestsIntermittent Alarm
	// Burns are the alerts on the error budget; those without Page are tickets.
	Burns []Burn
}

// Plan is the alarms that stay quiet while an incident heals and page by the deadline when one does not, with the fewest datapoints
// that do so. When no such alarms exist, the failures say why and what would have to change.
func Plan(need Need) (Policy, []check.Failure) {
	found := check.New()
	if need.Resolution != Standard && need.Resolution != High {
		found.Fail("resolution", int(need.Resolution), "is none that probes write in", "use 60 s (standard) or 10 s (high)")
	}
	checkIncident(found.At("incident"), need.Incident)
	checkDeadline(found.At("deadline"), need.Deadline)
	checkRoute(found.At("route"), need.Route)
	checkDelay(found, "probeDelay", need.ProbeDelay)
	checkDelay(found, "loadBalancerDelay", need.LoadBalancerDelay)
	if failures := found.Failures(); len(failures) > 0 {
		return Policy{}, failures
	}
	policy := draft(need)
	for _, alarm := range policy.Alarms() {
		found.At(alarm.Name).Add(CheckAlarm(alarm, need.Incident, need.Deadline, need.Route)...)
	}
	if need.SLO != (SLO{}) {
		burns, failures := Burns(need.SLO, need.Incident)
		policy.Burns = burns
		found.At("slo").Add(failures...)
	}
	return policy, found.Failures()
}

func draft(need Need) Policy {
	probe := Alarm{Name: "probe", Missing: MissingBreaching, Delay: or(need.ProbeDelay, AssumedProbeDelay), DatapointsToAlarm: 1, EvaluationPeriods: 1}
	requests := Alarm{
		Name: "requests", Missing: MissingNotBreaching, Sparse: true, Delay: or(need.LoadBalancerDelay, AssumedLoadBalancerDelay),
		DatapointsToAlarm: 1, EvaluationPeriods: 1,
	}
	policy := Policy{
		Need:     need,
		Probe:    probe.asQuietAt(int(need.Resolution), need.Incident),
		Requests: requests.asQuietAt(minute, need.Incident),
	}
	policy.ProbeIntermittent = policy.Probe.intermittent()
	policy.RequestsIntermittent = policy.Requests.intermittent()
	return policy
}

// intermittent is the M-of-N alarm beside a consecutive one.
func (a Alarm) intermittent() Alarm {
	a.Name += "Intermittent"
	a.EvaluationPeriods = IntermittentWindow(a.DatapointsToAlarm)
	return a
}

// Alarms are the metric alarms of the policy, without those on the error budget.
func (p Policy) Alarms() []Alarm {
	return []Alarm{p.Probe, p.ProbeIntermittent, p.Requests, p.RequestsIntermittent}
}

// PagesBy is when a failure without a break has paged, with traffic or without: the probes see both.
func (p Policy) PagesBy() Bound { return p.Probe.PagesBy(p.Need.Route) }

// SilentBy is when the loss of the probes themselves has paged.
func (p Policy) SilentBy() Bound { return p.Probe.SilentBy(p.Need.Route) }

// IntermittentBy is when a failure in half of the periods has paged.
func (p Policy) IntermittentBy() Bound { return p.ProbeIntermittent.IntermittentBy(p.Need.Route) }

// Explain is the whole arithmetic as text for people, one line an item.
func (p Policy) Explain() string {
	var text strings.Builder
	incident := p.Need.Incident
	fmt.Fprintf(&text, "quiet: %s\n", p.Probe.touches(incident))
	for _, alarm := range p.Alarms() {
		fmt.Fprintf(&text, "%s: %s, missing data %s; an incident that heals touches %d\n",
			alarm.Name, alarm.describe(), alarm.Missing, Touched(incident.Length(), alarm.Period))
	}
	for _, line := range []struct {
		what  string
		bound Bound
	}{
		{"does not heal, pages by", p.PagesBy()},
		{"does not heal and requests fail, pages by", p.Requests.PagesBy(p.Need.Route)},
		{"probes silent, pages by", p.SilentBy()},
		{"comes and goes, pages by", p.IntermittentBy()},
	} {
		fmt.Fprintf(&text, "%s: %s\n", line.what, line.bound)
	}
	for _, burn := range p.Burns {
		fmt.Fprintf(&text, "budget, %s: %s\n", burn.Name, burn.Why)
	}
	return text.String()
}

func or(value, fallback int) int {
	if value == 0 {
		return fallback
	}
	return value
}
