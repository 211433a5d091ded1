package kinds

import (
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html and
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
const (
	mostActions    = 5
	mostDimensions = 30
	mostQueries    = 20
	daySeconds     = 86400
	hourSeconds    = 3600
)

var (
	comparisons = []string{
		"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
		"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold",
	}
	bandComparisons  = comparisons[4:]
	statistics       = []string{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
	extendedForm     = regexp.MustCompile(`^((p|tm|tc|ts|wm)[0-9]{1,2}(\.[0-9]{1,10})?|(p|tm|tc|ts|wm)100|IQM|(PR|TM|TC|TS|WM)\([0-9.%]*:[0-9.%]*\))$`)
	queryID          = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)
	queryWord        = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z][A-Za-z0-9_]*`)
	onlyLower        = regexp.MustCompile(`^[a-z]`)
	alarmActionLists = []string{"alarmActions", "okActions", "insufficientDataActions"}
)

var _ = register(&Kind{
	Token:    MetricAlarm,
	Args:     cloudwatch.MetricAlarmArgs{},
	Resource: &cloudwatch.MetricAlarm{},
	API:      API{Service: "CloudWatch", Noun: "CloudWatch Metric Alarm", Create: "PutMetricAlarm", Update: "PutMetricAlarm", Delete: "DeleteAlarms"},
	Name:     &AutoName{Property: "name", Max: 255},
	Defaults: []Default{{Path: "actionsEnabled", Value: Flag(true)}, {Path: "treatMissingData", Value: Text("missing")}},
	Rules: []Rule{
		LengthIn("name", 1, 255), LengthIn("alarmDescription", 0, 1024), LengthIn("metricName", 1, 255), LengthIn("namespace", 1, 255),
		OneOf("comparisonOperator", comparisons...), OneOf("statistic", statistics...),
		OneOf("treatMissingData", "breaching", "notBreaching", "ignore", "missing"), OneOf("evaluateLowSampleCountPercentiles", "evaluate", "ignore"),
		Matching("extendedStatistic", extendedForm, "a percentile such as p99 or another statistic of CloudWatch"),
		ExactlyOne("metricName", "metricQueries"), Conflicting("statistic", "extendedStatistic"),
		Conflicting("metricQueries", "period"), Conflicting("metricQueries", "statistic"), Conflicting("metricQueries", "dimensions"), Conflicting("metricQueries", "namespace"),
		alarmPeriod("period"), alarmPeriod("metricQueries[].metric.period"), atLeastOne("evaluationPeriods"), atLeastOne("datapointsToAlarm"),
		Matching("metricQueries[].id", queryID, "a lower-case letter, then letters, digits and underscores"),
		{Name: "what a metric query returns", Broken: eachQuery(func(query Value) *Refusal {
			if query.At("metric").Exists() == query.At("expression").Exists() {
				return Refuse(query.Path(), "%s: exactly one of metric and expression must be specified", query.Path())
			}
			return nil
		})},
		{Name: "a threshold", Broken: alarmThreshold},
		apiRule("datapoints beyond the periods", "datapointsToAlarm", func(d *Draft) bool { return d.Int("datapointsToAlarm") > d.Int("evaluationPeriods") },
			"DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
		apiRule("a statistic of the metric", "statistic", func(d *Draft) bool {
			return d.Has("metricName") && !d.Has("statistic") && !d.Has("extendedStatistic")
		}, "Exactly one of Statistic and ExtendedStatistic must be specified"),
		apiRule("a namespace of the metric", "namespace", func(d *Draft) bool { return d.Has("metricName") && !d.Has("namespace") }, "The parameter Namespace must be set"),
		apiRule("a period of the metric", "period", func(d *Draft) bool { return d.Has("metricName") && !d.Has("period") }, "The parameter Period must be set"),
		apiRule("more than a day", "evaluationPeriods", alarmSpan, "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)"),
		apiRule("one query returns data", "metricQueries", oneReturns, "Exactly one element of the metrics list should return data."),
		apiRule("ids of queries", "metricQueries", repeatedQuery, "The values for parameter Id in parameter list are not unique"),
		apiRule("terms of expressions", "metricQueries", unknownTerm, "Error in expression: an identifier is not the id of a metric of this alarm"),
		apiRule("queries of an alarm", "metricQueries", func(d *Draft) bool { return len(d.Each("metricQueries[]")) > mostQueries }, "The collection MetricDataQueries must not have a size greater than 20."),
		apiRule("dimensions of a metric", "dimensions", tooManyDimensions, "The collection Dimensions must not have a size greater than 30."),
		apiRule("actions of an alarm", "alarmActions", func(d *Draft) bool {
			return slices.ContainsFunc(alarmActionLists, func(list string) bool { return len(d.Each(list+"[]")) > mostActions })
		}, "The collection AlarmActions must not have a size greater than 5."),
		{Name: "actions of the Region", Stage: AtApply, Code: "ValidationError", Broken: foreignAction},
		{Name: "actions that arrive", Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal { return lostAction(d, d.Text("name")) }},
	},
	DeleteRules: []DeleteRule{{Name: "a rule that names it", Code: "ValidationError", Blocked: namedByRule}},
	Replaces:    []string{"name"},
	Sets:        alarmActionLists,
	ID:          func(d *Draft) string { return d.Output("name").Text() },
	Computed: []Output{
		{Name: "arn", Value: func(d *Draft) resource.PropertyValue {
			return Text(d.ARN("cloudwatch", "alarm:"+d.Output("name").Text()))
		}},
		fixed("evaluateLowSampleCountPercentiles", Text("")),
	},
})

// apiRule refuses with ValidationError, which is the code of most refusals of CloudWatch and of Auto Scaling.
func apiRule(name, path string, broken func(d *Draft) bool, message string) Rule {
	return Rule{Name: name, Stage: AtApply, Code: "ValidationError", Broken: func(d *Draft) *Refusal {
		if broken(d) {
			return Refuse(path, "%s", message)
		}
		return nil
	}}
}

func atLeastOne(path string) Rule {
	return Rule{Name: "least of " + path, Broken: func(d *Draft) *Refusal {
		if n := d.Int(path); d.Has(path) && !d.At(path).Unknown() && n < 1 {
			return Refuse(path, "expected %s to be at least (1), got %d", path, n)
		}
		return nil
	}}
}

// alarmPeriod takes 10, 20, 30 and multiples of 60 seconds.
func alarmPeriod(path string) Rule {
	return Rule{Name: "seconds of " + path, Broken: func(d *Draft) *Refusal {
		for _, value := range d.Each(path) {
			n := value.Int()
			if !value.Unknown() && n != 10 && n != 20 && n != 30 && (n < 60 || n%60 != 0) {
				return Refuse(value.Path(), "%q must be 10, 20, 30, or a multiple of 60, got %d", value.Path(), n)
			}
		}
		return nil
	}}
}

func eachQuery(broken func(query Value) *Refusal) func(d *Draft) *Refusal {
	return func(d *Draft) *Refusal {
		for _, query := range d.Each("metricQueries[]") {
			if refusal := broken(query); refusal != nil {
				return refusal
			}
		}
		return nil
	}
}

func alarmThreshold(d *Draft) *Refusal {
	if slices.Contains(bandComparisons, d.Text("comparisonOperator")) {
		if !d.Has("thresholdMetricId") {
			return Refuse("thresholdMetricId", "%s needs thresholdMetricId", d.Text("comparisonOperator"))
		}
		return nil
	}
	if !d.Has("threshold") || d.Has("thresholdMetricId") {
		return Refuse("threshold", "%s needs threshold, and no thresholdMetricId", d.Text("comparisonOperator"))
	}
	return nil
}

// alarmSpan: all evaluated periods together are a day at most, or a week when each is an hour or longer.
func alarmSpan(d *Draft) bool {
	periods := []int{d.Int("period")}
	for _, period := range d.Each("metricQueries[].metric.period") {
		periods = append(periods, period.Int())
	}
	longest := slices.Max(periods)
	most := daySeconds
	if longest >= hourSeconds {
		most = 7 * daySeconds
	}
	return longest*d.Int("evaluationPeriods") > most
}

func oneReturns(d *Draft) bool {
	returning := 0
	for _, query := range d.Each("metricQueries[]") {
		if query.At("returnData").Bool() {
			returning++
		}
	}
	return d.Has("metricQueries") && returning != 1
}

func repeatedQuery(d *Draft) bool {
	seen := map[string]bool{}
	for _, id := range d.Each("metricQueries[].id") {
		if seen[id.Text()] {
			return true
		}
		seen[id.Text()] = true
	}
	return false
}

// unknownTerm is true when an expression names an id that no query has. Functions are in capitals, ids begin with a
// lower-case letter: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html.
func unknownTerm(d *Draft) bool {
	ids := map[string]bool{}
	for _, id := range d.Each("metricQueries[].id") {
		ids[id.Text()] = true
	}
	for _, expression := range d.Each("metricQueries[].expression") {
		for _, word := range queryWord.FindAllString(expression.Text(), -1) {
			if onlyLower.MatchString(word) && !ids[word] {
				return true
			}
		}
	}
	return false
}

func tooManyDimensions(d *Draft) bool {
	for _, metric := range append(d.Each("metricQueries[].metric.dimensions"), d.At("dimensions")) {
		if len(metric.Keys()) > mostDimensions {
			return true
		}
	}
	return false
}

// foreignAction refuses an action that is no ARN, or that is in another Region or account.
func foreignAction(d *Draft) *Refusal {
	for _, action := range alarmActions(d) {
		arn := splitARN(action.Text())
		switch {
		case arn == nil:
			return Refuse(action.Path(), "Invalid arn syntax: %s", action.Text())
		case arn.region != d.Region:
			return Refuse(action.Path(), "Invalid region %s specified. Only %s is supported.", arn.region, d.Region)
		case arn.account != "" && arn.account != d.Account && arn.service != "automate":
			return Refuse(action.Path(), "Invalid account %s specified in %s", arn.account, action.Text())
		}
	}
	return nil
}
