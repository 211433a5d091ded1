package kinds_test

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

const topicARN = "arn:aws:sns:eu-central-1:123456789012:pages"

func alarm(changes In) Draft {
	return func(lab *Lab) In {
		alarmTopic(lab, keyPolicyOf(administer, cloudWatchMay), ownersMay)
		return changed(In{
			"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 5, "threshold": 1.5,
			"namespace": "AWS/ApplicationELB", "metricName": "HTTPCode_Target_5XX_Count", "period": 60, "statistic": "Sum",
			"dimensions": In{"LoadBalancer": "app/web/1"}, "alarmActions": []any{topicARN},
		}, changes)
	}
}

// ownersMay is the policy that a topic has when it was given none; cloudWatchMay lets CloudWatch use a key for alarms of the account.
const (
	ownersMay = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"SNS:Publish","Resource":"` + topicARN +
		`","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}`
	cloudWatchMay = `{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}`
)

// alarmTopic puts a topic with a key and these policies into the world.
func alarmTopic(lab *Lab, ofKey, ofTopic string) {
	lab.Put(kinds.Key, "one", In{"arn": keyOne, "policy": ofKey})
	lab.Put(kinds.Topic, topicARN, In{"arn": topicARN, "name": "pages", "kmsMasterKeyId": keyOne, "policy": ofTopic})
}

// alarmTo is an alarm whose topic is as given.
func alarmTo(ofKey, ofTopic string, topic In) Draft {
	return func(lab *Lab) In {
		inputs := alarm(nil)(lab)
		lab.world.things = nil
		alarmTopic(lab, ofKey, ofTopic)
		if topic != nil {
			lab.world.things = lab.world.things[:1]
			lab.Put(kinds.Topic, topicARN, changed(In{"arn": topicARN, "name": "pages", "policy": ofTopic}, topic))
		}
		return inputs
	}
}

func sum(id, metric string) In {
	return In{"id": id, "metric": In{"namespace": "AWS/ApplicationELB", "metricName": metric, "period": 60, "stat": "Sum"}}
}

func ratio() In {
	return In{"id": "ratio", "expression": "IF(requests > 10, 100*errors/requests, 0)", "returnData": true}
}

// mathAlarm is an alarm on an expression over these queries.
func mathAlarm(changes In, queries ...any) Draft {
	return func(*Lab) In {
		return changed(In{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 2, "threshold": 5, "metricQueries": queries}, changes)
	}
}

func manyQueries(count int) []any {
	queries := []any{ratio(), sum("requests", "RequestCount"), sum("errors", "HTTPCode_Target_5XX_Count")}
	for index := range count {
		queries = append(queries, sum(fmt.Sprintf("m%d", index), "RequestCount"))
	}
	return queries
}

func manyDimensions(count int) In {
	dimensions := In{}
	for index := range count {
		dimensions[fmt.Sprintf("d%d", index)] = "x"
	}
	return dimensions
}

var _ = suite(kinds.MetricAlarm, Suite{
	Valid: map[string]Draft{
		"on a metric":       alarm(nil),
		"on a percentile":   alarm(In{"statistic": nil, "extendedStatistic": "p99.9", "evaluateLowSampleCountPercentiles": "ignore"}),
		"on an expression":  mathAlarm(nil, manyQueries(0)...),
		"on a band":         mathAlarm(In{"comparisonOperator": "GreaterThanUpperThreshold", "threshold": nil, "thresholdMetricId": "band"}, In{"id": "band", "expression": `ANOMALY_DETECTION_BAND(m1, 2)`}, changed(sum("m1", "RequestCount"), In{"returnData": true})),
		"every ten seconds": alarm(In{"period": 10, "datapointsToAlarm": 3}),
		"over a week":       alarm(In{"period": 3600, "evaluationPeriods": 168}),
		"whose topic has a policy": func(lab *Lab) In {
			lab.Put(kinds.TopicPolicy, topicARN, In{"arn": topicARN, "policy": publishing(topicARN)})
			return alarm(nil)(lab)
		},
		"that stops the VM":  alarm(In{"alarmActions": []any{"arn:aws:automate:eu-central-1:ec2:stop"}}),
		"with quoted labels": mathAlarm(nil, In{"id": "e1", "expression": `SUM(SEARCH('{aws/x} metricName="y"', 'Sum', 60))`, "returnData": true}),
	},
	Refusals: []Refusal{
		{Rule: "length of name", Draft: alarm(In{"name": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "length of alarmDescription", Draft: alarm(In{"alarmDescription": strings.Repeat("a", 1025)}), Says: "range (0 - 1024)"},
		{Rule: "length of metricName", Draft: alarm(In{"metricName": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "length of namespace", Draft: alarm(In{"namespace": strings.Repeat("a", 256)}), Says: "range (1 - 255)"},
		{Rule: "values of comparisonOperator", Draft: alarm(In{"comparisonOperator": "Above"}), Says: "got Above"},
		{Rule: "values of statistic", Draft: alarm(In{"statistic": "p99"}), Says: "got p99"},
		{Rule: "values of treatMissingData", Draft: alarm(In{"treatMissingData": "ok"}), Says: "got ok"},
		{Rule: "values of evaluateLowSampleCountPercentiles", Draft: alarm(In{"evaluateLowSampleCountPercentiles": "no"}), Says: "got no"},
		{Rule: "pattern of extendedStatistic", Draft: alarm(In{"statistic": nil, "extendedStatistic": "p101"}), Says: "a percentile such as p99"},
		{Rule: "exactly one of metricName, metricQueries", Draft: alarm(In{"metricName": nil, "statistic": nil, "period": nil, "namespace": nil, "dimensions": nil}), Says: "none is set"},
		{Rule: "statistic conflicts with extendedStatistic", Draft: alarm(In{"extendedStatistic": "p99"}), Says: "conflicts with extendedStatistic"},
		{Rule: "metricQueries conflicts with period", Draft: mathAlarm(In{"period": 60}, manyQueries(0)...), Says: "conflicts with period"},
		{Rule: "metricQueries conflicts with statistic", Draft: mathAlarm(In{"statistic": "Sum"}, manyQueries(0)...), Says: "conflicts with statistic"},
		{Rule: "metricQueries conflicts with dimensions", Draft: mathAlarm(In{"dimensions": In{"a": "b"}}, manyQueries(0)...), Says: "conflicts with dimensions"},
		{Rule: "metricQueries conflicts with namespace", Draft: mathAlarm(In{"namespace": "x"}, manyQueries(0)...), Says: "conflicts with namespace"},
		{Rule: "seconds of period", Draft: alarm(In{"period": 90}), Says: "must be 10, 20, 30, or a multiple of 60, got 90"},
		{Rule: "seconds of metricQueries[].metric.period", Draft: mathAlarm(nil, In{"id": "m1", "returnData": true, "metric": In{"metricName": "x", "period": 45, "stat": "Sum"}}), Says: "multiple of 60, got 45"},
		{Rule: "least of evaluationPeriods", Draft: alarm(In{"evaluationPeriods": 0}), Says: "at least (1), got 0"},
		{Rule: "least of datapointsToAlarm", Draft: alarm(In{"datapointsToAlarm": 0}), Says: "at least (1), got 0"},
		{Rule: "pattern of metricQueries[].id", Draft: mathAlarm(nil, changed(sum("Errors", "x"), In{"returnData": true})), Says: "a lower-case letter, then"},
		{Rule: "what a metric query returns", Draft: mathAlarm(nil, In{"id": "m1", "returnData": true}), Says: "exactly one of metric and expression"},
		{Rule: "a threshold", Draft: alarm(In{"threshold": nil}), Says: "GreaterThanThreshold needs threshold"},
		{Rule: "a threshold", Draft: alarm(In{"comparisonOperator": "GreaterThanUpperThreshold"}), Says: "needs thresholdMetricId"},
		{Rule: "datapoints beyond the periods", Draft: alarm(In{"datapointsToAlarm": 6}), Says: "PutMetricAlarm, api error ValidationError: DatapointsToAlarm must be less than or equal to EvaluationPeriods"},
		{Rule: "a statistic of the metric", Draft: alarm(In{"statistic": nil}), Says: "Exactly one of Statistic and ExtendedStatistic"},
		{Rule: "a namespace of the metric", Draft: alarm(In{"namespace": nil}), Says: "The parameter Namespace must be set"},
		{Rule: "a period of the metric", Draft: alarm(In{"period": nil}), Says: "The parameter Period must be set"},
		{Rule: "more than a day", Draft: alarm(In{"period": 1800, "evaluationPeriods": 49}), Says: "EvaluationPeriods * Period must be <= 86400"},
		{Rule: "more than a day", Draft: alarm(In{"period": 3600, "evaluationPeriods": 169}), Says: "ValidationError"},
		{Rule: "one query returns data", Draft: mathAlarm(nil, sum("a", "x"), sum("b", "y")), Says: "Exactly one element of the metrics list should return data."},
		{Rule: "ids of queries", Draft: mathAlarm(nil, append(manyQueries(0), sum("errors", "x"))...), Says: "not unique"},
		{Rule: "terms of expressions", Draft: mathAlarm(nil, manyQueries(0)[:2]...), Says: "an identifier is not the id of a metric"},
		{Rule: "queries of an alarm", Draft: mathAlarm(nil, manyQueries(18)...), Says: "size greater than 20"},
		{Rule: "dimensions of a metric", Draft: alarm(In{"dimensions": manyDimensions(31)}), Says: "size greater than 30"},
		{Rule: "actions of an alarm", Draft: alarm(In{"okActions": []any{topicARN, topicARN, topicARN, topicARN, topicARN, topicARN}}), Says: "size greater than 5"},
		{Rule: "actions of the Region", Draft: alarm(In{"alarmActions": []any{"arn:aws:sns:us-east-1:123456789012:pages"}}), Says: "Invalid region us-east-1 specified. Only eu-central-1 is supported."},
		{Rule: "actions of the Region", Draft: alarm(In{"okActions": []any{"pages"}}), Says: "Invalid arn syntax: pages"},
		{Rule: "actions of the Region", Draft: alarm(In{"okActions": []any{"arn:aws:sns:eu-central-1:210987654321:pages"}}), Says: "Invalid account 210987654321"},
		{Rule: "actions that arrive", Draft: alarm(In{"okActions": []any{topicARN + "-gone"}}), Says: "topic " + topicARN + "-gone does not exist"},
		{Rule: "actions that arrive", Draft: alarmTo(keyPolicyOf(administer), ownersMay, nil), Says: "does not let cloudwatch.amazonaws.com do kms:Decrypt"},
		{Rule: "actions that arrive", Draft: alarmTo(keyPolicyOf(cloudWatchMay), ownersMay, In{"kmsMasterKeyId": "alias/aws/sns"}), Says: "is encrypted under alias/aws/sns"},
		{Rule: "actions that arrive", Draft: alarmTo(keyPolicyOf(strings.Replace(cloudWatchMay, "123456789012", "210987654321", 1)), ownersMay, nil), Says: "kms:GenerateDataKey"},
		{Rule: "actions that arrive", Draft: alarmTo(keyPolicyOf(cloudWatchMay), strings.Replace(ownersMay, "123456789012\"}", "210987654321\"}", 1), nil), Says: "does not let cloudwatch.amazonaws.com do sns:Publish"},
		{Rule: "actions that arrive", Draft: func(lab *Lab) In {
			lab.Put(kinds.TopicPolicy, topicARN, In{"arn": topicARN, "policy": strings.Replace(publishing(topicARN), "cloudwatch", "events", 1)})
			return alarm(nil)(lab)
		}, Says: "does not let cloudwatch.amazonaws.com do sns:Publish"},
		{Rule: "a rule that names it", Draft: alarm(In{"name": "errors"}), Then: func(lab *Lab, _ *kinds.Thing) {
			lab.Put(kinds.CompositeAlarm, "impact", In{"alarmName": "impact", "alarmRule": `ALARM("errors") OR ALARM("latency")`})
		}, Says: "Cannot delete errors as there are composite alarm(s) depending on it: impact"},
	},
	Replaces: []Change{{Path: "name", Before: alarm(In{"name": "a"}), After: alarm(In{"name": "b"})}},
	Updates:  []Change{{Path: "threshold", Before: alarm(nil), After: alarm(In{"threshold": 2})}},
})
