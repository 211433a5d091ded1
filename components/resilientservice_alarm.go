package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A deploy is rolled back when, for two minutes in a row, more than 5 % of at least 20 requests a minute fail. Fewer requests say too
// little. The figures are ours, not AWS's. Load balancer metrics come once a minute, and only while there are requests
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html).
const (
	rollbackErrorPercent = 5
	rollbackMinutes      = 2
	rollbackExpression   = "IF(requests >= 20, 100 * (FILL(targetErrors, 0) + FILL(balancerErrors, 0)) / requests, 0)"
	metricPeriodSeconds  = 60
)

// buildRollbackAlarm builds the alarm that stops and reverts a rolling replacement of instances. It notifies nobody.
func (s *ResilientService) buildRollbackAlarm(ctx *pulumi.Context) (err error) {
	name := s.name + "-rollback"
	balancer := pulumi.StringMap{"LoadBalancer": s.built.loadBalancer.ArnSuffix}
	target := pulumi.StringMap{
		"LoadBalancer": s.built.loadBalancer.ArnSuffix, "TargetGroup": s.built.targetGroup.ArnSuffix,
	}
	s.built.alarm, err = cloudwatch.NewMetricAlarm(ctx, name, transformed(&cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String("Requests to service " + s.name + " fail; a running deploy is rolled back"),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(rollbackErrorPercent),
		EvaluationPeriods:  pulumi.Int(rollbackMinutes),
		DatapointsToAlarm:  pulumi.Int(rollbackMinutes),
		// Without requests there are no metrics, and nothing to hold against the new version.
		TreatMissingData: pulumi.String("notBreaching"),
		MetricQueries: cloudwatch.MetricAlarmMetricQueryArray{
			&cloudwatch.MetricAlarmMetricQueryArgs{
				Id: pulumi.String("errors"), Label: pulumi.String("failed requests in percent"),
				Expression: pulumi.String(rollbackExpression), ReturnData: pulumi.Bool(true),
			},
			sumOf("requests", "RequestCount", balancer),
			sumOf("targetErrors", "HTTPCode_Target_5XX_Count", target),
			sumOf("balancerErrors", "HTTPCode_ELB_5XX_Count", balancer),
		},
		Tags: tagsNamed(s.args.Tags, name),
	}, s.args.Transform.RollbackAlarm), pulumi.Parent(s))
	return err
}

func sumOf(id, metric string, dimensions pulumi.StringMap) *cloudwatch.MetricAlarmMetricQueryArgs {
	return &cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String(id),
		Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
			Namespace: pulumi.String("AWS/ApplicationELB"), MetricName: pulumi.String(metric), Dimensions: dimensions,
			Period: pulumi.Int(metricPeriodSeconds), Stat: pulumi.String("Sum"),
		},
	}
}
