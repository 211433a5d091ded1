// Package paging computes when an alarm pages: never for an incident that heals within the objective, whatever its alignment to the
// alarm's periods, and by a stated deadline for one that does not heal. It is arithmetic on what Amazon CloudWatch documents about how
// it evaluates alarms; where nothing is documented, the figure is an assumption and every result that rests on it says so.
// All times are whole seconds. Standard library only.
//
// Sources:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html (periods, datapoints, how often)
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (evaluation range, missing data)
package paging

// Missing is how an alarm treats periods without data, by AWS's names.
type Missing string

// The four treatments of missing data.
const (
	// MissingBreaching counts a missing datapoint as breaching: silence pages.
	MissingBreaching Missing = "breaching"
	// MissingNotBreaching counts it as fine: silence never pages.
	MissingNotBreaching Missing = "notBreaching"
	// MissingIgnore keeps the state: silence neither pages nor resolves.
	MissingIgnore Missing = "ignore"
	// MissingMissing is AWS's default. One breaching datapoint, followed by silence, then goes to ALARM however many datapoints the alarm
	// asks for ("- - X - -" in AWS's table).
	MissingMissing Missing = "missing"
)

// RangeExtra is by how many periods the evaluation range exceeds the evaluation periods: older datapoints that CloudWatch looks at when
// recent ones are missing. That the range is greater is documented; that it is greater by two is only AWS's one example (5 for 3).
// Silence therefore pages later than failures that are measured, and that figure is an assumption.
const RangeExtra = 2

// Periods of one minute or longer are evaluated every minute, 10, 20 and 30 s every 10 s. An alarm of less than an hour's period may look
// back a day, a longer one seven days
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const (
	minute       = 60
	highTick     = 10
	hour         = 3600
	longestRange = 24 * hour
	weekRange    = 7 * longestRange
)

// Alarm is a metric alarm as CloudWatch evaluates it.
type Alarm struct {
	// Name is only for people.
	Name string
	// Period is the length of one datapoint: 10, 20 or 30 s for high-resolution metrics, otherwise a multiple of 60 s.
	Period int
	// EvaluationPeriods is N: how many of the most recent datapoints are looked at.
	EvaluationPeriods int
	// DatapointsToAlarm is M: how many of the N must breach.
	DatapointsToAlarm int
	// Missing is the treatment of missing data.
	Missing Missing
	// Delay is how long after the end of a period its datapoint has arrived at the latest.
	Delay int
	// Sparse says that the metric may be silent while all is well, as a load balancer's is without requests.
	Sparse bool
}

// Consecutive says whether every datapoint that is looked at must breach.
func (a Alarm) Consecutive() bool { return a.DatapointsToAlarm == a.EvaluationPeriods }

// tick is how often CloudWatch evaluates the alarm.
func (a Alarm) tick() int {
	if a.Period < minute {
		return highTick
	}
	return minute
}

// late is how many of the most recent periods may not have arrived when the alarm is evaluated.
func (a Alarm) late() int { return ceil(a.Delay, a.Period) }

// Incident is one outage that heals as promised, as the users see it.
type Incident struct {
	// Objective is how long it may take until users get correct answers again.
	Objective int
	// Timeout is how long a request that began before that may still take to fail.
	Timeout int
	// Retries is how much longer clients and queues go on retrying, and failing.
	Retries int
}

// Length is how long errors are seen: the objective and the tail of what began before it was reached.
func (i Incident) Length() int { return i.Objective + i.Timeout + i.Retries }

// Deadline is by when a failure that does not heal has paged.
type Deadline struct {
	// Sustained is for a failure without a break, with traffic or without.
	Sustained int
	// Intermittent is for one that shows in half of the periods.
	Intermittent int
}

// Suppressor is what holds the actions of a composite alarm back while another alarm is in ALARM
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html).
type Suppressor struct {
	// Wait is the composite's ActionsSuppressorWaitPeriod, which passes before every action.
	Wait int
	// Extension is its ActionsSuppressorExtensionPeriod, which passes after the suppressor has left ALARM.
	Extension int
	// Longest is how long the suppressor stays in ALARM at most. 0 means that nothing bounds it, and then nothing bounds the page.
	Longest int
}

// AssumedDelivery is for the composite alarm, Amazon SNS and the pager together, for which no figures are documented.
const AssumedDelivery = 30

// Route is what lies between an alarm in ALARM and the pager.
type Route struct {
	// Delivery is how long the composite alarm, Amazon SNS and the pager take together. Default: AssumedDelivery.
	Delivery int
	// Suppressor is nil where nothing holds the page back.
	Suppressor *Suppressor
}

func (r Route) delivery() int {
	if r.Delivery == 0 {
		return AssumedDelivery
	}
	return r.Delivery
}

// Resolution is the period of the metrics that a service's probes write.
type Resolution int

const (
	// Standard is the resolution of a minute, which every metric has.
	Standard Resolution = 60
	// High is 10 s: metrics written with a storage resolution of 1 s, and alarms that are charged higher.
	High Resolution = 10
)

func ceil(value, by int) int {
	if value <= 0 || by <= 0 {
		return 0
	}
	return (value-1)/by + 1
}
