package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A deploy is halted when, for two minutes in a row, more than 5 % of at least 20 requests a minute fail. Fewer requests say too
// little. The figures are ours, not AWS's. Load balancer metrics come once a minute, and only while there are requests; those
// for which no instance could be chosen are counted as errors of the load balancer and not as requests
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html). So all are added
// up, and an answer that counts on both sides only makes the share smaller.
const (
	haltErrorPercent    = 5
	haltMinutes         = 2
	haltExpression      = "IF(" + attempts + " >= 20, 100 * (FILL(targetErrors, 0) + FILL(balancerErrors, 0)) / " + attempts + ", 0)"
	attempts            = "(FILL(requests, 0) + FILL(balancerErrors, 0))"
	metricPeriodSeconds = 60
)

// buildDeployAlarm builds the alarm that halts a rolling replacement of instances. It notifies nobody.
func (s *ResilientService) buildDeployAlarm(ctx *pulumi.Context) (err error) {
	name := s.name + "-deploy"
	balancer := pulumi.StringMap{"LoadBalancer": s.built.loadBalancer.ArnSuffix}
	target := pulumi.StringMap{
		"LoadBalancer": s.built.loadBalancer.ArnSuffix, "TargetGroup": s.built.targetGroup.ArnSuffix,
	}
	s.built.alarm, err = cloudwatch.NewMetricAlarm(ctx, name, transformed(&cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String("Requests to service " + s.name + " fail; a running deploy is halted"),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(haltErrorPercent),
		EvaluationPeriods:  pulumi.Int(haltMinutes),
		DatapointsToAlarm:  pulumi.Int(haltMinutes),
		// Without requests there are no metrics, and nothing to hold against the new version.
		TreatMissingData: pulumi.String("notBreaching"),
		MetricQueries: cloudwatch.MetricAlarmMetricQueryArray{
			&cloudwatch.MetricAlarmMetricQueryArgs{
				Id: pulumi.String("errors"), Label: pulumi.String("failed requests in percent"),
				Expression: pulumi.String(haltExpression), ReturnData: pulumi.Bool(true),
			},
			sumOf("requests", "RequestCount", balancer),
			sumOf("targetErrors", "HTTPCode_Target_5XX_Count", target),
			sumOf("balancerErrors", "HTTPCode_ELB_5XX_Count", balancer),
		},
		Tags: tagsNamed(s.args.Tags, name),
	}, s.args.Transform.DeployAlarm), pulumi.Parent(s))
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
