package paging

import (
	"fmt"
	"strings"
)

// Grade says what a figure rests on.
type Grade string

const (
	// Documented figures follow from AWS's documentation and the configuration.
	Documented Grade = "documented"
	// Assumed figures have no official source.
	Assumed Grade = "assumed"
)

// Term is one part of a bound.
type Term struct {
	Seconds int    `json:"seconds"`
	What    string `json:"what"`
	Grade   Grade  `json:"grade"`
}

// Bound is by when an alarm has paged, at the worst alignment, and what the time is made of.
type Bound struct {
	Seconds int    `json:"seconds"`
	Terms   []Term `json:"terms"`
	// Never is why there is no bound. Seconds and Terms mean nothing then.
	Never string `json:"never,omitempty"`
}

// Grade is Assumed as soon as one term is.
func (b Bound) Grade() Grade {
	for _, term := range b.Terms {
		if term.Grade == Assumed {
			return Assumed
		}
	}
	return Documented
}

// Within says whether there is a bound and it is no later than seconds.
func (b Bound) Within(seconds int) bool { return b.Never == "" && b.Seconds <= seconds }

// String is the arithmetic for people, such as "60 s until … + 300 s of … = 460 s".
func (b Bound) String() string {
	if b.Never != "" {
		return "never: " + b.Never
	}
	parts := make([]string, 0, len(b.Terms))
	for _, term := range b.Terms {
		part := fmt.Sprintf("%d s %s", term.Seconds, term.What)
		if term.Grade == Assumed {
			part += " (assumed)"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("%s = %d s", strings.Join(parts, " + "), b.Seconds)
}

func never(why string) Bound { return Bound{Never: why} }

func (b Bound) plus(seconds int, grade Grade, format string, args ...any) Bound {
	if b.Never != "" || seconds == 0 {
		return b
	}
	b.Seconds += seconds
	b.Terms = append(b.Terms, Term{Seconds: seconds, What: fmt.Sprintf(format, args...), Grade: grade})
	return b
}

// PagesBy is when a failure without a break, which the metric measures, has paged: the first period may have begun before it.
func (a Alarm) PagesBy(route Route) Bound {
	if late := a.late(); late > RangeExtra && (a.Missing == MissingNotBreaching || a.Missing == MissingIgnore) {
		return never(fmt.Sprintf("up to %d periods have not arrived, more than the %d by which the evaluation range is greater, and count as %s",
			late, RangeExtra, a.Missing))
	}
	bound := a.start().plus(a.DatapointsToAlarm*a.Period, Documented, "of %d breaching periods", a.DatapointsToAlarm)
	return a.arrive(bound, route)
}

// SilentBy is when an alarm whose metric has fallen silent has paged. Datapoints from before the silence count for as long as the
// evaluation range holds them.
func (a Alarm) SilentBy(route Route) Bound {
	if a.Missing != MissingBreaching {
		return never(fmt.Sprintf("missing data is treated as %s", a.Missing))
	}
	bound := a.start().plus(a.DatapointsToAlarm*a.Period, Documented, "of %d missing periods", a.DatapointsToAlarm).
		plus(RangeExtra*a.Period, Assumed, "in which older datapoints are in the evaluation range")
	return a.arrive(bound, route)
}

// IntermittentBy is when a failure that shows in half of the periods has paged. Only periods of 10 and 60 s have one: each evaluation
// sees exactly one new period, whereas the windows of the others overlap from evaluation to evaluation.
func (a Alarm) IntermittentBy(route Route) Bound {
	window := IntermittentWindow(a.DatapointsToAlarm)
	switch {
	case a.Period != highTick && a.Period != minute:
		return never("periods other than 10 and 60 s overlap from one evaluation to the next")
	case a.EvaluationPeriods < window:
		return never(fmt.Sprintf("half of %d periods is fewer than %d datapoints", a.EvaluationPeriods, a.DatapointsToAlarm))
	}
	if sustained := a.PagesBy(route); sustained.Never != "" {
		return sustained
	}
	bound := a.start().plus(window*a.Period, Documented, "of %d periods, %d of them breaching", window, a.DatapointsToAlarm)
	return a.arrive(bound, route)
}

func (a Alarm) start() Bound {
	return Bound{}.plus(a.Period, Documented, "until the first whole period")
}

func (a Alarm) arrive(bound Bound, route Route) Bound {
	bound = bound.plus(a.Delay, Assumed, "until the datapoint has arrived").
		plus(a.tick(), Documented, "until the next evaluation")
	if hold := route.Suppressor; hold != nil {
		if hold.Longest == 0 {
			return never("nothing bounds how long the suppressor stays in ALARM")
		}
		bound = bound.plus(hold.Wait, Documented, "of the suppressor's wait period").
			plus(hold.Longest, Documented, "while the suppressor is in ALARM").
			plus(hold.Extension, Documented, "of its extension period")
	}
	return bound.plus(route.delivery(), Assumed, "from the alarm to the pager")
}
