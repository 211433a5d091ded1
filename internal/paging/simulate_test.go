// Layer: rules (pure). CloudWatch's evaluation of one alarm, played through step by step from its documentation. It shares nothing with
// the package: no formula, no constant.
package paging_test

// Times here are half seconds, so that incidents can begin and end between the seconds too.
const second = 2

type reading byte

const (
	absent reading = iota
	fine
	breach
)

// cloudWatch is an alarm as AWS describes it (alarm-evaluation.html, alarms-and-missing-data.html).
type cloudWatch struct {
	period, evaluate, datapoints int // in half seconds, counts
	missing                      string
	// extra is by how much the evaluation range exceeds the evaluation periods, which AWS does not say.
	extra int
	// every and phase are when it is evaluated.
	every, phase int
	// slide lets periods longer than the ticks end at every tick ("minutes 1 to 5, then 2 to 6") instead of on multiples of the period.
	slide bool
	// measure is the datapoint over [from, to) as it would be once complete.
	measure func(from, to int) reading
	// delay is how late the datapoint that ends at to arrives.
	delay func(to int) int
}

// state is ALARM or not at one evaluation; keep says that the state stays as it was.
func (c cloudWatch) evaluateAt(now int, was bool) bool {
	grid := c.period
	if c.slide && c.every < c.period {
		grid = c.every
	}
	end := now - mod(now, grid)
	window := make([]reading, 0, c.evaluate+c.extra) // the most recent first
	for index := range c.evaluate + c.extra {
		to := end - index*c.period
		seen := absent
		if to+c.delay(to) <= now {
			seen = c.measure(to-c.period, to)
		}
		window = append(window, seen)
	}
	var real []reading
	for _, each := range window {
		if each != absent && len(real) < c.evaluate {
			real = append(real, each)
		}
	}
	breaching := 0
	for _, each := range real {
		if each == breach {
			breaching++
		}
	}
	if len(real) == c.evaluate {
		return breaching >= c.datapoints
	}
	return c.fill(window, real, breaching, was)
}

// fill is the evaluation with fewer real datapoints than evaluation periods.
func (c cloudWatch) fill(window, real []reading, breaching int, was bool) bool {
	switch c.missing {
	case "breaching":
		return breaching+c.evaluate-len(real) >= c.datapoints
	case "notBreaching":
		return breaching >= c.datapoints
	case "ignore":
		if len(real) == 0 {
			return was
		}
		return breaching >= c.datapoints
	}
	// missing: what is known decides. When nothing known is fine, the oldest breach is enough once it is as old as the datapoints asked for.
	oldest := 0
	for age, each := range window {
		if each == fine {
			return breaching >= c.datapoints
		}
		if each == breach {
			oldest = age + 1
		}
	}
	return breaching >= c.datapoints || oldest >= c.datapoints && oldest > 0
}

// firstAlarm is when it goes to ALARM between from and until, or -1.
func (c cloudWatch) firstAlarm(from, until int) int {
	was := false
	start := from - mod(from-c.phase, c.every)
	for now := start; now <= until; now += c.every {
		if was = c.evaluateAt(now, was); was && now >= from {
			return now
		}
	}
	return -1
}

func mod(value, by int) int { return ((value % by) + by) % by }
