package components

import (
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Severity is what becomes of an alarm.
type Severity string

const (
	// Page calls somebody now: users are affected, and it has not healed. Such an alarm notifies nobody by itself. The one composite alarm of its
	// service does.
	Page Severity = "page"
	// Ticket waits until morning: a cause, a warning, or redundancy that is missing.
	Ticket Severity = "ticket"
)

// Comparison is how a datapoint breaches.
type Comparison string

const (
	// Above breaches when the value is greater than the threshold.
	Above Comparison = "GreaterThanThreshold"
	// Below breaches when the value is less than the threshold.
	Below Comparison = "LessThanThreshold"
)

// MissingData is what an alarm takes a period without data for
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
type MissingData string

const (
	// Breaching takes silence for the failure.
	Breaching MissingData = "breaching"
	// NotBreaching takes silence for no failure.
	NotBreaching MissingData = "notBreaching"
	// Unchanged keeps the state as it is.
	Unchanged MissingData = "ignore"
)

// Metric is one metric of CloudWatch.
type Metric struct {
	// Namespace, Name and Statistic are CloudWatch's, such as AWS/SQS, ApproximateAgeOfOldestMessage, Maximum, or p99.
	Namespace, Name, Statistic string
	// Dimensions are all the dimensions of the metric: CloudWatch finds nothing with one fewer.
	Dimensions pulumi.StringMap
}

// Term is a metric in an expression, under an id that begins with a lower-case letter.
type Term struct {
	ID string
	Metric
}

// Alarm is one line of a component's table of signals.
type Alarm struct {
	// Name follows the name of what is watched, as in tickets-errors.
	Name string
	// Metric is what is looked at; with Expression it is nothing but a label.
	Metric Metric
	// Expression is CloudWatch's metric maths over Terms
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html), empty for a plain metric.
	Expression string
	Terms      []Term
	// A datapoint breaches when it compares so with Threshold.
	Comparison Comparison
	Threshold  float64
	// Period is the seconds of one datapoint. Datapoints of the last Periods must breach.
	Period, Datapoints, Periods int
	// Missing is what a period without data counts for.
	Missing MissingData
	// Severity is what becomes of it.
	Severity Severity
	// Why says what it means, to the person who is called.
	Why string
	// Playbook is the name of what to do, playbooks/NAME.md.
	Playbook string
}

// AlarmLine is one alarm as a table shows it: plain values only.
type AlarmLine struct {
	// Alarm is the logical name of the alarm, Subject what it watches.
	Alarm, Subject string
	// Signal is the metric with its statistic, or the expression.
	Signal string
	// Breaches is the comparison and the threshold, such as > 5.
	Breaches string
	// Datapoints of Periods, of Period seconds each.
	Datapoints, Periods, Period int
	Missing                     MissingData
	Severity                    Severity
	Why, Playbook               string
}

// Alarms is the table of everything that is watched so far, in the order in which it was.
func (a *AlertingStack) Alarms() []AlarmLine { return append([]AlarmLine(nil), a.lines...) }

func (alarm Alarm) line(subject string) AlarmLine {
	signal, sign := alarm.Metric.Namespace+" "+alarm.Metric.Name+" "+alarm.Metric.Statistic, ">"
	if alarm.Expression != "" {
		signal = alarm.Expression
	}
	if alarm.Comparison == Below {
		sign = "<"
	}
	return AlarmLine{
		Alarm: subject + "-" + alarm.Name, Subject: subject, Signal: signal, Breaches: sign + " " + strconv.FormatFloat(alarm.Threshold, 'f', -1, 64),
		Datapoints: alarm.Datapoints, Periods: alarm.Periods, Period: alarm.Period, Missing: alarm.Missing, Severity: alarm.Severity,
		Why: alarm.Why, Playbook: alarm.Playbook,
	}
}

// description is what the person who is called reads first.
func (alarm Alarm) description() string {
	return alarm.Why + ". What to do: playbooks/" + alarm.Playbook + ".md"
}

// watch builds the alarms of one subject. Tickets notify; what pages is left to the composite alarm.
func (a *AlertingStack) watch(ctx *pulumi.Context, subject string, alarms ...Alarm) error {
	for _, alarm := range alarms {
		if _, err := a.alarm(ctx, subject, alarm); err != nil {
			return err
		}
	}
	return nil
}

// alarm builds one alarm at home.
func (a *AlertingStack) alarm(ctx *pulumi.Context, subject string, alarm Alarm) (*cloudwatch.MetricAlarm, error) {
	a.lines = append(a.lines, alarm.line(subject))
	return a.alarmIn(ctx, subject+"-"+alarm.Name, alarm, a.built.ticket, nil)
}

// recoveryAlarm builds one alarm in the recovery Region.
func (a *AlertingStack) recoveryAlarm(ctx *pulumi.Context, subject string, alarm Alarm) (*cloudwatch.MetricAlarm, error) {
	alarm.Name += "-recovery"
	a.lines = append(a.lines, alarm.line(subject))
	return a.alarmIn(ctx, subject+"-"+alarm.Name, alarm, a.built.recoveryTicket, a.args.RecoveryProvider)
}

func (a *AlertingStack) alarmIn(
	ctx *pulumi.Context, name string, alarm Alarm, tickets *alertedTopic, provider pulumi.ProviderResource,
) (*cloudwatch.MetricAlarm, error) {
	args := &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.String(alarm.description()), ComparisonOperator: pulumi.String(string(alarm.Comparison)),
		Threshold: pulumi.Float64(alarm.Threshold), EvaluationPeriods: pulumi.Int(alarm.Periods), DatapointsToAlarm: pulumi.Int(alarm.Datapoints),
		TreatMissingData: pulumi.String(string(alarm.Missing)), Tags: tagsNamed(a.args.Tags, name),
	}
	if alarm.Severity == Ticket {
		// What is over says so to the same topic.
		topic := pulumi.Array{tickets.arn}
		args.AlarmActions, args.OkActions = topic, topic
	}
	alarm.measure(args)
	options := append(childOf(a, provider), pulumi.DependsOn(a.built.policies))
	return cloudwatch.NewMetricAlarm(ctx, name, transformed(args, a.args.Transform.Alarm), options...)
}

// measure says what the alarm looks at.
func (alarm Alarm) measure(args *cloudwatch.MetricAlarmArgs) {
	if alarm.Expression == "" {
		args.Namespace, args.MetricName = pulumi.String(alarm.Metric.Namespace), pulumi.String(alarm.Metric.Name)
		args.Dimensions, args.Period = alarm.Metric.Dimensions, pulumi.Int(alarm.Period)
		if isPercentile(alarm.Metric.Statistic) {
			args.ExtendedStatistic = pulumi.String(alarm.Metric.Statistic)
		} else {
			args.Statistic = pulumi.String(alarm.Metric.Statistic)
		}
		return
	}
	queries := cloudwatch.MetricAlarmMetricQueryArray{&cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("result"), Label: pulumi.String(alarm.Name), Expression: pulumi.String(alarm.Expression), ReturnData: pulumi.Bool(true),
	}}
	for _, term := range alarm.Terms {
		queries = append(queries, &cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(term.ID),
			Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(term.Namespace), MetricName: pulumi.String(term.Name), Dimensions: term.Dimensions,
				Period: pulumi.Int(alarm.Period), Stat: pulumi.String(term.Statistic),
			},
		})
	}
	args.MetricQueries = queries
}

// isPercentile tells a statistic such as p99 from Sum and its like.
func isPercentile(statistic string) bool { return len(statistic) > 1 && statistic[0] == 'p' }
